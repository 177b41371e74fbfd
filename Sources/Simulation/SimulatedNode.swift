import Machinery
import Messages
import Tiers

/// One tier with its real rules and its real engine; clock, disk, network and providers are the world's.
final class SimulatedNode<Rules: Machine>: Node {
  private typealias Reply = (Result<[UInt8], Refusal>) -> Void

  let tier: Tier<Rules>
  private let world: World
  /// What is on disk while no process runs.
  private var platter = Platter()
  private var journal: MemoryJournal?
  private var engine: Engine<Rules, UInt64>?
  private var replies: [UInt64: Reply] = [:]
  private var tickets: UInt64 = 0
  private var settlements: [Settlement] = []
  private var isFlushing = false
  private var turnPlanned = false
  /// The earliest deadline for which the world will wake this node.
  private var wakesAt: Instant?
  /// Grows at every start and crash: what an earlier life had planned is void.
  private var life = 0
  private var clockOffset = Span.zero
  var temper = DiskTemper()

  init(_ tier: Tier<Rules>, in world: World) {
    self.tier = tier
    self.world = world
  }

  var peer: Peer { tier.peer }
  var isUp: Bool { engine != nil }
  var rowsOnDisk: UInt64 { journal?.head.sequence ?? platter.head.sequence }
  var rules: Rules? { engine?.rules }
  private var now: Instant { world.agenda.now + clockOffset }

  // MARK: Life and death

  func start() {
    guard engine == nil else { return }
    life += 1
    let journal = MemoryJournal(on: platter)
    let engine = tier.makeEngine(ticket: UInt64.self)
    world.attempt("replay of \(tier.name)") {
      for stored in try journal.rows(after: 0, limit: .max) {
        try engine.replay(stored.row.body, sequence: stored.sequence)
      }
    }
    let bootTime = world.agenda.now - .unset
    if let jump = engine.lastStart?.started.clockJump(to: now, bootTime: bootTime, bootID: "simulation") {
      engine.clockStepped(by: jump, at: now)
    }
    engine.start(
      Started(bootId: "simulation", bootTime: bootTime, wallAt: now, version: "simulation", clockRate: 1), at: now)
    self.journal = journal
    self.engine = engine
    planTurn()
  }

  /// Everything that was not on disk is gone, and so is everybody's hope for an answer.
  func crash() {
    guard engine != nil, let journal else { return }
    life += 1
    let unflushed = journal.unflushedBatches
    platter = journal.crash(keepingUnflushed: unflushed == 0 ? 0 : Int(world.random.number(0...Int64(unflushed))))
    engine = nil
    self.journal = nil
    isFlushing = false
    turnPlanned = false
    wakesAt = nil
    settlements = []
    replies = [:]
    world.report.crashes += 1
  }

  func stepClock(by span: Span) {
    clockOffset = clockOffset + span
    guard let engine else { return }
    engine.clockStepped(by: span, at: now)
    planTurn()
  }

  func debts() -> [Peer: DebtSummary] {
    guard let engine else { return [:] }
    return Dictionary(uniqueKeysWithValues: tier.peers.keys.map { ($0, engine.rules.debtSummary(to: $0)) })
  }

  func replaysToItself() -> Bool {
    guard let engine, let journal, engine.decidedThrough == journal.head.sequence else { return true }
    let again = tier.makeEngine(ticket: UInt64.self)
    return world.attempt("second replay of \(tier.name)") {
      for stored in try journal.rows(after: 0, limit: .max) {
        try again.replay(stored.row.body, sequence: stored.sequence)
      }
      return again.condensed(at: now).map(tier.codec.encode) == engine.condensed(at: now).map(tier.codec.encode)
    } ?? false
  }

  /// Every fact that its journal holds.
  func forEachFact(_ take: (Instant, Rules.Fact) -> Void) {
    guard let journal else { return }
    world.attempt("reading the journal of \(tier.name)") {
      for stored in try journal.rows(after: 0, limit: .max) {
        let entry = try tier.codec.decode(stored.row.body)
        for fact in entry.facts { take(entry.at, fact) }
      }
    }
  }

