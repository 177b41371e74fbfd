import Machinery
import Messages
import Tiers
import Wire

/// One tier with its real rules and its real engine; clock, disk, network and providers are the world's.
final class SimulatedNode<Rules: Machine>: Node {
  private typealias Reply = (Result<[UInt8], Refusal>) -> Void

  let tier: Tier<Rules>
  private let world: World
  /// What is on disk while no process runs.
  private var platter = Platter()
  private var checkpoint = Checkpoint()
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
  /// An operator has accepted that rows are gone; the next start skips the numbers that they may have used.
  private var hasLostRows = false
  private var fullUntil = Instant.unset
  private var armed: (point: CrashPoint, times: Int)?
  var temper = DiskTemper()

  /// A checkpoint: entries that fold into the state at a row.
  private struct Checkpoint {
    var through: UInt64 = 0
    var bodies: [[UInt8]] = []
  }
  /// A checkpoint is made when so many rows are durable beyond the last one.
  private static var checkpointEvery: UInt64 { 150 }

  init(_ tier: Tier<Rules>, in world: World) {
    self.tier = tier
    self.world = world
  }

  var peer: Peer { tier.peer }
  var isUp: Bool { engine != nil }
  var rules: Rules? { engine?.rules }
  private var now: Instant { world.agenda.now + clockOffset }

  // MARK: Life and death

  @discardableResult
  func start() -> Bool {
    guard engine == nil else { return true }
    guard platter.lostRows == 0 else { return false }
    life += 1
    let journal = MemoryJournal(on: platter)
    let engine = tier.makeEngine(ticket: UInt64.self)
    world.attempt("replay of \(tier.name)") { try fold(into: engine, from: journal, after: checkpoint) }
    let bootTime = world.agenda.now - .unset
    if let jump = engine.lastStart?.started.clockJump(to: now, bootTime: bootTime, bootID: "simulation") {
      engine.clockStepped(by: jump, at: now)
    }
    engine.start(
      Started(
        bootId: "simulation", bootTime: bootTime, wallAt: now, version: "simulation", clockRate: 1,
        afterLoss: hasLostRows, lost: now - (engine.lastStart?.at ?? now)), at: now)
    hasLostRows = false
    self.journal = journal
    self.engine = engine
    planTurn()
    planQuestions(after: World.asksEvery)
    return true
  }

  func acceptLoss() {
    platter.acceptLoss()
    hasLostRows = true
    if checkpoint.through > platter.head.sequence { checkpoint = Checkpoint() }
  }

  /// Everything that was not on disk is gone, and so is everybody's hope for an answer.
  func crash() {
    guard engine != nil, let journal else { return }
    if world.random.oneIn(6) { checkReplay() }
    let unflushed = journal.unflushedBatches
    let lies = world.random.oneIn(temper.liesOneIn)
    let keeping = unflushed == 0 || lies || world.random.oneIn(2) ? 0 : world.random.number(0...Int64(unflushed))
    if keeping < unflushed { world.report.count(.droppedWrites) }
    end(keeping: Int(keeping), losing: lies ? Int(world.random.number(1...8)) : 0)
  }

  func crash(losing batches: Int) { end(keeping: 0, losing: batches) }

  private func end(keeping: Int, losing: Int) {
    guard let journal else { return }
    life += 1
    let before = losing > 0 ? rowsOnDisk() : []
    platter = journal.crash(keepingUnflushed: keeping, losingFlushed: losing)
    for stored in before where stored.sequence > platter.head.sequence {
      guard let entry = try? tier.codec.decode(stored.row.body) else { continue }
      world.promises.lost("\(entry)", at: peer)
    }
    engine = nil
    self.journal = nil
    isFlushing = false
    turnPlanned = false
    wakesAt = nil
    armed = nil
    settlements = []
    replies = [:]
  }

  func arm(_ point: CrashPoint, after times: Int) { armed = (point, times) }

  func disarm() { armed = nil }

