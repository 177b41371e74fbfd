import Messages

/// The words in which enums of the protocol are shown to people.
extension Severity {
  var word: String { self == .unspecified ? "" : "SEV-\(rawValue)" }
}

extension IncidentState {
  var word: String {
    switch self {
    case .unspecified: ""
    case .triggered: "nobody has it"
    case .acknowledged: "acknowledged"
    case .resolved: "resolved"
    }
  }
}

extension UpdateStatus {
  static let choices: [UpdateStatus] = [.investigating, .identified, .monitoring, .resolved]

  var word: String {
    switch self {
    case .unspecified: ""
    case .investigating: "Investigating"
    case .identified: "Identified"
    case .monitoring: "Monitoring"
    case .resolved: "Resolved"
    }
  }
}

extension AnswerDeed {
  var word: String {
    switch self {
    case .unspecified: "Answer"
    case .acknowledge: "Acknowledge"
    case .escalate: "Escalate"
    case .resolve: "Resolve"
    }
  }
}

extension PagePurpose {
  var word: String {
    switch self {
    case .duty, .unspecified: "paged"
    case .headsUp: "heads-up"
    case .reminder: "reminded"
    case .tell: "told"
    case .test: "test"
    case .synthetic: "synthetic"
    case .watch: "watch"
    }
  }
}

/// A tier of on-call duty, in the procedure's words.
enum DutyTier {
  static func word(_ tier: UInt32) -> String {
    switch tier {
    case 1: "Primary"
    case 2: "Secondary"
    case 3: "Tertiary"
    case 4: "Executives"
    default: ""
    }
  }
}
