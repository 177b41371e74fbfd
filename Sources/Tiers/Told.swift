import Machinery
import Messages

/// What a peer answered to a debt that was paid, as the rules hear it.
public struct Told: Hashable, Sendable {
  /// How it ended.
  public var status = Status.ok
  public var words = ""
  /// What the peer calls what it was told of (`Settlement.reference`).
  public var reference = ""

  public init(status: Status = .ok, words: String = "", reference: String = "") {
    self.status = status
    self.words = words
    self.reference = reference
  }

  public func settlement(of key: DebtKey, by peer: Peer) -> Settlement {
    Settlement(peer: peer, key: key, status: status, words: words, reference: reference)
  }
}
