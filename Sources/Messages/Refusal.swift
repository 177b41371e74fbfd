/// Why something asked for was not done: a status, words for people, and the field and rule at fault.
public struct Refusal: Error, Hashable, Sendable {
  public var status: Status
  public var message: String
  /// The field at fault in the words of the `.proto`, such as `severity`; empty when none is.
  public var field: String
  /// How long to wait before trying again; nil leaves it to the caller's own back-off.
  public var retryAfter: Span?

  public init(_ status: Status, _ message: String, field: String = "", retryAfter: Span? = nil) {
    self.status = status
    self.message = message
    self.field = field
    self.retryAfter = retryAfter
  }

  public static func invalid(_ field: String, _ message: String) -> Refusal {
    Refusal(.invalidArgument, message, field: field)
  }
  public static func notFound(_ message: String, field: String = "") -> Refusal {
    Refusal(.notFound, message, field: field)
  }
}
