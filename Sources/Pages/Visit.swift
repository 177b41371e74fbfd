import Messages
import Serving

/// Who has signed in.
struct Visitor: Hashable, Sendable {
  var id: String
  var name: String
  /// Goes along in each of their forms: another site's page can't know it.
  var formSeal: String
  /// The session that is shown; nil: a proxy has seen who they are, and there is none here to end.
  var session: Session?

  var isForwarded: Bool { session == nil }
}

/// One request to a page, and who asks.
struct Visit: Sendable {
  var request: WebRequest
  /// The address that it comes from, behind proxies of ours; empty where it isn't known.
  var from = ""
  /// What stands where the route's path has "*", unescaped.
  var wild: [String] = []
  var visitor: Visitor?
  var now: Instant
  /// What came of what the reader has just done.
  var said = ""

  var form: FormFields { FormFields(typed: request.body) }
  var query: FormFields { FormFields(typed: request.head.query.utf8) }

  /// For handlers behind the door.
  var by: String { visitor?.id ?? "" }
}
