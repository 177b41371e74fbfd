import Messages

/// Reviews as people read them.
enum ReviewText {
  static func show(_ reply: ReviewReply, _ global: GlobalOptions, whole: Bool = false) throws {
    try Answer.show(reply, global.output) {
      if !reply.explanation.isEmpty { print(SafeText.line(reply.explanation)) }
      guard whole, let review = reply.review else { return }
      facts(review, global.times)
      findings(review)
      actions(review, global.times)
      alerts(review)
      guard !review.changes.isEmpty else { return }
      print("")
      ChangeText.table(review.changes, global.times).print(otherwise: "")
    }
  }

  private static func facts(_ review: Review, _ times: Times) {
    Answer.facts([
      ("review of", "\(review.incidentId)  \(review.severity.word)  \(review.state.word)"),
      ("summary", review.summary), ("service", review.service), ("team", review.team), ("owner", review.owner),
      ("incident opened", times.full(review.beganAt)),
      ("was over", review.endedAt.isSet ? times.full(review.endedAt) : "it is open again"),
      ("due", review.dueAt.isSet ? "\(times.full(review.dueAt)), \(times.relative(review.dueAt))" : ""),
      ("held", times.full(review.heldAt)), ("attended", review.attended.joined(separator: ", ")),
      ("closed", review.closedAt.isSet ? "\(times.full(review.closedAt)) by \(review.closedBy)" : ""),
    ])
  }

  private static func findings(_ review: Review) {
    guard !review.findings.isEmpty else { return }
    print("")
    var table = Table("FINDING", "ABOUT", "BY", "WHAT")
    for finding in review.findings { table.add("\(finding.number)", finding.kind.word, finding.by, finding.text) }
    table.print(otherwise: "")
  }

  private static func actions(_ review: Review, _ times: Times) {
    guard !review.actions.isEmpty else { return }
    print("")
    var table = Table("ACTION", "KIND", "OWNER", "DUE (\(times.zone))", "DONE", "WHAT")
    for action in review.actions {
      table.add(
        "\(action.number)", action.kind.word, action.owner, times.short(action.dueAt),
        action.doneBy.isEmpty ? (action.dueAt <= times.now ? "overdue" : "no") : action.doneBy, action.text)
    }
    table.print(otherwise: "")
  }

  private static func alerts(_ review: Review) {
    guard review.alerts.count > 1 else { return }
    print("")
    var table = Table("ALERT", "SEVERITY", "WHAT")
    for alert in review.alerts {
      table.add(alert.id, alert.severity.word, alert.summary.isEmpty ? "part of it" : alert.summary)
    }
    table.print(otherwise: "")
    if review.moreAlerts > 0 { print("and \(review.moreAlerts) more") }
  }

  static func due(_ review: Review, _ times: Times) -> String {
    guard review.state != .closed else { return "-" }
    guard review.dueAt.isSet else { return "open again" }
    return (review.dueAt <= times.now ? "overdue, " : "") + times.relative(review.dueAt)
  }

  /// "3, 1 overdue"
  static func open(_ review: Review, _ times: Times) -> String {
    let open = review.actions.filter(\.doneBy.isEmpty)
    let late = open.filter { $0.dueAt <= times.now }.count
    return late == 0 ? "\(open.count)" : "\(open.count), \(late) overdue"
  }
}

extension ReviewState {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .open: "open"
    case .held: "held"
    case .closed: "closed"
    }
  }
}

extension FindingKind {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .impact: "impact"
    case .cause: "cause"
    case .wentWell: "went-well"
    case .wentBadly: "went-badly"
    }
  }
}

extension ReviewActionKind {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .followUp: "follow-up"
    case .runbook: "runbook"
    }
  }
}
