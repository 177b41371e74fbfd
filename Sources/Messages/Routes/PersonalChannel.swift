/// The ways to reach one person, and which of them wake somebody (requirement N1).
public enum PersonalChannel: String, CaseIterable, Sendable {
  case push, sms, voice, email, slack

  /// Whether a page by this channel makes a sound by itself.
  public var isAudible: Bool {
    switch self {
    case .push, .sms, .voice: true
    case .email, .slack: false
    }
  }

  public static func isAudible(_ channel: String) -> Bool { PersonalChannel(rawValue: channel)?.isAudible ?? false }

  /// "push, sms, voice, email, slack"
  public static let names = allCases.map(\.rawValue).joined(separator: ", ")
}
