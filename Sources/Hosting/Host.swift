import Bus
import Foundation
import Logging
import Machinery
import Messages
import Notifying
import Tiers
import Wire

/// The one shell around any tier: what arrives goes to the engine, what the engine decided goes to the journal, and only
/// what is durable leaves again.
///
/// Lives on one `PollThread`. The journal, history and checkpoints have queues of their own; they come back by `post`, so
/// the loop goes on answering and firing timers while a disk is slow.
final class Host<Rules: Machine> {
  enum Ticket: Sendable {
    case call(CallHandle)
    case health(CallHandle)
    case past(CallHandle, path: String, payload: [UInt8])
  }
  typealias Deliver = (Attempt, _ at: Instant, @escaping @Sendable (Status, String, Span?) -> Void) -> Void

  let tier: Tier<Rules>
  let engine: Engine<Rules, Ticket>
  let thread: PollThread
  let server: CallServer
  let log: Logger
  var clock: TierClock
  var crashPoint: CrashPoint
  let startedAt: Instant
  private let journal: JournalKeeper
  private let historian: Historian<Rules>?
  private let checkpoints: CheckpointMaker<Rules>
  private let deliver: Deliver?
  private var clients: [Peer: CallClient] = [:]
  private var settlements: [Settlement] = []
  private var writing: (through: UInt64, since: UInt64)?
  private var timer: (due: Instant, id: UInt64)?
  var lastCommit = Instant.unset
  var watchers: [CallHandle: Watcher] = [:]
  var healthWatchers: [CallHandle: ServingStatus] = [:]
  private var rowsForWatchers: [StoredRow] = []
  private var isStopping = false

  struct Watcher {
    var subject: String
    var after: UInt64
    var backlog: [HistoryLine] = []
  }

  init(_ parts: HostParts<Rules>, server: CallServer, clients: [Peer: CallClient]) {
    tier = parts.tier
    engine = parts.engine
    thread = server.thread
    self.server = server
    self.clients = clients
    log = parts.log
    clock = parts.clock
    crashPoint = parts.crashPoint
    journal = parts.journal
    historian = parts.historian
    checkpoints = parts.checkpoints
    deliver = parts.deliver
    startedAt = parts.startedAt
    server.epoch = engine.epoch
    server.onCall = { [unowned self] in receive($0) }
    server.onCancel = { [unowned self] in
      watchers[$0] = nil
      healthWatchers[$0] = nil
    }
    server.onCredit = { [unowned self] in feed($0) }
    for (peer, client) in clients {
      client.onConnection = { [unowned self] isUp in connection(peer, isUp: isUp) }
    }
    thread.onTurn { [unowned self] in turn() }
    watchSelf()
  }

  // MARK: What arrives

  private func receive(_ call: IncomingCall) {
    let now = clock.now()
    do throws(Refusal) {
      if let command = tier.commands[call.path] {
        try receive(call, command, at: now)
      } else if let query = tier.queries[call.path] {
        engine.reply(.call(call.handle), .success(try query.answer(engine.rules, call.payload, now)))
      } else if let query = tier.pastQueries[call.path] {
        _ = try query.subject(call.payload)
        engine.reply(.past(call.handle, path: call.path, payload: call.payload), .success([]))
      } else if call.path == tier.watch?.path {
        try beginWatching(call)
      } else {
        try answerForSelf(call, at: now)
      }
    } catch {
      engine.reply(.call(call.handle), .failure(error))
    }
  }

  private func receive(_ call: IncomingCall, _ command: Command<Rules>, at now: Instant) throws(Refusal) {
    let identity = try identity(of: call, needsKey: command.needsKey)
    guard engine.repliesWaiting < 200_000 else {
      throw Refusal(.resourceExhausted, "the disk is behind by 200,000 answers", retryAfter: .milliseconds(200))
    }
    let input = try command.input(call.payload, Caller(principal: call.principal, traceparent: call.traceparent))
    engine.receive(input, as: identity, ticket: .call(call.handle), at: now, encode: command.answer)
    crashPoint.reach(.decide)
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
    return CallIdentity(principal: call.principal, token: token, method: call.path, payload: call.payload)
  }

