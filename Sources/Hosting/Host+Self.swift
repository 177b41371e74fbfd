import Bus
import Glibc
import Machinery
import Messages
import Processes
import Wire

/// What every tier answers for itself: health, reflection, and its part of the audit.
extension Host {
  static var ownMethods: [String: Bool] {
    Dictionary(
      uniqueKeysWithValues: (HealthMethods.all + ReflectionMethods.all + RecoveryMethods.all + KeepingMethods.all
        + HistoriesMethods.all + AuditMethods.all + PostureMethods.all).map {
          ($0.path, $0.streams)
        })
  }

  func answerForSelf(_ call: IncomingCall, at now: Instant) throws(Refusal) {
    switch call.path {
    case HealthMethods.check.path:
      check(call.handle, try service(of: call), at: now)
    case HealthMethods.watch.path:
      if let service = try? service(of: call) {
        healthWatchers[call.handle] = (service, .unspecified)
      } else {
        _ = server.send(call.handle, HealthReply(status: .serviceUnknown, tier: tier.name).encoded())
      }
      tellHealthWatchers()
    case ReflectionMethods.describe.path:
      let known = Set(tier.methodPaths).union(Self.ownMethods.keys)
      let reply = DescribeReply(fileDescriptorSet: Schema.fileDescriptorSet, methods: known.sorted())
      engine.reply(ticket(call), .success(reply.encoded()))
    case RecoveryMethods.handOverAgain.path:
      guard let request = try? HandOverAgainRequest(decoding: call.payload), let peer = Peer(rawValue: request.peer),
        tier.peers[peer] != nil
      else {
        let owed = tier.peers.keys.map(\.rawValue).sorted().joined(separator: ", ")
        throw .invalid("peer", "\(tier.name) owes something to \(owed)")
      }
      engine.handOverAgain(to: peer, at: now)
      note("hands over again to \(peer) what is open", of: call)
      engine.reply(ticket(call), .success(Done().encoded()))
    case KeepingMethods.copyRows.path: try copyRows(call)
    case KeepingMethods.copyCheckpoint.path: try copyCheckpoint(call)
    case KeepingMethods.copyContactKeys.path: try copyContactKeys(call)
    case HistoriesMethods.listLines.path: try listLines(call)
    case PostureMethods.report.path: reportPosture(call)
    case AuditMethods.list.path: try askAudit(call, AuditRequest.self)
    case AuditMethods.verify.path: try askAudit(call, AuditVerification.self)
    default: throw Refusal(.unimplemented, "\(tier.name) has no method \(call.path)", field: "method")
    }
  }

  /// Whether pages get through, which is another question than whether this tier is well.
  private static var pages: String { "pages" }

  private func service(of call: IncomingCall) throws(Refusal) -> String {
    guard let request = try? HealthRequest(decoding: call.payload) else {
      throw .invalid("", "the payload is no HealthRequest")
    }
    let isPages = request.service == Self.pages && tier.endToEnd(engine.rules, clock.now()) != nil
    guard request.service.isEmpty || request.service == tier.name || isPages else {
      throw .notFound("there is no service \"\(request.service)\" here", field: "service")
    }
    return request.service
  }

  /// SERVING is said only when a write has just been committed. A disk that hangs is told of within two seconds.
  private func check(_ call: CallHandle, _ service: String, at now: Instant) {
    healthChecks.append((call, service))
    if isFresh(within: 1) { answerHealthChecks() } else { proveWriting(at: now) }
  }

  /// Called when something was committed, and once a second.
  func answerHealthChecks() {
    showReport()
    guard !healthChecks.isEmpty else { return }
    let reply = health(at: clock.now())
    for (call, service) in healthChecks {
      server.answer(call, .success((service == Self.pages ? pages(reply) : reply).encoded()))
    }
    healthChecks = []
  }

  func proveWriting(at now: Instant) {
    guard !isFresh(within: 1), engine.decidedThrough == engine.durableThrough else { return }
    engine.probe(
      Probed(bootTime: TierClock.read(CLOCK_BOOTTIME) - .unset, wallAt: now), at: now)
  }

  func isFresh(within seconds: UInt64) -> Bool {
    lastCommit != 0 && lastCommit + seconds * 1_000_000_000 > PollThread.now()
  }