  /// Every line of history that its journal holds.
  func forEachLine(_ take: (HistoryLine) -> Void) {
    guard let journal else { return }
    world.attempt("history of \(tier.name)") {
      for stored in try journal.rows(after: 0, limit: .max) {
        let entry = try tier.codec.decode(stored.row.body)
        for fact in entry.facts { tier.lines(fact, entry.at, stored.sequence).forEach(take) }
      }
    }
  }

  // MARK: The loop

  func receive(_ request: SimulatedRequest, reply: @escaping (Result<[UInt8], Refusal>) -> Void) {
    guard let engine else { return }
    tickets += 1
    replies[tickets] = reply
    let ticket = tickets
    do throws(Refusal) {
      if let command = tier.commands[request.path] {
        let input = try command.input(request.payload, Caller(principal: request.principal))
        let call = request.token.map {
          CallIdentity(principal: request.principal, token: $0, method: request.path, payload: request.payload)
        }
        engine.receive(input, as: call, ticket: ticket, at: now, encode: command.answer)
      } else if let query = tier.queries[request.path] {
        engine.reply(ticket, .success(try query.answer(engine.rules, request.payload, now)))
      } else {
        throw Refusal(.unimplemented, "\(tier.name) has no method \(request.path)")
      }
    } catch {
      engine.reply(ticket, .failure(error))
    }
    planTurn()
  }

  private func planTurn() {
    guard !turnPlanned else { return }
    turnPlanned = true
    let life = self.life
    world.agenda.plan(after: .zero) { [weak self] in
      guard let self, self.life == life else { return }
      self.turnPlanned = false
      self.turn()
    }
  }

  private func turn() {
    guard let engine else { return }
    let arrived = settlements
    settlements = []
    if engine.turn(settling: arrived, at: now) { planTurn() }
    if !isFlushing, engine.hasRowsToWrite { flush(engine) }
    release(engine)
    planNextDeadline(engine)
  }

  private func flush(_ engine: Engine<Rules, UInt64>) {
    isFlushing = true
    let rows = engine.takeBatch()
    let through = engine.decidedThrough
    let life = self.life
    world.attempt("write at \(tier.name)") { try journal?.write(rows) }
    world.agenda.plan(after: .milliseconds(world.random.number(temper.flush))) { [weak self] in
      guard let self, self.life == life, let journal = self.journal else { return }
      if self.world.random.oneIn(self.temper.breaksOneIn) { return self.breakDown() }
      journal.flush()
      if self.world.random.oneIn(self.temper.liesOneIn) { return self.breakDown() }
      self.isFlushing = false
      engine.durable(through: through)
      self.turn()
    }
  }

  /// The disk says that it failed: the process ends and starts again from what is there.
  private func breakDown() {
    world.report.diskFailures += 1
    world.crash(self, for: .seconds(1))
  }

  private func release(_ engine: Engine<Rules, UInt64>) {
    engine.takeReplies { reply in replies.removeValue(forKey: reply.ticket)?(reply.result) }
    engine.takePayments { payment in pay(payment) }
  }

  private func pay(_ payment: Payment<Rules.Debt>) {
    let key = payment.debt.key
    let life = self.life
    let settle: (Status, String, Span?) -> Void = { [weak self] status, words, wait in
      guard let self, self.life == life else { return }
      self.settlements.append(
        Settlement(peer: payment.peer, key: key, status: status, words: words, retryAfter: wait))
      self.planTurn()
    }
    switch tier.pay(payment.debt, now) {
    case .call(let path, let payload):
      world.network.call(payment.peer, from: peer, SimulatedRequest(path: path, payload: payload, principal: tier.name))
      {
        switch $0 {
        case .success: settle(.ok, "", nil)
        case .failure(let refusal): settle(refusal.status, refusal.message, refusal.retryAfter)
        }
      }
    case .attempt(let attempt): world.providers.deliver(attempt, then: settle)
    }
  }

  private func planNextDeadline(_ engine: Engine<Rules, UInt64>) {
    guard let next = [engine.rules.nextDeadline, engine.nextRetry].compactMap({ $0 }).min(), next > now else { return }
    let due = world.agenda.now + (next - now)
    if let wakesAt, wakesAt <= due { return }
    wakesAt = due
    let life = self.life
    world.agenda.plan(at: due) { [weak self] in
      guard let self, self.life == life, self.wakesAt == due else { return }
      self.wakesAt = nil
      self.turn()
    }
  }
}
