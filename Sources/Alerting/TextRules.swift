import Messages

/// How long words may be.
enum TextRules {
  /// - Parameter missing: what to say when there are none and there must be some.
  static func check(
    _ value: String, _ field: @autoclosure () -> String, _ bytes: ClosedRange<Int>, missing: String = ""
  ) throws(Refusal) {
    let size = value.utf8.count
    guard !bytes.contains(size) else { return }
    guard size > 0 || missing.isEmpty else { throw .invalid(field(), missing) }
    throw .invalid(field(), "has \(size) bytes; allowed are \(bytes.lowerBound) to \(bytes.upperBound)")
  }
}
