import Bus
import Glibc
import Machinery
import Messages
import Wire

/// What every tier answers for itself: health and reflection.
extension Host {
  static var ownMethods: [String: Bool] {
    Dictionary(uniqueKeysWithValues: (HealthMethods.all + ReflectionMethods.all).map { ($0.path, $0.streams) })
  }

  func answerForSelf(_ call: IncomingCall, at now: Instant) throws(Refusal) {
    switch call.path {
    case HealthMethods.check.path:
      try checkService(call)
      proveWriting(at: now)
      engine.reply(.health(call.handle), .success([]))
    case HealthMethods.watch.path:
      try checkService(call)
      healthWatchers[call.handle] = .unspecified
      tellHealthWatchers()
    case ReflectionMethods.describe.path:
      let known = Set(tier.methodPaths).union(Self.ownMethods.keys)
      let reply = DescribeReply(fileDescriptorSet: Schema.fileDescriptorSet, methods: known.sorted())
      engine.reply(.call(call.handle), .success(reply.encoded()))
    default: throw Refusal(.unimplemented, "\(tier.name) has no method \(call.path)", field: "method")
    }
  }

  private func checkService(_ call: IncomingCall) throws(Refusal) {
    guard let request = try? HealthRequest(decoding: call.payload) else {
      throw .invalid("", "the payload is no HealthRequest")
    }
    guard request.service.isEmpty || request.service == tier.name else {
      throw .notFound("there is no service \"\(request.service)\" here", field: "service")
    }
  }

  /// SERVING is said only when a write has just been committed.
  private func proveWriting(at now: Instant) {
    guard lastCommit + .seconds(1) < now, engine.decidedThrough == engine.durableThrough else { return }
    engine.probe(
      Probed(bootTime: TierClock.read(CLOCK_BOOTTIME) - .unset, wallAt: now), at: now)
  }

  func health(at now: Instant) -> HealthReply {
    let isFresh = lastCommit + .seconds(5) > now
    return HealthReply(
      status: isFresh ? .serving : .notServing, tier: tier.name,
      reason: isFresh ? "" : "nothing was committed for \((now - lastCommit).milliseconds / 1_000) s", nowAt: now,
      startedAt: startedAt, epoch: engine.epoch, journalSequence: engine.durableThrough, lastCommitAt: lastCommit,
      open: UInt64(engine.rules.openCount),
      owed: tier.peers.keys.sorted { $0.rawValue < $1.rawValue }.map { peer in
        let debt = engine.rules.debtSummary(to: peer)
        return OwedTo(
          peer: peer.rawValue, count: UInt64(debt.count), oldestAt: debt.oldest ?? .unset, reachable: isReachable(peer))
      },
      version: tocsinVersion)
  }

  func tellHealthWatchers() {
    guard !healthWatchers.isEmpty else { return }
    let now = clock.now()
    proveWriting(at: now)
    let health = health(at: now)
    for (call, told) in healthWatchers where told != health.status {
      if server.send(call, health.encoded()) { healthWatchers[call] = health.status }
    }
  }
}

/// The version that `--version`, health and journals name.
public let tocsinVersion = "0.1.0"
