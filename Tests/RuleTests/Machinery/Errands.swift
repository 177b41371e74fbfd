import Machinery
import Messages

/// The smallest machine that owes something: errands, each with an urgency, owed to one peer until it confirms them.
struct Errands: Machine {
  enum Input: Sendable {
    case run(String, urgency: Int)
    case change(String)
    case drop(String)
  }
  enum Fact: Sendable, Equatable {
    case owed(String, urgency: Int, generation: UInt64)
    case dropped(String)
    case done(String, Status)
    case rang
  }
  struct Debt: Owed, Equatable {
    var key: DebtKey
  }

  var generations: [String: UInt64] = [:]
  var queue = DebtQueue(urgencies: 4)
  var done: [String: Status] = [:]
  var alarm: Instant?
  var rang = 0
  /// Whether errands that were done are remembered for another reason.
  var isKept = false

  func decide(_ input: Input, at now: Instant) throws(Refusal) -> Decision<Fact, String> {
    switch input {
    case .run(let id, let urgency):
      guard !id.isEmpty else { throw .invalid("id", "must not be empty") }
      return Decision([.owed(id, urgency: urgency, generation: 1)], answer: id)
    case .change(let id):
      return Decision([.owed(id, urgency: 3, generation: (generations[id] ?? 0) + 1)], answer: id)
    case .drop(let id): return Decision([.dropped(id)], answer: id)
    }
  }

  func lapse(at now: Instant) -> [Fact] { alarm.map { $0 <= now } ?? false ? [.rang] : [] }

  mutating func apply(_ fact: Fact, at instant: Instant) {
    switch fact {
    case .owed(let id, let urgency, let generation):
      generations[id] = generation
      queue.owe(DebtKey(id: id, generation: generation), urgency: urgency, since: instant)
    case .dropped(let id):
      generations[id] = nil
      queue.settle(id)
    case .done(let id, let status):
      done[id] = status
      if !isKept { generations[id] = nil }
      queue.settle(id)
    case .rang:
      alarm = nil
      rang += 1
    }
  }

  func debts(to peer: Peer) -> DebtQueue? { peer == .escalator ? queue : nil }

  func debt(_ id: String, to peer: Peer) -> Debt? {
    generations[id].map { Debt(key: DebtKey(id: id, generation: $0)) }
  }

  func settle(_ settlement: Settlement, at now: Instant) -> [Fact] {
    guard generations[settlement.key.id] == settlement.key.generation else { return [] }
    return [.done(settlement.key.id, settlement.status)]
  }

  var nextDeadline: Instant? { alarm }
  mutating func restarted(at instant: Instant) {}
  mutating func clockStepped(by span: Span) { alarm = alarm.map { $0 + span } }
  func condensed() -> [Fact] {
    queue.first(.max).map { .owed($0, urgency: queue.urgency(of: $0) ?? 0, generation: generations[$0] ?? 1) }
  }
  var openCount: Int { generations.count }
}

/// An engine around errands, with a clock to turn and a wire on which payments can be looked at.
struct ErrandRunner {
  let engine: Engine<Errands, Int>
  var now = Instant(milliseconds: 1_795_489_200_000)
  /// Payments that left and have not been answered, in order.
  var wire: [Payment<Errands.Debt>] = []
  var replies: [Int: Result<[UInt8], Refusal>] = [:]
  private var settlements: [Settlement] = []
  private var tickets = 0

  init(window: Int = 4, keepsErrands: Bool = false) {
    var errands = Errands()
    errands.isKept = keepsErrands
    engine = Engine(
      rules: errands,
      codec: EntryCodec(
        encode: { Array("\($0.facts)".utf8) }, decode: { _ in preconditionFailure("not replayed here") }),
      peers: [.escalator: window])
  }

  @discardableResult
  mutating func receive(_ input: Errands.Input, as call: CallIdentity? = nil) -> Int {
    tickets += 1
    engine.receive(input, as: call, ticket: tickets, at: now) { Array($0.utf8) }
    return tickets
  }

  /// One turn, its rows flushed.
  mutating func turn() {
    decideOnly()
    flush()
  }

  /// One turn whose rows are not on disk yet.
  mutating func decideOnly() {
    let arrived = settlements
    settlements = []
    _ = engine.turn(settling: arrived, at: now)
  }

  mutating func flush() {
    _ = engine.takeBatch()
    engine.durable(through: engine.decidedThrough)
    engine.takePayments { wire.append($0) }
    engine.takeReplies { replies[$0.ticket] = $0.result }
  }

  /// The peer answers a payment that is on the wire.
  mutating func answer(_ id: String, _ status: Status, retryAfter: Span? = nil) {
    guard let index = wire.firstIndex(where: { $0.debt.key.id == id }) else { return }
    let payment = wire.remove(at: index)
    settlements.append(Settlement(peer: .escalator, key: payment.debt.key, status: status, retryAfter: retryAfter))
  }

  mutating func answerAll(_ status: Status) {
    for id in wire.map(\.debt.key.id) { answer(id, status) }
  }

  var underWay: [String] { wire.map(\.debt.key.id) }
}
