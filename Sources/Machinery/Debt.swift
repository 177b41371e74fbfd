import Messages

/// Something a tier must bring about elsewhere: a desired state, not a message. Its id derives from its cause; a new
/// generation replaces the one before, so a cancellation overtakes a page that may already have arrived.
public protocol Owed: Sendable {
  var key: DebtKey { get }
}

/// Which debt, and which state of it.
public struct DebtKey: Hashable, Sendable {
  public var id: String
  public var generation: UInt64

  public init(id: String, generation: UInt64) {
    self.id = id
    self.generation = generation
  }
}

/// How an attempt to pay a debt ended. To other tiers only `ok` and final refusals get here (the engine retries the
/// rest); to providers every outcome does, because rules decide what to try next.
public struct Settlement: Hashable, Sendable {
  public var peer: Peer
  public var key: DebtKey
  public var status: Status
  /// The other side's words.
  public var words: String
  /// How long the other side asked to be left alone.
  public var retryAfter: Span?
  /// What the other side calls it: a provider by its own name, the escalator by the incident that an alert is a part of. Empty where
  /// it has no other name for it.
  public var reference: String
  /// How far a provider says that it came; `.unspecified`: it doesn't say.
  public var reached: DeliveryState

  public init(
    peer: Peer, key: DebtKey, status: Status, words: String = "", retryAfter: Span? = nil, reference: String = "",
    reached: DeliveryState = .unspecified
  ) {
    self.peer = peer
    self.key = key
    self.status = status
    self.words = words
    self.retryAfter = retryAfter
    self.reference = reference
    self.reached = reached
  }

  /// The other tier has refused.
  public init(peer: Peer, key: DebtKey, _ refusal: Refusal) {
    self.init(peer: peer, key: key, status: refusal.status, words: refusal.message, retryAfter: refusal.retryAfter)
  }
}

/// How much is owed to a peer, and since when the oldest of it waits.
public struct DebtSummary: Hashable, Sendable {
  public var count: Int
  public var oldest: Instant?

  public init(count: Int = 0, oldest: Instant? = nil) {
    self.count = count
    self.oldest = oldest
  }
}
