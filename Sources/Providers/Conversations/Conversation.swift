import Foundation
import Messages

/// One HTTP request with a body, and how it can end.
struct Conversation: Sendable {
  struct Answer: Hashable, Sendable {
    var status: Int
    var body: String
    var retryAfter: Span?
    var headers = AnswerHead()
  }
  enum End: Hashable, Sendable {
    case answered(Answer)
    /// It could not even be begun, and never can: the address is none, or one where requests may not go.
    case refused(String)
    /// The request did not leave whole: it can't have been acted on.
    case neverSent(String)
    /// It was not begun, because its host has as many as it may have and is slow.
    case turnedAway(retryAfter: Span)
    /// The request left and no whole answer came: it may have been acted on.
    case cutOff(String)

    var isAnswer: Bool { if case .answered = self { true } else { false } }
  }
  enum Method: Sendable {
    case post, get
  }
  var url: String
  var method = Method.post
  var headers: [String]
  var body: [UInt8]
  /// PEM, the authorities to trust instead of the machine's.
  var caFile = ""
  /// By no proxy, whatever the environment says.
  var isDirect = false
  /// How long it may take in all, where that is less than others may.
  var timeout: Span?
  /// What is longer is cut off there.
  var answerBytesAtMost = Conversations.answerBytes
  /// Where it may go instead of where all may; its connection is then used for nothing else.
  var reach: Reach?

  /// Where it goes, by the name under which the notifier counts what is under way there.
  var host: String { HostName.of(url) }
}
