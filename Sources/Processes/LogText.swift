import Messages

/// Text from outside as it may stand in a line of the log.
enum LogText {
  /// At most so many bytes as they are written: what JSON escapes counts as what it becomes.
  static func cut(_ text: String, to longest: Int) -> String {
    var bytes = 0
    var kept = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      bytes += scalar.isHidden || scalar.endsLine || scalar == "\"" || scalar == "\\" ? 12 : UTF8.width(scalar)
      if bytes > longest - 3 { return String(kept) + "…" }
      kept.append(scalar)
    }
    return String(kept)
  }
}