  /// Whether the process ends here.
  private func ends(at point: CrashPoint) -> Bool {
    guard let armed, armed.point == point else { return false }
    guard armed.times <= 1 else {
      self.armed = (point, armed.times - 1)
      return false
    }
    world.report.crashPoints[point, default: 0] += 1
    world.crash(self, for: .seconds(2))
    return true
  }

  var timersRun: Bool {
    get { engine?.timersRun ?? true }
    set {
      engine?.timersRun = newValue
      planTurn()
    }
  }

  func stepClock(by span: Span) {
    clockOffset = clockOffset + span
    guard let engine else { return }
    engine.clockStepped(by: span, at: now)
    planTurn()
  }

  /// An operator says that a peer's journal has lost its end. False while this tier is down.
  func handOverAgain(to peer: Peer) -> Bool {
    guard let engine, tier.peers[peer] != nil else { return tier.peers[peer] == nil }
    engine.handOverAgain(to: peer, at: now)
    planTurn()
    return true
  }

  func peerReturned(_ peer: Peer) {
    guard let engine else { return }
    engine.peerReturned(peer, at: now)
    planTurn()
  }

  /// Debts that have waited for longer than it can take when nothing is wrong.
  func staleDebts(_ limit: Span) -> [Peer] {
    debts().filter { $0.value.count > 0 && ($0.value.oldest.map { $0 + limit < now } ?? false) }.map(\.key)
  }

  func debts() -> [Peer: DebtSummary] {
    guard let engine else { return [:] }
    return Dictionary(uniqueKeysWithValues: tier.peers.keys.map { ($0, engine.rules.debtSummary(to: $0)) })
  }

  func checkReplay() {
    guard let engine, let journal, engine.decidedThrough == journal.head.sequence else { return }
    world.report.replays += 1
    let whole = tier.makeEngine(ticket: UInt64.self)
    let tail = tier.makeEngine(ticket: UInt64.self)
    world.attempt("second replay of \(tier.name)") {
      try fold(into: whole, from: journal, after: Checkpoint())
      try fold(into: tail, from: journal, after: checkpoint)
    }
    let state = Fingerprint(engine, of: tier, at: now)
    if let difference = Fingerprint(whole, of: tier, at: now).difference(from: state) {
      world.report.violate("\(peer): its journal does not fold into its state: \(difference)")
    }
    if let difference = Fingerprint(tail, of: tier, at: now).difference(from: state) {
      world.report.violate("\(peer): its checkpoint and the rows since do not fold into its state: \(difference)")
    }
  }

  private func fold<Ticket>(
    into engine: Engine<Rules, Ticket>, from journal: MemoryJournal, after checkpoint: Checkpoint
  ) throws {
    if checkpoint.through > 0 {
      for body in checkpoint.bodies { try engine.replay(body, sequence: nil) }
      engine.continueAfter(checkpoint.through)
    }
    for stored in try journal.rows(after: engine.decidedThrough, limit: .max) {
      try engine.replay(stored.row.body, sequence: stored.sequence)
    }
  }

  /// As the real host does: beside the loop, from the last checkpoint and the rows since.
  private func considerCheckpoint() {
    guard let journal, journal.head.sequence >= checkpoint.through + Self.checkpointEvery else { return }
    let folded = tier.makeEngine(ticket: Never.self)
    world.attempt("checkpoint of \(tier.name)") { try fold(into: folded, from: journal, after: checkpoint) }
    checkpoint = Checkpoint(
      through: folded.decidedThrough, bodies: folded.condensed(at: now).map(tier.codec.encode))
  }

