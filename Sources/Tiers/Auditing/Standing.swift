import CivilTime
import Messages
import Wire

/// How the thing that a call is about stands, for the audit: asked before the call's facts are applied and after.
public struct Standing: Sendable {
  /// Its values; nil: it isn't there.
  var values: MessageValues?
  /// What the answer says of the change, for people.
  var words: String
  /// How the call ended: an answer to a page is taken, and may be refused all the same.
  var status: Status
  /// Values that the answer has compared itself.
  var changes: [AuditChange]

  /// - Parameter hidden: fields that say nothing of what somebody did.
  init<Message: WireMessage>(
    _ message: Message?, hiding hidden: Set<String> = [], words: String = "", status: Status = .ok
  ) {
    values = message.map { MessageValues(of: $0, hiding: hidden.union(Self.personal), instant: Self.text) }
    self.words = words
    self.status = status
    changes = []
  }

  /// A configuration says itself what is different, a line each.
  init(_ reply: ConfigureReply) {
    words = ""
    status = .ok
    changes = reply.changes.map { AuditChange(name: "configuration", after: $0) }
  }

  /// Addresses are in no record (N7), nor are codes that somebody was sent.
  static let personal: Set<String> = ["address", "masked", "salt", "code"]

  static let text: @Sendable (Instant) -> String = { $0.rfc3339 }
}
