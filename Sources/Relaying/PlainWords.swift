import JSON
import Messages
import Serving

/// Words for people and scripts, where a format prescribes none.
struct PlainWords: AnswerWords {
  func stranger() -> WebAnswer {
    .text(401, "no key, or none that is known here\n", headers: ["WWW-Authenticate": "Bearer"])
  }
  func invalid(_ words: String) -> WebAnswer { .text(400, words + "\n") }
  func later(_ words: String, after seconds: Int64, isThrottle: Bool) -> WebAnswer {
    .text(503, words + "\n", headers: ["Retry-After": "\(seconds)"])
  }
  func refused(_ status: Int, _ words: String) -> WebAnswer { .text(status, words + "\n") }
  func tooLarge(atMost bytes: Int) -> WebAnswer { .text(413, "at most \(bytes) bytes are taken here\n") }
}
