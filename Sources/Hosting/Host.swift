import Bus
import Foundation
import Logging
import Machinery
import Messages
import Metrics
import Notifying
import Processes
import Providers
import Tiers
import Wire

/// The one shell around any tier: what arrives goes to the engine, what the engine decided goes to the journal, and only
/// what is durable leaves again.
///
/// Lives on one `PollThread`. The journal, history and checkpoints have queues of their own; they come back by `post`, so
/// the loop goes on answering and firing timers while a disk is slow.
final class Host<Rules: Machine> {
  enum Ticket: Sendable {
    case call(CallHandle, path: String, since: UInt64)
    /// Nobody waits for the answer.
    case nobody
    /// A provider's callback, at the listener.
    case callback(@Sendable (Result<[UInt8], Refusal>) -> Void)
    case past(CallHandle, path: String, payload: [UInt8])
  }
  typealias Deliver = (Attempt, _ at: Instant, @escaping @Sendable (Settlement) -> Void) -> Void

  let tier: Tier<Rules>
  let engine: Engine<Rules, Ticket>
  let thread: PollThread
  let server: CallServer
  let log: Logger
  var clock: TierClock
  var crashPoint: CrashPoint
  let startedAt: Instant
  let historian: Historian<Rules>?
  let messageInHand: MessageInHand
  let copier: JournalCopier
  let secretsOfProcess: () -> [String]
  private let events: EventLog<Rules>?
  let directory: String
  private let journal: JournalKeeper
  private let checkpoints: CheckpointMaker<Rules>
  private let ends: EndRecord
  private let room: DiskRoom
  private let deliver: Deliver?
  private let answers: [String: Answering]
  private(set) var clients: [Peer: CallClient] = [:]
  private var settlements: [Settlement] = []
  private var writing: Batch?
  private var timer: (due: Instant, id: UInt64)?
  /// CLOCK_MONOTONIC in nanoseconds, whatever the rules' clock does.
  var lastCommit: UInt64 = 0
  var disk = Disk.ample
  var watchers: [CallHandle: Watcher] = [:]
  var healthWatchers: [CallHandle: (service: String, told: ServingStatus)] = [:]
  /// When the question to a peer was last answered; nothing: not yet.
  var answeredAt: [Peer: Instant] = [:]
  var healthChecks: [(call: CallHandle, service: String)] = []
  var failedConnections = FailedConnections()
  var tallies = Tallies()
  var metrics: MetricsDoor?
  /// CLOCK_MONOTONIC in nanoseconds; 0: nobody waits for a report.
  var reportWantedAt: UInt64 = 0
  /// Bytes of requests whose rows are not on disk yet.
  private var bytesAhead = 0
  private var isStopping = false

  /// How a method is answered: looked up once a call.
  private enum Answering {
    case command(Command<Rules>)
    case query(Query<Rules>)
    case past(PastQuery<Rules>)
    case report(ReportQuery<Rules>)
    case rehearsal
    case watch
  }
  private struct Batch {
    var rows: [StoredRow]
    var through: UInt64
    var since: UInt64
    /// Of the requests that made its rows.
    var bytes: Int
  }
  enum Disk {
    case ample
    /// What can wait is refused.
    case scarce
    /// What was decided waits for room, and nothing more is.
    case full
  }
  private var shares = Shares()
  var reportsUnderWay = 0
  var isRehearsing = false
  var peerWatch: PeerWatch
  var peersAskedAt = Span.zero
  let fallback: FallbackWebhook?
  let beats: Bool
  let keys: TierKeys
  let selfTest: SelfTest
  var turnedAway = TurnedAway()
  var refusedAttempts = RefusedAttempts()
  var refusedHandshakes = RefusedAttempts(kindsAtMost: 200)
  /// Which list of keys the audit knows.
  var keysToldOf: UInt64 = 0
  /// How far the disk may be behind before callers are pushed back.
  static var bytesAheadAtMost: Int { 64 * 1_024 * 1_024 }
  static var repliesWaitingAtMost: Int { 200_000 }
  static var reportsAtMost: Int { 2 }

