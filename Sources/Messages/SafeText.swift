/// Text from outside made safe for a terminal or a line of the log: what was in an alert must not move the cursor, change
/// colours, turn the direction of writing or pretend to be another line.
public enum SafeText {
  /// One line: line ends and tabs become spaces, everything else that is hidden a visible replacement.
  public static func line(_ text: String) -> String {
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      clean.append(scalar.endsLine || scalar == "\t" ? " " : scalar.isHidden ? "\u{FFFD}" : scalar)
    }
    return String(clean)
  }

  /// Several lines, each safe.
  public static func lines(_ text: String) -> [String] {
    text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { line(String($0)) }
  }
}
