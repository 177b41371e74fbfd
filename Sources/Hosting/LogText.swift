/// Text from outside as it may stand in a line of the log.
enum LogText {
  /// Without what ends a line, moves a cursor or turns the direction of writing.
  static func plain(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isHarmless($0) ? $0 : " " }))
  }

  /// A string of JSON. What is harmful is escaped, and comes out of a JSON parser as it went in.
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      default:
        if isHarmless(scalar) {
          quoted.unicodeScalars.append(scalar)
        } else {
          for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16)
            quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
          }
        }
      }
    }
    return quoted + "\""
  }

  /// At most so many bytes as they are written: a character that is escaped counts as what it becomes.
  static func cut(_ text: String, to longest: Int) -> String {
    var bytes = 0
    var kept = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      bytes += isHarmless(scalar) && scalar != "\"" && scalar != "\\" ? UTF8.width(scalar) : 12
      if bytes > longest - 3 { return String(kept) + "…" }
      kept.append(scalar)
    }
    return String(kept)
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
    default: true
    }
  }
}
