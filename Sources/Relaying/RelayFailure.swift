/// Why the gateway can't go on as it is told to, in words for whoever started it.
public struct RelayFailure: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ words: String) { description = words }
}