  func isReachable(_ peer: Peer) -> Bool { peer == .provider ? deliver != nil : clients[peer]?.isConnected ?? false }

  private func connection(_ peer: Peer, isUp: Bool) {
    log.info("\(peer) is \(isUp ? "connected" : "disconnected")")
    if isUp { engine.peerReturned(peer, at: clock.now()) } else { engine.peerLeft(peer) }
  }

  // MARK: The turn

  private func turn() {
    followClock()
    let arrived = settlements
    settlements.removeAll(keepingCapacity: true)
    let more = engine.turn(settling: arrived, at: clock.now())
    if writing == nil, engine.hasRowsToWrite { write() }
    release()
    if more { thread.post {} } else { armTimer() }
  }

  private func write() {
    let rows = engine.takeBatch()
    let first = engine.decidedThrough - UInt64(rows.count)
    let through = engine.decidedThrough
    writing = (through, PollThread.now())
    crashPoint.reach(.append)
    if !watchers.isEmpty {
      rowsForWatchers += rows.enumerated().map { StoredRow(sequence: first + UInt64($0.offset) + 1, row: $0.element) }
    }
    let box = Unowned(self)
    journal.append(rows) { result in
      box.thread.post { box.value.written(through, result) }
    }
  }

  private func written(_ through: UInt64, _ result: Result<Void, JournalFailure>) {
    writing = nil
    guard case .success = result else { end(because: result) }
    crashPoint.reach(.flush)
    engine.durable(through: through)
    lastCommit = clock.now()
    checkpoints.consider(through: through, at: lastCommit)
    historian?.follow(through: through)
    feedWatchers()
  }

  private func release() {
    engine.takeReplies { reply in
      crashPoint.reach(.reply)
      switch reply.ticket {
      case .call(let call): server.answer(call, reply.result)
      case .health(let call): server.answer(call, .success(health(at: clock.now()).encoded()))
      case .past(let call, let path, let payload): answerPast(call, path, payload)
      }
    }
    engine.takePayments { pay($0) }
    for client in clients.values { client.flush() }
    if !settlements.isEmpty { thread.post {} }
  }

  private func pay(_ payment: Payment<Rules.Debt>) {
    crashPoint.reach(.send)
    let key = payment.debt.key
    switch tier.pay(payment.debt, clock.now()) {
    case .call(let path, let payload):
      guard let client = clients[payment.peer] else {
        return settle(payment.peer, key, .unavailable, "no endpoint of \(payment.peer) was given", .seconds(60))
      }
      client.call(path, payload, timeout: .seconds(10), identity: .content) { [unowned self] result in
        switch result {
        case .success: settle(payment.peer, key, .ok, "", nil)
        case .failure(let refusal): settle(payment.peer, key, refusal.status, refusal.message, refusal.retryAfter)
        }
      }
    case .attempt(let attempt):
      guard let deliver else { return settle(payment.peer, key, .failedPrecondition, "no providers here", nil) }
      let box = Unowned(self)
      deliver(attempt, clock.now()) { status, words, wait in
        box.thread.post { box.value.settle(.provider, key, status, words, wait) }
      }
    }
  }

  private func settle(_ peer: Peer, _ key: DebtKey, _ status: Status, _ words: String, _ wait: Span?) {
    crashPoint.reach(.confirm)
    settlements.append(Settlement(peer: peer, key: key, status: status, words: words, retryAfter: wait))
  }

  // MARK: History

  private func answerPast(_ call: CallHandle, _ path: String, _ payload: [UInt8]) {
    guard let query = tier.pastQueries[path], let historian, let subject = try? query.subject(payload) else {
      return server.answer(call, .failure(Refusal(.unimplemented, "there is no history here")))
    }
    let box = Unowned(self)
    historian.past(of: subject, through: engine.durableThrough) { past in
      box.thread.post {
        let host = box.value
        do throws(Refusal) {
          let past = try past.get()
          host.server.answer(call, .success(try query.answer(host.engine.rules, payload, past)))
        } catch {
          host.server.answer(call, .failure(error))
        }
      }
    }
  }

