/// One thing that is wrong in the configuration: where, which field, what was expected and what is there.
public struct Problem: Hashable, Sendable, CustomStringConvertible {
  public var place: Place
  /// The way to the value, such as `Policy.severities.SEV-1.updates.first`.
  public var field: String
  public var expected: String
  public var found: String
  /// The known name that is nearest to what was found, when one is near.
  public var suggestion: String?

  public init(place: Place, field: String, expected: String, found: String, suggestion: String? = nil) {
    self.place = place
    self.field = field
    self.expected = expected
    self.found = found
    self.suggestion = suggestion
  }

  public var description: String {
    let hint = suggestion.map { "; did you mean \"\($0)\"?" } ?? ""
    // What stands in a file may be anything, and what is said of it goes to a terminal.
    return Field.printable("\(place): \(field): expected \(expected), found \(found)\(hint)")
  }
}
