import Messages

extension TrainingItem {
  /// What a solo week needs (requirement P3), in the procedure's order.
  static let neededForSolo: [TrainingItem] = [
    .playbookReview, .runbookWalkthroughs, .toolAccessSetup, .shadowRotation1, .shadowRotation2, .productionAccess,
    .pushDevice,
  ]
  /// What recurs: it is reminded of and doesn't bar. Days until it is due again.
  static let continuing: [(item: TrainingItem, days: Int)] = [
    (.postIncidentReview, 182), (.runbookReview, 92), (.toolUpdates, 182), (.processFeedback, 182),
  ]

  var words: String {
    switch self {
    case .unspecified: "nothing"
    case .playbookReview: "incident-response playbook review (1 h)"
    case .runbookWalkthroughs: "runbook walkthroughs (2 h)"
    case .toolAccessSetup: "tool-access setup (1 h)"
    case .shadowRotation1: "shadow rotation 1 (1 week)"
    case .shadowRotation2: "shadow rotation 2 (1 week)"
    case .soloRotation: "solo rotation with a team lead behind (1 week)"
    case .productionAccess: "production access"
    case .pushDevice: "a verified push device"
    case .postIncidentReview: "post-incident review attended"
    case .runbookReview: "quarterly runbook review"
    case .toolUpdates: "tool updates"
    case .processFeedback: "process feedback"
    }
  }
}
