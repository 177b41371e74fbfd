/// Why a process of ours doesn't go on, in words for whoever started it.
public struct ProcessFailure: Error, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ words: String) { description = words }
}
