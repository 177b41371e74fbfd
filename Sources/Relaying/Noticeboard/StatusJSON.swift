import JSON
import Messages

/// The status page for programs.
enum StatusJSON {
  static func text(_ view: StatusView) -> String {
    let notices = (view.notices ?? []).map { notice in
      let updates = notice.updates.map { update in
        object([
          ("at", time(update.at)), ("status", JSONText.quoted(update.status.lowercased())),
          ("impact", JSONText.quoted(update.impact)), ("actions", JSONText.quoted(update.actions)),
          ("next", JSONText.quoted(update.next)), ("eta", JSONText.quoted(update.eta)),
        ])
      }
      return object([
        ("id", "\"\(notice.id)\""), ("open", notice.isOpen ? "true" : "false"),
        ("status", JSONText.quoted(notice.status.lowercased())), ("headline", JSONText.quoted(notice.headline)),
        ("began_at", time(notice.beganAt)), ("ended_at", time(notice.endedAt)),
        ("updates", "[\(updates.joined(separator: ","))]"),
      ])
    }
    return object([
      ("title", JSONText.quoted(view.title)), ("known", view.notices == nil ? "false" : "true"),
      ("current", view.isCurrent ? "true" : "false"), ("as_of", time(view.at)), ("open", "\(view.open.count)"),
      ("notices", "[\(notices.joined(separator: ","))]"),
    ]) + "\n"
  }

  private static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
  }

  private static func time(_ instant: Instant) -> String { instant.isSet ? "\"\(instant.rfc3339)\"" : "null" }
}
