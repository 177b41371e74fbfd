import JSON
import Serving

/// The shapes in which the Events API complains.
struct PagerDutyWords: AnswerWords {
  /// Version 1 says 403 where version 2 says 429.
  var isFirst = false

  /// The key is in the body, so a wrong one is an event that isn't right.
  func stranger() -> WebAnswer { invalid("\(isFirst ? "service_key" : "routing_key") is invalid") }

  func invalid(_ words: String) -> WebAnswer {
    .json(
      400,
      #"{"status":"invalid event","message":"Event object is invalid","errors":[\#(JSONText.quoted(words))]}"#)
  }

  func unreadable(_ words: String) -> WebAnswer {
    .json(
      400,
      #"{"status":"Unrecognized object","message":"Event object format is unrecognized","errors":["JSON parse error",\#(JSONText.quoted(words))]}"#
    )
  }

  func later(_ words: String, after seconds: Int64, isThrottle: Bool) -> WebAnswer {
    let status = isThrottle ? (isFirst ? 403 : 429) : 503
    let kind = isThrottle ? "throttle exceeded" : "try again later"
    return .json(
      status, #"{"status":"\#(kind)","message":\#(JSONText.quoted(words)),"errors":[]}"#,
      headers: ["Retry-After": "\(seconds)"])
  }

  func refused(_ status: Int, _ words: String) -> WebAnswer {
    .json(
      status, #"{"status":"invalid event","message":"Request is invalid","errors":[\#(JSONText.quoted(words))]}"#)
  }

  func tooLarge(atMost bytes: Int) -> WebAnswer {
    .json(
      413,
      #"{"status":"invalid event","message":"Event object is too large","errors":["at most \#(bytes) bytes are taken"]}"#
    )
  }
}