  init(_ parts: HostParts<Rules>, server: CallServer, clients: [Peer: CallClient], keys: TierKeys, test: SelfTest) {
    tier = parts.tier
    engine = parts.engine
    thread = server.thread
    self.server = server
    self.clients = clients
    self.keys = keys
    selfTest = test
    log = parts.log
    clock = parts.clock
    crashPoint = parts.crashPoint
    journal = parts.journal
    historian = parts.historian
    checkpoints = parts.checkpoints
    ends = parts.ends
    room = parts.room
    messageInHand = parts.messageInHand
    copier = JournalCopier(directory: parts.directory)
    secretsOfProcess = parts.secretFiles
    events = EventLog(parts.tier, directory: parts.directory, after: parts.engine.durableThrough, log: parts.log)
    directory = parts.directory
    deliver = parts.deliver
    startedAt = parts.startedAt
    fallback = parts.fallback
    beats = parts.beats
    peerWatch = PeerWatch(
      clients.keys, lostAfter: parts.peerLostAfter, tellsAgainAfter: .minutes(10), at: Self.elapsed)
    answers = Self.answers(of: parts.tier)
    server.epoch = engine.epoch
    server.onCall = { [unowned self] in receive($0) }
    server.onCancel = { [unowned self] in
      watchers[$0] = nil
      healthWatchers[$0] = nil
    }
    server.onCredit = { [unowned self] in feed($0) }
    server.onUnauthenticated = { [unowned self] in note($0, ofKey: $1, from: $2) }
    let reachable = Set(clients.keys).union(deliver == nil ? [] : [.provider])
    for question in tier.questions where clients[question.peer] == nil {
      log.warning("no endpoint of \(question.peer) was given: the watch can't compare what it has accepted")
    }
    for peer in tier.peers.keys where !reachable.contains(peer) {
      log.warning("no endpoint of \(peer) was given: what it is owed stays owed")
    }
    for peer in tier.watches where fallback != nil && clients[peer] == nil {
      log.warning("no endpoint of \(peer) was given: the fallback webhook does not hear from here when it is lost")
    }
    engine.pays(only: reachable)
    for (peer, client) in clients {
      client.onConnection = { [unowned self] isUp in connection(peer, isUp: isUp) }
      client.onRefusal = { [unowned self] words in log.error("\(peer) refuses the connection: \(words)") }
    }
    thread.onTurn { [unowned self] in turn() }
    tellOfMessageSetAside()
    openMetrics(at: parts.metricsPlace, data: parts.directory)
    watchSelf()
    watchRoom()
    for question in tier.questions { askAgainAndAgain(question, after: Self.asksEvery) }
  }

  private static func answers(of tier: Tier<Rules>) -> [String: Answering] {
    var answers = tier.commands.mapValues { Answering.command($0) }
    answers.merge(tier.queries.mapValues { .query($0) }) { own, _ in own }
    answers.merge(tier.pastQueries.mapValues { .past($0) }) { own, _ in own }
    answers.merge(tier.reports.mapValues { .report($0) }) { own, _ in own }
    answers.merge(tier.rehearsals.mapValues { _ in .rehearsal }) { own, _ in own }
    if let watch = tier.watch { answers[watch.path] = .watch }
    return answers
  }

  // MARK: What arrives

