import Messages

/// What becomes of its review, in an incident's timeline.
extension TimelineText {
  static func review(_ kind: EscalationFact.Kind) -> (kind: String, person: String, text: String)? {
    switch kind {
    case .reviewOpened(let fact):
      (
        "review", fact.owner,
        "it is to be reviewed by \(Escalations.moment(fact.dueAt))"
          + (fact.owner.isEmpty ? "; nobody is known who sees to it" : ", which \(fact.owner) sees to")
      )
    case .reviewTold(let fact):
      (
        "review", fact.people.first ?? "",
        !fact.toldWith.isEmpty
          ? "said with the review of \(fact.toldWith)"
          : "word to \(fact.people.isEmpty ? "nobody" : fact.people.joined(separator: ", ")): \(fact.text)"
      )
    case .reviewAttended(let fact):
      (
        "attended", fact.by,
        "\(fact.people.joined(separator: ", ")) \(fact.absent ? "did not attend" : "attended") the review, says \(fact.by)"
      )
    case .reviewFound(let fact):
      fact.finding.map { finding in
        (
          "finding", finding.by,
          "finding \(finding.number) by \(finding.by)"
            + (finding.text.isEmpty ? " is taken back" : "\(finding.kind.label): \(finding.text)")
        )
      }
    case .reviewActionSet(let fact):
      fact.action.map { action in
        (
          "action", action.owner,
          action.text.isEmpty
            ? "action \(action.number) is taken back"
            : "action \(action.number)\(action.kind == .runbook ? ", runbook" : ""), by \(TimeText.date(action.dueAt)) "
              + "for \(action.owner): \(action.text)"
        )
      }
    case .reviewTicked(let fact):
      ("action", fact.by, "action \(fact.number) is \(fact.undo ? "to be done again" : "done"), says \(fact.by)")
    case .reviewReassigned(let fact): ("review", fact.by, "\(fact.by) gives the review to \(fact.to)")
    case .reviewClosed(let fact): ("review", fact.by, "review closed by \(fact.by)")
    default: nil
    }
  }
}

extension FindingKind {
  fileprivate var label: String {
    switch self {
    case .unspecified: ""
    case .impact: ", impact"
    case .cause: ", cause"
    case .wentWell: ", what went well"
    case .wentBadly: ", what went badly"
    }
  }
}
