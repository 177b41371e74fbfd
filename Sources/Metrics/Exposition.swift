/// Figures as text, in Prometheus's exposition format 0.0.4.
public enum Exposition {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  public static func text(_ figures: [Figure]) -> String {
    var text = ""
    for figure in figures where !figure.samples.isEmpty {
      text += "# HELP \(figure.name) \(escaped(figure.help))\n# TYPE \(figure.name) \(figure.kind.rawValue)\n"
      for sample in figure.samples {
        text += figure.name + sample.suffix
        if !sample.labels.isEmpty {
          text += "{" + sample.labels.map { "\($0.name)=\"\(quoted($0.value))\"" }.joined(separator: ",") + "}"
        }
        text += " \(number(sample.value))\n"
      }
    }
    return text
  }

  /// Counts without a point, everything else as short as it can be read back.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
  }

  private static func escaped(_ text: String) -> String {
    text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
      .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
  }

  private static func quoted(_ text: String) -> String {
    escaped(text).split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
  }
}
