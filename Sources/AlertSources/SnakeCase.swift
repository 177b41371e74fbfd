/// Names of alerts as names of alert classes.
enum SnakeCase {
  /// `ServiceDown` is `service_down`, `HTTPErrorsHigh` is `http_errors_high`, `Disk full!` is `disk_full`.
  static func from(_ name: String) -> String {
    let letters = Array(name.unicodeScalars)
    var words = ""
    for (index, letter) in letters.enumerated() {
      guard isLetterOrDigit(letter) else {
        if !words.isEmpty, words.last != "_" { words.append("_") }
        continue
      }
      let before = index > 0 ? letters[index - 1] : nil
      let after = index + 1 < letters.count ? letters[index + 1] : nil
      let beginsWord =
        isUpper(letter)
        && (before.map(isLowerOrDigit) ?? false || (before.map(isUpper) ?? false && after.map(isLower) ?? false))
      if beginsWord, words.last != "_" { words.append("_") }
      words += String(letter).lowercased()
    }
    while words.last == "_" { words.removeLast() }
    return words
  }

  private static func isUpper(_ letter: Unicode.Scalar) -> Bool { ("A"..."Z").contains(letter) }
  private static func isLower(_ letter: Unicode.Scalar) -> Bool { ("a"..."z").contains(letter) }
  private static func isLowerOrDigit(_ letter: Unicode.Scalar) -> Bool {
    isLower(letter) || ("0"..."9").contains(letter)
  }
  private static func isLetterOrDigit(_ letter: Unicode.Scalar) -> Bool { isUpper(letter) || isLowerOrDigit(letter) }
}