  private func receive(_ call: IncomingCall) {
    guard mayCall(call) else { return }
    let answering = answers[call.path]
    let isOurs = answering != nil || call.path == RecoveryMethods.handOverAgain.path
    if isOurs, let refusal = pushBack() { return refuse(call, refusal) }
    let now = clock.now()
    do throws(Refusal) {
      switch answering {
      case .command(let command): try receive(call, command, at: now)
      case .query(let query):
        engine.reply(ticket(call), .success(try query.answer(engine.rules, call.payload, now)))
      case .past(let query):
        _ = try query.subject(engine.rules, call.payload)
        engine.reply(.past(call.handle, path: call.path, payload: call.payload), .success([]))
      case .report(let query):
        _ = try query.request(call.payload, now)
        engine.reply(.past(call.handle, path: call.path, payload: call.payload), .success([]))
      case .rehearsal:
        engine.reply(.past(call.handle, path: call.path, payload: call.payload), .success([]))
      case .watch: try beginWatching(call)
      case nil: try answerForSelf(call, at: now)
      }
    } catch {
      note(error, of: call)
      engine.reply(ticket(call), .failure(error))
    }
  }

  /// Said at once, because an answer in its turn would wait for the disk too. Health is never pushed back.
  private func pushBack() -> Refusal? {
    if disk == .full {
      return Refusal(.resourceExhausted, "the disk of \(tier.name) is full", retryAfter: .seconds(1))
    }
    return isBehind(by: 1) ? behind : nil
  }

  /// Requirement I5: what can wait is refused while there is still room for what can't.
  private var pushBackOfWhatCanWait: Refusal? {
    guard disk == .ample else {
      return Refusal(
        .resourceExhausted, "the disk of \(tier.name) is nearly full: what can wait is refused", retryAfter: .seconds(5)
      )
    }
    return isBehind(by: 2) ? behind : nil
  }

  /// Requirement I5: whoever floods is told when to come again.
  private func pushBackOfAFlood(_ input: Rules.Input) -> Refusal? {
    tier.share?(engine.rules, input).flatMap { shares.take($0, at: Self.elapsed) }
  }

  /// - Parameter part: how many times the limit is divided: 1 for what must get through.
  private func isBehind(by part: Int) -> Bool {
    bytesAhead >= Self.bytesAheadAtMost / part || engine.repliesWaiting >= Self.repliesWaitingAtMost / part
  }

  private var behind: Refusal {
    Refusal(
      .resourceExhausted,
      "the disk is behind by \(engine.repliesWaiting) answers and \(bytesAhead >> 20) MiB of requests",
      retryAfter: .milliseconds(200))
  }

  private func receive(_ call: IncomingCall, _ command: Command<Rules>, at now: Instant) throws(Refusal) {
    let identity = try identity(of: call, needsKey: command.needsKey)
    guard !messageInHand.isSetAside(call.path, call.payload) else {
      throw Refusal(.internal, "this message has ended \(tier.name) twice and is set aside for people to look at")
    }
    messageInHand.take(call.path, call.payload)
    defer { messageInHand.release() }
    let caller = Caller(call)
    let input = try command.input(call.payload, caller)
    if let refusal = (command.canWait(input) ? pushBackOfWhatCanWait : nil) ?? pushBackOfAFlood(input) {
      return refuse(call, refusal)
    }
    let refusal = engine.receive(
      input, as: identity, ticket: ticket(call), at: now, encode: command.answer,
      witness: command.isAudited(caller.principal)
        ? tier.witness(call.path, call.payload, by: caller, input, at: now) : nil)
    if let refusal { note(refusal, of: call) }
    bytesAhead += call.payload.count
    crashPoint.reach(.decide)
  }

  /// The default team hears of a message that this tier can't digest, as of any other alert.
  private func tellOfMessageSetAside() {
    guard let news = messageInHand.news else { return }
    log.critical("\(news)")
    guard let distress = tier.distress else { return }
    engine.receive(
      distress(news), as: nil, ticket: .nobody, at: clock.now(), encode: { _ in [] })
  }

  private func identity(of call: IncomingCall, needsKey: Bool) throws(Refusal) -> CallIdentity? {
    let token: CallIdentity.Token
    switch call.token {
    case .key(let key): token = .key(key)
    case .session(let id, let sequence, let through):
      token = .session(id, sequence: sequence, acknowledgedThrough: through)
    case .none:
      if needsKey {
        throw .invalid("idempotency_key", "\(call.path) changes something: give an idempotency_key or a session")
      }
      return nil
    }
    return CallIdentity(
      principal: call.principal.name, token: token, method: call.path, payload: call.payload, isRepeat: call.attempt > 0
    )
  }

