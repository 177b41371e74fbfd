import Messages

/// The policies of a run, in the few numbers that promises need: the shipped one, and two with other clocks that somebody applies
/// in some runs while incidents are open (`PolicyChanges`). The shipped numbers are written down here again, so that a rule that
/// reads the policy wrongly can't make itself right.
enum PolicyTimes: CaseIterable {
  case shipped, hasty, patient

  /// How long after the alert tier 2 is paged.
  func secondTier(_ severity: Severity) -> Span {
    switch (self, severity) {
    case (.shipped, .sev1): .minutes(10)
    case (.shipped, .sev2): .minutes(15)
    case (.shipped, _): .minutes(60)
    case (.hasty, .sev1): .minutes(6)
    case (.hasty, .sev2): .minutes(11)
    case (.hasty, _): .minutes(40)
    case (.patient, .sev1): .minutes(13)
    case (.patient, .sev2): .minutes(18)
    case (.patient, _): .minutes(75)
    }
  }

  /// How long an acknowledgement holds when nothing follows it.
  func lapse(_ severity: Severity) -> Span {
    switch (self, severity) {
    case (.shipped, .sev1), (.shipped, .sev2): .minutes(30)
    case (.shipped, _): .hours(4)
    case (.hasty, .sev1), (.hasty, .sev2): .minutes(25)
    case (.hasty, _): .hours(3)
    case (.patient, .sev1), (.patient, .sev2): .minutes(40)
    case (.patient, _): .hours(5)
    }
  }

  /// The longest time in which the chain, also past its top, pages nobody.
  func chain(_ severity: Severity) -> Span {
    let pastTheTop: Span =
      switch severity {
      case .sev1: .minutes(10)
      case .sev2: .minutes(25)
      default: .minutes(120)
      }
    return max(pastTheTop, secondTier(severity))
  }

  /// The longest time in which nobody is paged once somebody has answered: updates may keep it quiet for as long as the shipped
  /// policy's acknowledgement holds.
  func quietAfterAnswer(_ severity: Severity) -> Span { max(lapse(severity), Self.shipped.lapse(severity)) }

  /// The same of all policies here.
  static func topTier(_ severity: Severity) -> UInt32 {
    switch severity {
    case .sev1: 4
    case .sev2, .sev3: 3
    default: 2
    }
  }

  /// When a page's push is followed by an SMS, by the default ladder; by e-mail if the phone is kept for other things.
  static let sms = Span.minutes(2)

  /// The manager's phone is for emergencies, the VP's for a SEV-1. Words about no incident have no severity.
  static func ringsThePhone(of person: String, _ severity: Severity) -> Bool {
    switch person {
    case "mia": severity == .sev1 || severity == .sev2
    case "vera": severity == .sev1
    default: true
    }
  }
}
