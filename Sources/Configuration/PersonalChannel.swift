/// The ways to reach one person, and which of them wake somebody (requirement N1).
enum PersonalChannel: String, CaseIterable {
  case push, sms, voice, email, slack

  /// Whether a page by this channel makes a sound by itself.
  var isAudible: Bool {
    switch self {
    case .push, .sms, .voice: true
    case .email, .slack: false
    }
  }

  static func isAudible(_ channel: String) -> Bool {
    PersonalChannel(rawValue: channel)?.isAudible ?? false
  }
}
