/// Why a list of calendar addresses isn't read or changed, in words that go after its name.
public struct SubscriptionFault: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ words: String) { description = words }
}
