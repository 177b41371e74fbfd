import Messages

/// A page as it is read out, twice: the first time, people are still waking up.
enum SpokenPage {
  /// Bytes as they are escaped: twice that and what stands around it is within Twilio's 4,000 characters.
  static let bytes = 1_800
  /// An address takes its part.
  static let bytesWithKeys = 1_200

  /// - Parameter keys: where a key that is pressed goes; nil: none is waited for.
  static func twiml(_ text: String, keys: String? = nil) -> String {
    let words = FittedText.cut(text, to: keys == nil ? bytes : bytesWithKeys, keeping: "") { escaped($0).utf8.count }
    let said = "<Pause length=\"1\"/><Say>\(words.map(escaped).joined())</Say>"
    guard let keys else { return "<Response>\(said)\(said)</Response>" }
    let action = keys.map(escaped).joined()
    return
      "<Response><Gather numDigits=\"1\" action=\"\(action)\" method=\"POST\" timeout=\"10\">\(said)\(said)</Gather></Response>"
  }

  /// A line's end is heard as a sentence's.
  private static func escaped(_ character: Character) -> String {
    character.isNewline ? ". " : XMLText.escaped(String(character))
  }
}