  private func beginWatching(_ call: IncomingCall) throws(Refusal) {
    guard let watch = tier.watch else { return }
    let wanted = try watch.wanted(call.payload)
    let after = wanted.from == 0 ? engine.durableThrough : wanted.from - 1
    watchers[call.handle] = Watcher(subject: wanted.subject, after: after)
    guard wanted.from != 0, let historian else { return }
    let box = Unowned(self)
    let handle = call.handle
    historian.lines(after: after, through: engine.durableThrough) { lines in
      box.thread.post {
        box.value.watchers[handle]?.backlog += lines.filter { wanted.subject.isEmpty || $0.subject == wanted.subject }
        box.value.feed(handle)
      }
    }
  }

  private func feedWatchers() {
    guard !rowsForWatchers.isEmpty else { return }
    let durable = rowsForWatchers.filter { $0.sequence <= engine.durableThrough }
    rowsForWatchers.removeAll { $0.sequence <= engine.durableThrough }
    for stored in durable {
      guard let entry = try? tier.codec.decode(stored.row.body) else { continue }
      for line in entry.facts.flatMap({ tier.lines($0, entry.at, stored.sequence) }) {
        for (call, watcher) in watchers where watcher.subject.isEmpty || watcher.subject == line.subject {
          if line.sequence > watcher.after { watchers[call]?.backlog.append(line) }
        }
      }
    }
    for call in watchers.keys { feed(call) }
  }

  /// Send a watcher what it has credit for; one that falls far behind is ended and told where to resume.
  private func feed(_ call: CallHandle) {
    guard var watcher = watchers[call], let watch = tier.watch else { return }
    while let line = watcher.backlog.first, server.send(call, watch.encode(line)) {
      watcher.backlog.removeFirst()
      watcher.after = line.sequence
    }
    watchers[call] = watcher
    guard watcher.backlog.count > 10_000 else { return }
    watchers[call] = nil
    server.answer(
      call, .failure(Refusal(.resourceExhausted, "you read too slowly: resume with from_sequence \(watcher.after)")))
  }

  // MARK: Time and life

  private func followClock() {
    guard let jump = clock.jumped() else { return }
    log.warning("the wall clock jumped by \(jump.milliseconds) ms; elapsed deadlines move with it")
    engine.clockStepped(by: jump, at: clock.now())
  }

  private func armTimer() {
    guard let next = [engine.rules.nextDeadline, engine.nextRetry].compactMap({ $0 }).min() else { return }
    if let timer, timer.due <= next { return }
    if let timer { thread.cancel(timer.id) }
    timer = (next, thread.after(milliseconds: clock.wait(until: next)) { [unowned self] in timer = nil })
  }

  /// Once a second: follow the clock, tell those who watch health, end a process whose disk hangs.
  private func watchSelf() {
    thread.after(milliseconds: 1_000) { [unowned self] in
      if let writing, PollThread.now() > writing.since + 30_000_000_000 {
        log.critical("the disk has not answered for 30 s")
        _exit(70)
      }
      tellHealthWatchers()
      watchSelf()
    }
  }

  private func end(because result: Result<Void, JournalFailure>) -> Never {
    if case .failure(let failure) = result { log.critical("the journal failed: \(failure)") }
    _exit(70)
  }

  /// Stop taking calls, let what was decided become durable and be answered, and end. Safety doesn't need it.
  func stop() {
    guard !isStopping else { return }
    isStopping = true
    log.notice("stopping")
    server.drain()
    thread.after(milliseconds: 1_500) { _exit(0) }
    thread.onTurn { [unowned self] in
      if engine.repliesWaiting == 0, engine.durableThrough == engine.decidedThrough {
        thread.after(milliseconds: 50) { _exit(0) }
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
