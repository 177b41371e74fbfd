import Messages

/// The ways to reach one person, and which of them wake somebody.
enum PersonalChannel: String, CaseIterable {
  case push, sms, voice, email, slack

  var isAudible: Bool {
    switch self {
    case .push, .sms, .voice: true
    case .email, .slack: false
    }
  }

  static func isAudible(_ channel: String) -> Bool { PersonalChannel(rawValue: channel)?.isAudible ?? false }

  static let names = allCases.map(\.rawValue).joined(separator: ", ")
}

extension Severity {
  /// Bad enough that nothing may keep it quiet.
  var mustBeHeard: Bool { self == .sev1 || self == .sev2 }

  /// "SEV-1"
  var words: String { self == .unspecified ? "SEV-?" : "SEV-\(rawValue)" }
}
