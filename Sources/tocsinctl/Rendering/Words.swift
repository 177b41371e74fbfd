import Messages

/// The words in which enums of the protocol are shown.
extension Severity {
  var word: String { self == .unspecified ? "-" : "SEV-\(rawValue)" }
}

extension IncidentState {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .triggered: "triggered"
    case .acknowledged: "acknowledged"
    case .resolved: "resolved"
    }
  }
}

extension AlertState {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .open: "open"
    case .acknowledged: "acknowledged"
    case .resolved: "resolved"
    }
  }
}

extension Disposition {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .opened: "opened"
    case .counted: "counted"
    case .closed: "closed"
    case .acknowledged: "acknowledged"
    case .noted: "noted"
    case .unchanged: "unchanged"
    case .passedOn: "passed on"
    }
  }
}

extension UpdateStatus {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .investigating: "Investigating"
    case .identified: "Identified"
    case .monitoring: "Monitoring"
    case .resolved: "Resolved"
    }
  }
}

extension PagePurpose {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .duty: "duty"
    case .headsUp: "heads-up"
    case .reminder: "reminder"
    case .tell: "for information"
    case .test: "test"
    case .synthetic: "synthetic"
    case .watch: "watch"
    }
  }
}

extension DeliveryState {
  var word: String {
    switch self {
    case .unspecified: "-"
    case .planned: "planned"
    case .due: "due"
    case .handedOver: "handed over"
    case .failed: "failed"
    case .unknown: "unknown"
    case .cancelled: "cancelled"
    case .retrying: "retrying"
    case .accepted: "accepted"
    case .delivered: "delivered"
    case .seen: "seen"
    case .acknowledged: "acknowledged"
    }
  }
}

extension ServingStatus {
  var word: String {
    switch self {
    case .serving: "SERVING"
    case .notServing: "NOT SERVING"
    case .unspecified, .serviceUnknown: "unknown"
    }
  }
}

/// A tier of on-call duty, in the procedure's words.
enum DutyTier {
  static func word(_ tier: UInt32) -> String {
    switch tier {
    case 1: "primary"
    case 2: "secondary"
    case 3: "tertiary"
    case 4: "executives"
    default: "-"
    }
  }
}
