/// Why pages can't be shown, in words for whoever started the program.
public struct SiteFault: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ words: String) { description = words }
}
