import Messages

/// Another tier of the cluster is lost, or back (requirement I6).
public struct TierNews: Hashable, Sendable {
  public var peer: Peer
  public var isLost: Bool
  /// For people: "the notifier has not been reached for 60 s".
  public var words: String

  public init(_ peer: Peer, isLost: Bool, words: String) {
    self.peer = peer
    self.isLost = isLost
    self.words = words
  }
}
