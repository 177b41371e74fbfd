/// Why something that a source sent can't be understood: where in it, what was expected and what is there.
public struct SourceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `alerts[2].fingerprint`, or `line 7`.
  public var at: String
  public var expected: String
  public var found: String

  public init(at: String, expected: String, found: String) {
    self.at = at
    self.expected = expected
    self.found = found
  }

  public var description: String { "\(at): expected \(expected), found \(found)" }
}
