import Messages

/// Why something that a source sent can't be understood: where in it, what was expected and what is there.
///
/// One line that can be shown and logged, whatever stands in what was sent: names of labels are the sender's words too.
public struct SourceError: Error, Hashable, Sendable, CustomStringConvertible {
  static let placeBytes = 160
  static let wordsBytes = 320

  /// `alerts[2].fingerprint`, or `line 7`.
  public var at: String
  public var expected: String
  public var found: String

  public init(at: String, expected: String, found: String) {
    self.at = SafeText.line(EventLimits.clip(at, to: Self.placeBytes))
    self.expected = expected
    self.found = SafeText.line(EventLimits.clip(found, to: Self.wordsBytes))
  }

  public var description: String { "\(at): expected \(expected), found \(found)" }
}
