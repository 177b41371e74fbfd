/// Why nobody can be listened to.
public struct ListeningFailure: Error, Hashable, CustomStringConvertible {
  public let description: String
  public init(_ words: String) { description = words }
}
