/// Intake's limits for an event, applied here by cutting where the cut loses no page: a long text, a label too many.
enum EventLimits {
  static let summary = 1_024
  static let details = 32 * 1_024
  static let name = 255
  static let labels = 64
  static let labelValue = 4_096
  static let links = 16
  static let href = 2_048

  /// At most `limit` bytes, cut between characters and marked as cut; without control characters except line ends.
  static func clip(_ text: String, to limit: Int) -> String {
    let clean = String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t" ? " " : $0 }))
    guard clean.utf8.count > limit else { return clean }
    var kept = ""
    var bytes = "…".utf8.count
    for character in clean {
      bytes += character.utf8.count
      if bytes > limit { break }
      kept.append(character)
    }
    return kept + "…"
  }
}
