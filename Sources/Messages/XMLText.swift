/// Text as XML takes it, by unicode scalars: "<" with a mark behind it is another character, and the same to whoever reads XML. Nothing that
/// an alert says becomes an instruction to Twilio or a feed's element. What XML has no way to say is left out.
public enum XMLText {
  public static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&apos;"
      case "\n", "\t": escaped.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0x7f || scalar.value & 0xfffe == 0xfffe: break
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
