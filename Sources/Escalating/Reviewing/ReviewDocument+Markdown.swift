import Messages

extension ReviewDocument {
  /// The review, then its evidence: the alerts, what was changed, and the timeline. Times are UTC.
  public var markdown: String {
    let review = review ?? Review()
    var lines = ["# Post-incident review - \(review.incidentId): \(review.summary)", "", "## Review"]
    lines += Self.facts(of: review).filter { !$0.1.isEmpty }.map { "- \($0.0): \($0.1)" }
    lines += Self.list("Attendance", review.attended)
    lines += ["", "## Findings"]
    for kind in FindingKind.inOrder {
      let found = review.findings.filter { $0.kind == kind }
      guard !found.isEmpty else { continue }
      lines += ["", "### \(kind.heading)", ""] + found.map { "- \($0.text) (\($0.by))" }
    }
    if review.findings.isEmpty { lines.append("- none") }
    lines += Self.list("Action items", review.actions.filter { $0.kind != .runbook }.map(Self.line))
    lines += Self.list("Runbook updates", review.actions.filter { $0.kind == .runbook }.map(Self.line))
    lines += Self.list("Alerts", review.alerts.map(Self.line), more: review.moreAlerts)
    lines += Self.list("Changes", review.changes.map(Self.line))
    return lines.map(TimelineDocument.oneLine).joined(separator: "\n") + "\n\n"
      + (timeline ?? TimelineDocument()).markdown
  }

  private static func facts(of review: Review) -> [(String, String)] {
    let moment = TimelineDocument.moment
    let state =
      switch review.state {
      case .held: "held \(moment(review.heldAt))"
      case .closed: "closed \(moment(review.closedAt)) by \(review.closedBy), held \(moment(review.heldAt))"
      case .open, .unspecified: "open"
      }
    return [
      ("State", state), ("Owner", review.owner), ("Team", review.team),
      ("Due", review.dueAt.isSet ? moment(review.dueAt) : "after the incident, which is open again"),
      ("Severity", "\(review.severity.words), the gravest that the incident had"), ("Service", review.service),
      ("Incident", "\(moment(review.beganAt)) to \(review.endedAt.isSet ? moment(review.endedAt) : "now")"),
    ]
  }

  private static func list(_ heading: String, _ entries: [String], more: UInt64 = 0) -> [String] {
    ["", "## \(heading)"] + (entries.isEmpty ? ["- none"] : entries.map { "- \($0)" })
      + (more == 0 ? [] : ["- and \(more) more"])
  }

  private static func line(_ action: ReviewAction) -> String {
    let end = action.isOpen ? "" : "; done \(TimeText.date(action.doneAt)) by \(action.doneBy)"
    return "[\(action.isOpen ? " " : "x")] \(action.number). \(action.text) (\(action.owner), by "
      + "\(TimeText.date(action.dueAt))\(end))"
  }

  private static func line(_ alert: ReviewAlert) -> String {
    "\(alert.id), \(alert.severity.words): \(alert.summary.isEmpty ? "part of it" : alert.summary)"
  }

  private static func line(_ change: Change) -> String {
    let link = change.links.first.map { ", \($0.href)" } ?? ""
    return
      "\(TimelineDocument.moment(change.happenedAt)) \(change.service): \(change.summary) (\(change.source)\(link))"
  }
}

extension FindingKind {
  static let inOrder: [FindingKind] = [.impact, .cause, .wentWell, .wentBadly, .unspecified]

  fileprivate var heading: String {
    switch self {
    case .unspecified: "Further findings"
    case .impact: "Impact"
    case .cause: "Causes"
    case .wentWell: "What went well"
    case .wentBadly: "What went badly"
    }
  }
}
