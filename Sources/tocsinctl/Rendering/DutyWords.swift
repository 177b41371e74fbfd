import Messages

/// The words in which enums of the schedule are shown.
extension Role {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .engineer: "engineer"
    case .teamLead: "team lead"
    case .engineeringManager: "engineering manager"
    case .vp: "VP"
    case .cto: "CTO"
    }
  }
}

extension TrainingItem {
  /// As configuration and commands name it.
  var word: String {
    switch self {
    case .unspecified: "-"
    case .playbookReview: "playbook-review"
    case .runbookWalkthroughs: "runbook-walkthroughs"
    case .toolAccessSetup: "tool-access-setup"
    case .shadowRotation1: "shadow-rotation-1"
    case .shadowRotation2: "shadow-rotation-2"
    case .soloRotation: "solo-rotation"
    case .productionAccess: "production-access"
    case .pushDevice: "push-device"
    case .postIncidentReview: "post-incident-review"
    case .runbookReview: "runbook-review"
    case .toolUpdates: "tool-updates"
    case .processFeedback: "process-feedback"
    }
  }
}

extension AbsenceKind {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .timeOff: "time off"
    case .sick: "sick leave"
    case .cannotHold: "can't hold"
    }
  }
}

extension SwapState {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .open: "open"
    case .agreed: "agreed"
    case .declined: "declined"
    case .withdrawn: "withdrawn"
    case .lapsed: "lapsed"
    }
  }
}

extension Because {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .rotation: "rotation"
    case .override: "override"
    case .contactList: "contact list"
    case .nobody: "gap"
    case .extrapolated: "extrapolated"
    case .swap: "swap"
    case .cover: "cover"
    }
  }

  /// What stands behind a name in a calendar; empty for what a rotation gave.
  var mark: String {
    switch self {
    case .override: "*"
    case .swap: "~"
    case .cover: "+"
    case .nobody: "!"
    case .unspecified, .rotation, .contactList, .extrapolated: ""
    }
  }

  /// Whether people arranged it, as opposed to a rotation.
  var isArranged: Bool { self == .override || self == .swap || self == .cover }
}

extension PayKind {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .stipend: "stipend"
    case .afterHours: "after hours"
    case .weekend: "weekend"
    }
  }
}

extension CompDayState {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .earned: "earned"
    case .requested: "requested"
    case .planned: "planned"
    case .taken: "taken"
    case .lapsed: "lapsed"
    case .withdrawn: "withdrawn"
    }
  }
}
