import Messages

/// Spans as people write them: `5m`, `1h 30m`, `2d`, `90s`, the larger unit first.
public enum SpanText {
  /// Nil when the text is no span.
  public static func span(_ text: String) -> Span? {
    var total: Int64 = 0
    var smallest = Int64.max
    for part in text.split(separator: " ") {
      var rest = part
      while !rest.isEmpty {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard digits.count <= 9, let number = Int64(digits) else { return nil }
        rest = rest.dropFirst(digits.count)
        let unit = rest.prefix { $0.isLetter }
        rest = rest.dropFirst(unit.count)
        guard let seconds = seconds(in: unit), seconds < smallest else { return nil }
        smallest = seconds
        total += number * seconds
      }
    }
    return smallest == .max ? nil : .seconds(total)
  }

  private static func seconds(in unit: Substring) -> Int64? {
    switch unit {
    case "s": 1
    case "m": 60
    case "h": 3_600
    case "d": 86_400
    default: nil
    }
  }

  /// The two largest units of a span: `2d 3h`, `5m`, `40s`; for people, so cut and not rounded.
  public static func text(_ span: Span) -> String {
    var rest = abs(span.milliseconds) / 1_000
    var words: [String] = []
    for (seconds, unit) in [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")] as [(Int64, String)] {
      let count = rest / seconds
      rest %= seconds
      if count > 0 { words.append("\(count)\(unit)") }
      if words.count == 2 || (words.count == 1 && count == 0) { break }
    }
    return words.isEmpty ? "0s" : words.joined(separator: " ")
  }
}
