/// Why nobody can be served, in words for whoever started it.
public struct ServingFailure: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ words: String) { description = words }
}
