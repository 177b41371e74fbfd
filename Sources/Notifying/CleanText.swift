import Messages

/// Makes words from outside safe to show and to read aloud: no control characters, and nothing that turns the direction
/// of writing around or hides text, so that an alert cannot make a page say something else than it says.
enum CleanText {
  /// One line.
  static func line(_ text: String, limit: Int = 1_024) -> String {
    var cleaned = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isSpace(scalar) {
        if let last = cleaned.last, last != " " { cleaned.append(" ") }
      } else if !scalar.isHidden {
        cleaned.append(scalar)
      }
    }
    while cleaned.last == " " { cleaned.removeLast() }
    return cut(String(cleaned), limit)
  }

  /// Several lines, each cleaned; empty ones are kept.
  static func lines(_ text: String, limit: Int = 8_192) -> String {
    let cleaned = text.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0), limit: limit) }
    return cut(cleaned.joined(separator: "\n"), limit)
  }

  static func cut(_ text: String, _ limit: Int) -> String {
    text.count <= limit ? text : text.prefix(limit - 1) + "…"
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0d, 0x20, 0x85, 0xa0, 0x2028, 0x2029: true
    default: false
    }
  }
}