  func isReachable(_ peer: Peer) -> Bool { peer == .provider ? deliver != nil : clients[peer]?.isConnected ?? false }

  // MARK: The turn

  private func turn() {
    guard disk != .full else { return }
    followClock()
    let arrived = settlements
    settlements = []
    let more = engine.turn(settling: arrived, at: clock.now())
    if writing == nil, engine.hasRowsToWrite { write() }
    release()
    if engine.decidedThrough == engine.durableThrough { bytesAhead = 0 }
    if more { thread.post {} } else { armTimer() }
  }

  private func write() {
    let rows = engine.takeBatch()
    let first = engine.decidedThrough - UInt64(rows.count)
    let through = engine.decidedThrough
    let kept =
      tier.watch == nil
      ? [] : rows.enumerated().map { StoredRow(sequence: first + UInt64($0.offset) + 1, row: $0.element) }
    writing = Batch(rows: kept, through: through, since: PollThread.now(), bytes: bytesAhead)
    crashPoint.reach(.append)
    if crashPoint.isWatched, engine.intendsToPay(.provider) { crashPoint.reach(.intend) }
    let box = Unowned(self)
    journal.append(rows) { news in
      box.thread.post { box.value.hear(news) }
    }
  }

  private func hear(_ news: JournalKeeper.News) {
    switch news {
    case .durable: written()
    case .full:
      if disk != .full { log.critical("the disk is full: \(engine.repliesWaiting) answers wait for room") }
      disk = .full
      writing?.since = PollThread.now()
      tellHealthWatchers()
    case .failed(let failure): end(because: failure)
    }
  }

  private func written() {
    guard let batch = writing else { return }
    writing = nil
    let hadNoRoom = disk == .full
    if hadNoRoom {
      log.notice("the disk has room again")
      disk = .scarce
    }
    crashPoint.reach(.flush)
    engine.durable(through: batch.through)
    bytesAhead = max(0, bytesAhead - batch.bytes)
    lastCommit = PollThread.now()
    // Neither is needed for an answer, and the reserve is for what is. Whoever asks about the past has history catch up all the same.
    checkpoints.consider(through: batch.through, isScarce: disk != .ample, at: clock.now())
    if disk == .ample { historian?.follow(through: batch.through) }
    events?.follow(through: batch.through)
    answerHealthChecks()
    if hadNoRoom { tellHealthWatchers() }
    feedWatchers(batch.rows)
  }

  private func release() {
    engine.takeReplies { reply in
      crashPoint.reach(.reply)
      switch reply.ticket {
      case .call(let call, let path, let since):
        tallies.answered(path, reply.result, after: PollThread.now() - since)
        server.answer(call, reply.result)
      case .nobody: break
      case .callback(let then): then(reply.result)
      case .past(let call, let path, let payload): answerPast(call, path, payload)
      }
    }
    engine.takePayments { pay($0) }
    for client in clients.values { client.flush() }
  }

  private func pay(_ payment: Payment<Rules.Debt>) {
    crashPoint.reach(.send)
    let key = payment.debt.key
    switch tier.pay(payment.debt, clock.now()) {
    case .call(let path, let payload):
      if tier.peer == .notifier { crashPoint.reach(.tell) }
      guard let client = clients[payment.peer] else { return }
      client.call(path, payload, timeout: .seconds(10), identity: .content) { [unowned self] result in
        switch result {
        case .success(let answer):
          settle(tier.told(path, answer).settlement(of: key, by: payment.peer))
        case .failure(let refusal):
          var settlement = Settlement(peer: payment.peer, key: key, refusal)
          settlement.status = owing(refusal.status)
          settle(settlement)
        }
      }
    case .attempt(let attempt):
      guard let deliver else {
        return settle(
          Settlement(peer: payment.peer, key: key, status: .failedPrecondition, words: "no providers here"))
      }
      crashPoint.reach(.ask)
      let box = Unowned(self)
      deliver(attempt, clock.now()) { settlement in box.thread.post { box.value.handedOver(attempt, settlement) } }
    }
  }

