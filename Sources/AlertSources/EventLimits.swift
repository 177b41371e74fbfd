/// Intake's limits for an event, applied here by cutting where the cut loses no page: a long text, a label too many.
enum EventLimits {
  static let summary = 1_024
  static let details = 32 * 1_024
  static let name = 255
  static let labels = 64
  static let labelValue = 4_096
  static let links = 16
  static let href = 2_048

  /// A sender's key as intake takes it: formats count it in characters, and some let it be longer. One that is cut keeps a hash of
  /// the whole, so that two that begin alike stay two.
  static func key(_ given: String) -> String {
    let clean = clip(given, to: .max)
    guard clean.utf8.count > name else { return clean }
    return clip(clean, to: name - 17) + "#" + LabelFingerprint.of(["alias": clean])
  }

  /// At most `limit` bytes, cut between characters and marked as cut; without control characters except line ends.
  ///
  /// Of a long text no more is looked at than can be kept: who sends megabytes in one field gets no walk through them.
  static func clip(_ text: String, to limit: Int) -> String {
    // Twice as much: a control character of two bytes becomes a space.
    let isLong = text.utf8.count / 2 > limit
    let looked = isLong ? String(decoding: text.utf8.prefix(2 * limit + 8), as: UTF8.self) : text
    let clean = cleaned(looked)
    guard isLong || clean.utf8.count > limit else { return clean }
    var kept = ""
    var bytes = "…".utf8.count
    for character in clean {
      bytes += character.utf8.count
      if bytes > limit { break }
      kept.append(character)
    }
    return kept + "…"
  }

  /// Control characters are U+0000 to U+001F and U+007F to U+009F: most texts have no byte of theirs, and are as they came.
  private static func cleaned(_ text: String) -> String {
    let mayHave = text.utf8.contains { $0 < 0x20 && $0 != 0x0a && $0 != 0x09 || $0 == 0x7f || $0 == 0xc2 }
    guard mayHave else { return text }
    return String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t" ? " " : $0 }))
  }
}
