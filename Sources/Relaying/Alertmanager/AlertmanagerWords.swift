import JSON
import Serving

/// What Alertmanager and Prometheus make of an answer decides its status: of 5xx they try again, and nothing else, 429 included.
struct AlertmanagerWords: AnswerWords {
  func stranger() -> WebAnswer {
    .text(401, "no key, or none that is known here\n", headers: ["WWW-Authenticate": "Bearer"])
  }
  /// A JSON string, as Alertmanager's own API has it.
  func invalid(_ words: String) -> WebAnswer { .json(400, JSONText.quoted(words)) }
  func later(_ words: String, after seconds: Int64, isThrottle: Bool) -> WebAnswer {
    .json(503, JSONText.quoted(words), headers: ["Retry-After": "\(seconds)"])
  }
  func refused(_ status: Int, _ words: String) -> WebAnswer { .json(status, JSONText.quoted(words)) }
  func tooLarge(atMost bytes: Int) -> WebAnswer { .json(413, JSONText.quoted("at most \(bytes) bytes are taken")) }
}