  func settle(_ settlement: Settlement) {
    crashPoint.reach(.confirm)
    if settlement.peer == .provider { crashPoint.reach(.answered) }
    if settlements.isEmpty { thread.post {} }
    settlements.append(settlement)
  }

  // MARK: Time and life

  private func followClock() {
    guard let jump = clock.jumped() else { return }
    tallies.clockJumps += 1
    log.warning("the wall clock jumped by \(jump.milliseconds) ms; elapsed deadlines move with it")
    engine.clockStepped(by: jump, at: clock.now())
  }

  private func armTimer() {
    let next: Instant
    switch (engine.timersRun ? engine.rules.nextDeadline : nil, engine.nextRetry) {
    case (let deadline?, let retry?): next = min(deadline, retry)
    case (let only?, nil), (nil, let only?): next = only
    case (nil, nil): return
    }
    if let timer, timer.due <= next { return }
    if let timer { thread.cancel(timer.id) }
    timer = (next, thread.after(milliseconds: clock.wait(until: next)) { [unowned self] in ring(next) })
  }

  private func ring(_ due: Instant) {
    timer = nil
    tallies.timerRang(late: clock.now() - due)
  }

  /// So often that new work is refused within half a second of the disk's being nearly full, on a busy machine too.
  private func watchRoom() {
    thread.after(milliseconds: 200) { [unowned self] in
      if disk != .full {
        disk = room.isScarce(reserve: journal.reserveGivenUp.load(ordering: .relaxed)) ? .scarce : .ample
      }
      watchRoom()
    }
  }

  /// Once a second: tell those who watch health, end a process whose disk hangs.
  private func watchSelf() {
    thread.after(milliseconds: 1_000) { [unowned self] in
      if let writing, PollThread.now() > writing.since + 30_000_000_000 { end(because: .broken("no answer for 30 s")) }
      answerHealthChecks()
      tellHealthWatchers()
      tellOfFailedConnections()
      watchKeys()
      noteUncounted()
      watchPeers()
      watchSelf()
    }
  }

  /// What is in memory is ahead of the disk: only a new process can be trusted. Whoever keeps it running starts it again.
  private func end(because failure: JournalFailure) -> Never {
    log.critical("the journal failed: \(failure.words)")
    ends.note(at: TierClock.read(CLOCK_REALTIME), because: failure.words)
    ProcessEnd.now(70)
  }

  /// Stop taking calls, decide nothing more by time, let what was decided become durable and be answered, hear what became of
  /// the pages that a provider is being asked to take, and end. Safety doesn't need it; without it such a page would come again
  /// as a possible repeat.
  func stop() {
    guard !isStopping else { return }
    isStopping = true
    log.notice("stopping")
    server.drain()
    engine.timersRun = false
    thread.after(milliseconds: 1_500) { ProcessEnd.now(0) }
    thread.onTurn { [unowned self] in
      // Also what is refused among the calls that were taken already.
      noteUncounted(atEnd: true)
      let isAsking = deliver != nil && engine.rules.debtSummary(to: .provider).count > 0
      if engine.repliesWaiting == 0, engine.durableThrough == engine.decidedThrough, !isAsking {
        thread.after(milliseconds: 50) { ProcessEnd.now(0) }
      }
    }
    thread.post {}
  }
}

/// Carries a loop's own object through another queue and back to the loop.
struct Unowned<Value: AnyObject>: @unchecked Sendable {
  // Sendable because `value` is used only inside closures that were posted back to the thread it lives on; hosts live as
  // long as their process.
  let value: Value
  let thread: PollThread
}

extension Unowned {
  init<Rules>(_ host: Value) where Value == Host<Rules> {
    self.init(value: host, thread: host.thread)
  }
}
