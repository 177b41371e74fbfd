import Cryptography
import JSON
import Messages
import Serving

/// Answers in the shape of Opsgenie's.
struct OpsgenieWords: AnswerWords {
  /// - Parameter key: by which the alert can be closed; what asks for the request later finds it in its id.
  func accepted(_ key: String = RandomText.hex(32), result: String = "Request will be processed") -> WebAnswer {
    .json(
      202,
      #"{"result":\#(JSONText.quoted(result)),"took":0.001,"requestId":\#(JSONText.quoted(Self.request(of: key)))}"#)
  }

  func stranger() -> WebAnswer { complaint(401, "API key is missing, or none that is known here") }

  func invalid(_ words: String) -> WebAnswer {
    complaint(422, "Request body is not processable. Please check the errors.", errors: words)
  }

  func later(_ words: String, after seconds: Int64, isThrottle: Bool) -> WebAnswer {
    var answer = complaint(isThrottle ? 429 : 503, words)
    answer.headers["Retry-After"] = "\(seconds)"
    if isThrottle {
      answer.headers["X-RateLimit-State"] = "THROTTLED"
      answer.headers["X-RateLimit-Reason"] = "INTEGRATION"
      answer.headers["X-RateLimit-Period-In-Sec"] = "\(seconds)"
    }
    return answer
  }

  func refused(_ status: Int, _ words: String) -> WebAnswer { complaint(status, words) }

  func tooLarge(atMost bytes: Int) -> WebAnswer { complaint(413, "at most \(bytes) bytes are taken") }

  func complaint(_ status: Int, _ words: String, errors: String = "") -> WebAnswer {
    let errors = errors.isEmpty ? "" : #","errors":{"body":\#(JSONText.quoted(errors))}"#
    return .json(
      status,
      #"{"message":\#(JSONText.quoted(words))\#(errors),"took":0.001,"requestId":"\#(RandomText.hex(32))"}"#)
  }

  /// What happened to a request: it had been done when it was answered.
  func done(_ request: String) -> WebAnswer {
    guard let key = Self.key(of: request) else { return complaint(404, "Request not found") }
    let name = JSONText.quoted(key)
    return .json(
      200,
      #"{"data":{"success":true,"isSuccess":true,"action":"","processedAt":"\#(Self.now())","integrationId":"","status":"Processed","alertId":\#(name),"alias":\#(name)},"took":0.001,"requestId":\#(JSONText.quoted(request))}"#
    )
  }

  // MARK: Ids of requests

  /// Nothing is remembered here, so that the id of a request says which alert it was about.
  static func request(of key: String) -> String { HexText.of(key.utf8) }

  static func key(of request: String) -> String? {
    guard !request.isEmpty, let bytes = HexText.bytes(request) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func now() -> String { WallClock.text(WallClock.now()) }
}