  private func rowsOnDisk() -> [StoredRow] {
    guard let journal else { return [] }
    return (try? journal.rows(after: 0, limit: .max)) ?? []
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

  /// What a method that needs history answers, read off the journal as the history index would.
  func askHistory(_ path: String, _ payload: [UInt8]) throws(Refusal) -> [UInt8] {
    guard let rules, let journal, let query = tier.pastQueries[path] else {
      throw Refusal(.unavailable, "the \(tier.name) is down")
    }
    let subject = try query.subject(rules, payload)
    let wanted = query.things(subject)
    var past = Past(lines: [], remembered: nil)
    forEachLine { if $0.subject == subject { past.lines.append($0) } }
    world.attempt("history of \(tier.name)") {
      for stored in try journal.rows(after: 0, limit: .max) {
        for fact in try tier.codec.decode(stored.row.body).facts {
          guard let (id, body) = tier.remembered(fact) else { continue }
          if id == subject { past.remembered = body }
          if wanted.contains(id) { past.things[id] = body }
        }
      }
    }
    return try query.answer(rules, payload, past)
  }

  // MARK: The loop

  func receive(_ request: SimulatedRequest, reply: @escaping (Result<[UInt8], Refusal>) -> Void) {
    guard let engine else { return }
    tickets += 1
    replies[tickets] = reply
    let ticket = tickets
    do throws(Refusal) {
      if let command = tier.commands[request.path] {
        let input = try command.input(request.payload, Caller(principal: Principal(request.principal, roles: .all)))
        let call = request.token.map {
          CallIdentity(principal: request.principal, token: $0, method: request.path, payload: request.payload)
        }
        engine.receive(input, as: call, ticket: ticket, at: now, encode: command.answer)
        if ends(at: .decide) { return }
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

  /// A provider calls back: the word of whoever the answer was handed on to, or after two seconds the rules' own, as the real host
  /// tells it.
  func hear(_ news: CallbackNews, reply: @escaping (AnswerWords?) -> Void) {
    guard let engine, let callbacks = tier.callbacks else { return reply(nil) }
    let until = now + .seconds(2)
    answer({ engine.receive(callbacks.input(news), as: nil, ticket: $0, at: now, encode: callbacks.answer) }) { words in
      guard let words, !words.answerId.isEmpty else { return reply(words) }
      self.tellOutcome(words, until: until, reply)
    }
  }

  private func tellOutcome(_ words: AnswerWords, until: Instant, _ reply: @escaping (AnswerWords?) -> Void) {
    guard let engine else { return reply(nil) }
    if let outcome = tier.callbacks?.outcome(engine.rules, words.answerId) {
      return answer({ engine.reply($0, .success(outcome)) }, reply)
    }
    guard now < until else { return reply(words) }
    let life = self.life
    world.agenda.plan(after: .milliseconds(25)) { [weak self] in
      guard let self, self.life == life else { return reply(nil) }
      self.tellOutcome(words, until: until, reply)
    }
  }

  private func answer(_ ask: (UInt64) -> Void, _ reply: @escaping (AnswerWords?) -> Void) {
    tickets += 1
    replies[tickets] = { reply((try? $0.get()).flatMap { try? AnswerWords(decodingTrusted: $0) }) }
    ask(tickets)
    planTurn()
  }

  /// As the real host does, where the watch is on.
  private func planQuestions(after span: Span) {
    for question in tier.questions { plan(question, after: span) }
  }

  private func plan(_ question: Question<Rules>, after span: Span) {
    guard world.isWatched else { return }
    let life = self.life
    world.agenda.plan(after: span) { [weak self] in
      guard let self, self.life == life, let engine = self.engine else { return }
      guard let payload = question.payload(engine.rules) else { return self.plan(question, after: World.asksEvery) }
      let request = SimulatedRequest(path: question.path, payload: payload, principal: self.tier.name)
      self.world.network.call(question.peer, from: self.peer, request) { result in
        guard self.life == life, let engine = self.engine else { return }
        var isMore = false
        if case .success(let answer) = result, let (input, more) = question.input(answer) {
          isMore = more
          engine.receive(input, as: nil, ticket: 0, at: self.now, encode: { _ in [] })
          self.planTurn()
        }
        self.plan(question, after: isMore ? .zero : World.asksEvery)
      }
    }
  }

  func beginAsking() { planQuestions(after: World.asksEvery) }

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
    let life = self.life
    let arrived = settlements
    settlements = []
    if engine.turn(settling: arrived, at: now) { planTurn() }
    if !isFlushing, engine.hasRowsToWrite { flush(engine) }
    if self.life == life { release(engine) }
    if self.life == life { planNextDeadline(engine) }
  }

  private func flush(_ engine: Engine<Rules, UInt64>) {
    isFlushing = true
    let rows = engine.takeBatch()
    let through = engine.decidedThrough
    let life = self.life
    if world.random.oneIn(2), ends(at: .append) { return }
    guard writes(rows) else { return }
    if ends(at: .append) { return }
    world.agenda.plan(after: .milliseconds(world.random.number(temper.flush))) { [weak self] in
      guard let self, self.life == life, let journal = self.journal else { return }
      journal.flush()
      if self.world.random.oneIn(self.temper.deniesOneIn) { return self.breakDown(.diskDenied) }
      if self.ends(at: .flush) { return }
      self.isFlushing = false
      self.considerCheckpoint()
      engine.durable(through: through)
      self.turn()
    }
  }

  /// Whether the rows are written; if not, the process has ended.
  private func writes(_ rows: [Row]) -> Bool {
    if world.random.oneIn(temper.fillsOneIn) {
      fullUntil = world.agenda.now + .seconds(world.random.number(1...120))
    }
    if world.agenda.now < fullUntil { journal?.failNext = .full("no space") }
    if world.random.oneIn(temper.breaksOneIn) { journal?.failNext = .broken("the disk failed") }
    do throws(JournalFailure) {
      try tier.contactKeys?.keep()
      try journal?.write(rows)
      return true
    } catch .full {
      breakDown(.diskFull)
    } catch .broken {
      breakDown(.diskBroken)
    } catch {
      world.report.violate("\(tier.name): \(error)")
    }
    return false
  }

  /// The disk says that it failed: the process ends and starts again from what is there.
  private func breakDown(_ fault: Fault) {
    world.report.count(fault)
    world.crash(self, for: fault == .diskFull ? .seconds(world.random.number(1...40)) : .seconds(1))
  }

  private func release(_ engine: Engine<Rules, UInt64>) {
    let life = self.life
    engine.takeReplies { reply in
      guard self.life == life, !ends(at: .reply) else { return }
      replies.removeValue(forKey: reply.ticket)?(reply.result)
    }
    engine.takePayments { payment in
      guard self.life == life, !ends(at: .send) else { return }
      pay(payment)
    }
  }

  private func pay(_ payment: Payment<Rules.Debt>) {
    let key = payment.debt.key
    let life = self.life
    let settle: (Settlement) -> Void = { [weak self] settlement in
      guard let self, self.life == life, !self.ends(at: .confirm) else { return }
      self.settlements.append(settlement)
      self.planTurn()
    }
    switch tier.pay(payment.debt, now) {
    case .call(let path, let payload):
      world.network.call(payment.peer, from: peer, SimulatedRequest(path: path, payload: payload, principal: tier.name))
      {
        switch $0 {
        case .success(let reply):
          settle(self.tier.told(path, reply).settlement(of: key, by: payment.peer))
        case .failure(let refusal): settle(Settlement(peer: payment.peer, key: key, refusal))
        }
      }
    case .attempt(let attempt): world.providers.deliver(attempt, then: settle)
    }
  }

  private func planNextDeadline(_ engine: Engine<Rules, UInt64>) {
    guard let next = [engine.timersRun ? engine.rules.nextDeadline : nil, engine.nextRetry].compactMap({ $0 }).min()
    else { return }
    guard next > now else {
      // The turn has said that nothing is left to do now, so the host would wake again at once, for ever.
      if !turnPlanned {
        world.report.violate("\(tier.name): something was due at \(next.milliseconds), and no turn does it")
      }
      return
    }
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
