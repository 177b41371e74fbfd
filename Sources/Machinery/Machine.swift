import Messages

/// The rules of one tier, as a value: no I/O, no clock, no dice.
///
/// `decide` and `lapse` look, `apply` remembers, `owed` tells; nothing else changes state. Replaying the same facts gives
/// the same machine, so recovery after a crash and normal running are the same code. Each of these costs O(log n) or
/// better in what is open (plus its output).
public protocol Machine: Sendable {
  associatedtype Input: Sendable
  associatedtype Fact: Sendable
  associatedtype Answer: Sendable
  associatedtype Debt: Owed

  /// The facts that a message makes true; none when it changes nothing.
  func decide(_ input: Input, at now: Instant) throws(Refusal) -> Decision<Fact, Answer>

  /// The facts that time alone has made true: those of the most overdue thing; empty when nothing is due. The engine
  /// applies them and asks again.
  func lapse(at now: Instant) -> [Fact]

  /// Remember a fact. The only thing that changes state.
  mutating func apply(_ fact: Fact, at instant: Instant)

  /// What this tier owes a peer and has not been confirmed, in the order in which to pay; nil for a peer that it never owes.
  func debts(to peer: Peer) -> DebtQueue?

  /// What a debt that stands in its queue says now; nil when it has nothing to say yet. Ask `owed(_:to:)`, which looks there.
  func debt(_ id: String, to peer: Peer) -> Debt?

  /// The facts that follow from how attempts to pay debts ended.
  func settle(_ settlement: Settlement, at now: Instant) -> [Fact]

  /// When `lapse` next has something to say.
  var nextDeadline: Instant? { get }

  /// A process took over this state: whatever was under way outside may or may not have happened.
  mutating func restarted(at instant: Instant)

  /// The wall clock jumped: elapsed deadlines move with it, civil ones stay.
  mutating func clockStepped(by span: Span)

  /// A peer's disk lost rows that it had said to be durable: whatever is open is owed to it again.
  mutating func peerLost(_ peer: Peer, at instant: Instant)

  /// This tier's own disk lost rows: numbers that they may have used are skipped, so that nothing new is taken for something
  /// that others know already.
  ///
  /// - Parameter lost: for how long rows may be missing, from the last one that is there to this start.
  mutating func skipNumbers(over lost: Span)

  /// The fewest facts that fold into this machine: a checkpoint.
  func condensed() -> [Fact]

  /// How many things (alerts, incidents, deliveries) are open.
  var openCount: Int { get }
}

extension Machine {
  public mutating func peerLost(_ peer: Peer, at instant: Instant) {}
  public mutating func skipNumbers(over lost: Span) {}

  /// What a debt says now; nil when it is no longer owed.
  public func owed(_ id: String, to peer: Peer) -> Debt? {
    debts(to: peer)?.contains(id) == true ? debt(id, to: peer) : nil
  }

  /// The first debts to a peer, most urgent first.
  public func owed(to peer: Peer, limit: Int) -> [Debt] {
    debts(to: peer)?.first(limit).compactMap { debt($0, to: peer) } ?? []
  }

  /// How much is owed to a peer, and since when.
  public func debtSummary(to peer: Peer) -> DebtSummary { debts(to: peer)?.summary ?? DebtSummary() }
}

/// What one message made true, and what its sender is told once that is on disk.
public struct Decision<Fact: Sendable, Answer: Sendable>: Sendable {
  public var facts: [Fact]
  public var answer: Answer
  /// Whether an answer without facts is kept for no repeat: who asks again is decided about again. For what strangers may ask as often
  /// as they like, and where that does no harm, so that their asking fills nobody's disk.
  public var isForgotten: Bool

  public init(_ facts: [Fact], answer: Answer, isForgotten: Bool = false) {
    self.facts = facts
    self.answer = answer
    self.isForgotten = isForgotten
  }
}
