import Messages

/// One HTTP request, and how it can end.
struct Conversation: Sendable {
  enum End: Hashable, Sendable {
    case answered(status: Int, body: String, retryAfter: Span?)
    /// It could not even be begun, and never can: the address is none.
    case refused(String)
    /// The request did not leave whole: it can't have been acted on.
    case neverSent(String)
    /// The request left and no whole answer came: it may have been acted on.
    case cutOff(String)
  }
  enum Method: Sendable {
    case post, get
  }
  var url: String
  var method = Method.post
  var headers: [String]
  var body: [UInt8]
}
