import Foundation
import Messages

/// What an HTTP conversation's end means for the page, where the provider has no words of its own for it.
extension HandOverOutcome {
  init(_ end: Conversation.End) {
    switch end {
    case .answered(let answer): self.init(answer)
    case .refused(let words): self.init(.failedPrecondition, words)
    case .neverSent(let words): self.init(.unavailable, words)
    case .turnedAway(let wait):
      self.init(.unavailable, "busy: too many requests to the same host are under way", retryAfter: wait)
    case .cutOff(let words): self.init(.unknown, words)
    }
  }

  /// A gateway that got no answer (502, 504) doesn't know whether the provider acted on the request.
  ///
  /// - Parameter words: the provider's, taken out of what it answered; all of that otherwise.
  init(_ answer: Conversation.Answer, words: String? = nil) {
    let words = "\(answer.status) \(words ?? answer.body)"
    switch answer.status {
    case 200..<300: self.init(.ok, words)
    case 429: self.init(.resourceExhausted, words, retryAfter: answer.retryAfter)
    case 502, 504: self.init(.unknown, words, retryAfter: answer.retryAfter)
    case 408, 425, 500...: self.init(.unavailable, words, retryAfter: answer.retryAfter)
    default: self.init(.failedPrecondition, words)
    }
  }
}

extension Conversation.Answer {
  /// The body as a JSON object; empty when it is none.
  var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:] }
}