  func health(at now: Instant) -> HealthReply {
    let trouble = trouble
    let age = Span.milliseconds(Int64((PollThread.now() - lastCommit) / 1_000_000))
    return HealthReply(
      status: trouble == nil ? .serving : .notServing, tier: tier.name,
      reason: trouble ?? remark, nowAt: now,
      startedAt: startedAt, epoch: engine.epoch, journalSequence: engine.durableThrough, lastCommitAt: now - age,
      open: UInt64(engine.rules.openCount),
      owed: tier.peers.keys.sorted { $0.rawValue < $1.rawValue }.map { peer in
        let debt = engine.rules.debtSummary(to: peer)
        return OwedTo(
          peer: peer.rawValue, count: UInt64(debt.count), oldestAt: debt.oldest ?? .unset, reachable: isReachable(peer))
      },
      version: tocsinVersion, sockets: sockets, endToEnd: endToEnd(at: now), intake: tier.intakeNumber,
      answers: AnswerCounts(waited: server.counters.waited, givenUp: server.counters.givenUp))
  }

  private func endToEnd(at now: Instant) -> EndToEnd? {
    var seen = tier.endToEnd(engine.rules, now)
    // What any of several intakes has accepted may be what is not compared.
    seen?.comparedAt = tier.questions.map { answeredAt[$0.peer] ?? .unset }.min() ?? .unset
    return seen
  }

  /// What was not compared for longer than this is as good as not compared.
  private static var comparedWithin: Span { .minutes(3) }
  private static var passesWithin: Span { .seconds(30) }

  private func pages(_ health: HealthReply) -> HealthReply {
    guard let endToEnd = health.endToEnd, health.status == .serving else { return health }
    var reply = health
    if endToEnd.lost {
      reply.status = .notServing
      reply.reason = "synthetic alerts don't arrive"
    } else if endToEnd.missing > 0 {
      reply.status = .notServing
      reply.reason = "\(endToEnd.missing) accepted alerts have no page"
    } else if endToEnd.took > Self.passesWithin {
      reply.status = .notServing
      reply.reason = "the last synthetic alert took \(endToEnd.took.milliseconds / 1_000) s"
    } else if max(endToEnd.comparedAt, startedAt) + Self.comparedWithin < health.nowAt {
      reply.status = .notServing
      reply.reason = "what intake has accepted is not compared: it does not answer"
    }
    return reply
  }

  /// Each socket's connections: who comes in, and those whom this tier calls.
  private var sockets: [SocketCounts] {
    server.connections.map { SocketCounts($0.door, $0.counts) }
      + clients.sorted { $0.key.rawValue < $1.key.rawValue }.map { SocketCounts("to \($0)", $1.connections) }
  }

  /// Called once a second. Connections that end are part of ordinary life; those that can't begin are told of.
  func tellOfFailedConnections() {
    let failed = sockets.filter { $0.handshakesFailed + $0.acceptsFailed + $0.beyondLimits > 0 }
    guard let words = failedConnections.news(failed, at: PollThread.now()) else { return }
    log.warning("\(words)")
  }

  /// Why this tier must not be counted on.
  private var trouble: String? {
    if disk == .full { return "the disk is full" }
    if let trouble = selfTest.trouble { return trouble }
    guard !isFresh(within: 5) else { return nil }
    return lastCommit == 0
      ? "nothing was committed yet" : "nothing was committed for \((PollThread.now() - lastCommit) / 1_000_000_000) s"
  }

  /// What people should look at although it serves.
  private var remark: String {
    var remarks: [String] = []
    if !keys.areDemanded { remarks.append("runs without keys") }
    if let trouble = keys.ownTrouble(at: TierClock.read(CLOCK_REALTIME)) { remarks.append(trouble) }
    if let problem = server.keyProblem { remarks.append("\(problem); the list before it stays in force") }
    if let skipped = server.skippedKeys { remarks.append("the list of keys: \(skipped)") }
    if let silence = selfTest.remark { remarks.append(silence) }
    if disk == .scarce { remarks.append("less than 5 % of the disk is free: what can wait is refused") }
    let count = messageInHand.lookAside()
    if count > 0 {
      remarks.append("\(count) \(count == 1 ? "message is" : "messages are") set aside: each ended a process twice")
    }
    return remarks.joined(separator: "; ")
  }

  func tellHealthWatchers() {
    guard !healthWatchers.isEmpty else { return }
    let now = clock.now()
    proveWriting(at: now)
    let health = health(at: now)
    for (call, watcher) in healthWatchers {
      let reply = watcher.service == Self.pages ? pages(health) : health
      guard watcher.told != reply.status else { continue }
      if server.send(call, reply.encoded()) { healthWatchers[call] = (watcher.service, reply.status) }
    }
  }
}
