import Messages

/// What a source's own words for severity mean to us.
public struct SeverityWords: Hashable, Sendable {
  private var meanings: [String: Severity]

  /// The four words that Alertmanager rules and the Events API use, and Opsgenie's priorities; `SEV-1` and `sev1` mean themselves.
  public static let usual = SeverityWords([
    "critical": .sev1, "error": .sev2, "warning": .sev3, "info": .sev4,
    "p1": .sev1, "p2": .sev2, "p3": .sev3, "p4": .sev4, "p5": .sev4,
  ])

  /// For a word that isn't known, or none: no alert is dropped for that, and the Events API's default is `error`. Where a format has a
  /// default of its own for none, as Opsgenie has, that holds.
  public static let otherwise = Severity.sev2

  public init(_ meanings: [String: Severity]) {
    self.meanings = meanings
  }

  /// `words` with some given another meaning, or added.
  public func with(_ changes: [String: Severity]) -> SeverityWords {
    SeverityWords(meanings.merging(changes.map { ($0.key.lowercased(), $0.value) }) { $1 })
  }

  /// Spaces and line ends around it, as templates leave them, say nothing.
  public func severity(of word: String) -> Severity {
    if let known = meanings[word.lowercased()] ?? SeverityWords.severity(named: word) { return known }
    let bare = word.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
    return bare.count < word.count ? severity(of: String(bare)) : SeverityWords.otherwise
  }

  /// `SEV-1`, `sev1` or `1`.
  public static func severity(named text: String) -> Severity? {
    var rest = Substring(text.lowercased())
    if rest.hasPrefix("sev") { rest = rest.dropFirst(3) }
    if rest.hasPrefix("-"), rest.count < text.count { rest = rest.dropFirst() }
    switch rest {
    case "1": return .sev1
    case "2": return .sev2
    case "3": return .sev3
    case "4": return .sev4
    default: return nil
    }
  }
}
