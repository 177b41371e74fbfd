/// Everything that is wrong with a configuration, in the order of its files: all of it at once, so that one round of
/// corrections is enough.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  public var problems: [Problem]

  public init(problems: [Problem]) {
    self.problems = problems
  }

  public var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}
