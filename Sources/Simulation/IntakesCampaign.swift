import CivilTime
import Machinery
import Messages
import Wire

/// One seeded run of two intakes behind one address list: sources report one word after the other to whichever answers, intakes and
/// escalator crash and are cut off, messages get lost and come twice. When all is well again, what each source last said holds: what it
/// called over is open nowhere, what fires is one incident that is open. Nobody answers pages here: that is `Campaign`'s.
public struct IntakesCampaign: Sendable {
  public var slices: Slices
  public var zones: TimeZones
  static let troubled = Span.hours(4)

  public init(slices: Slices, zones: TimeZones) {
    self.slices = slices
    self.zones = zones
  }

  /// - Parameter traced: a key of which everything that its source said and every fact is told.
  /// - Returns: what was not as promised, and how often what happened.
  public func run(
    seed: UInt64, tracing traced: String? = nil
  ) -> (violations: [String], counts: [String: Int], trace: [String]) {
    let start = Instant(milliseconds: 1_795_597_200_000)
    let world = World(seed: seed, startingAt: start, zones: zones, intakes: 2)
    world.configure(slices.unwatched)
    let sources = (1...8).map { FailingOverSource("key-\($0)", in: world) }
    for source in sources { source.begin(until: world.agenda.now + Self.troubled) }
    trouble(world, until: world.agenda.now + Self.troubled)
    world.agenda.run(until: world.agenda.now + Self.troubled)
    world.network.temper = Network.Temper()
    // Whoever is down comes back, and is handed what it is owed.
    world.agenda.run(until: world.agenda.now + .hours(3))
    for source in sources { source.judge() }
    for node in world.nodes {
      for (peer, debt) in node.debts() where debt.count > 0 && node.peer != .notifier && node.peer != .scheduler {
        if peer != .notifier, peer != .scheduler {
          world.report.violate("\(node.peer) still owes \(peer) \(debt.count)")
        }
      }
      node.checkReplay()
    }
    var counts: [String: Int] = [:]
    for source in sources { counts.merge(source.counts) { $0 + $1 } }
    counts["crashes"] = world.report.faults[.crash] ?? 0
    let trace = traced.map { key in
      world.trace(of: key, saying: sources.filter { $0.key == key }.flatMap(\.said))
    }
    return (world.report.violations, counts, trace ?? [])
  }

  private func trouble(_ world: World, until end: Instant) {
    world.network.temper = Network.Temper(
      delay: 1...world.random.number(2...40), losesOneIn: Int(world.random.number(8...60)),
      doublesOneIn: Int(world.random.number(5...40)))
    for node in world.nodes where node.peer.intakeNumber != nil || node.peer == .escalator {
      planFault(of: node, world, until: end)
    }
  }

  /// An intake may be away for longer than the escalator holds what is over.
  private func planFault(of node: any Node, _ world: World, until end: Instant) {
    world.agenda.plan(after: .seconds(world.random.number(60...2_400))) {
      guard world.agenda.now < end else { return }
      let isLong = world.random.oneIn(6)
      let pause = Span.seconds(world.random.number(isLong ? 3_000...7_000 : 2...600))
      if world.random.oneIn(3) { world.isolate(node, for: pause) } else { world.crash(node, for: pause) }
      planFault(of: node, world, until: end)
    }
  }
}

/// Reports one key, a word after the other, to the intake that answered last, or the next when none comes.
private final class FailingOverSource {
  private let world: World
  let key: String
  private(set) var said: [(at: Instant, words: String)] = []
  private let tellsTimes: Bool
  private var reached = Peer.intake
  private var isFiring = false
  private var lastID = ""
  private(set) var counts: [String: Int] = [:]

  init(_ key: String, in world: World) {
    self.world = world
    self.key = key
    tellsTimes = world.random.oneIn(2)
  }

  func begin(until end: Instant) {
    world.agenda.plan(after: .seconds(world.random.number(5...900))) { [self] in
      guard world.agenda.now < end else { return }
      say { self.begin(until: end) }
    }
  }

  private func say(then: @escaping () -> Void) {
    let action: Action = !isFiring || world.random.oneIn(3) ? .trigger : world.random.oneIn(4) ? .acknowledge : .resolve
    let event = Event(
      action: action, source: "source", dedupKey: key, severity: .sev3, summary: key, service: key,
      occurredAt: tellsTimes ? world.agenda.now : .unset)
    let request = SimulatedRequest(
      path: IntakeMethods.publish.path, payload: event.encoded(), token: .key(world.makeKey()))
    attempt(request, action, then: then)
  }

  private func attempt(_ request: SimulatedRequest, _ action: Action, then: @escaping () -> Void) {
    world.network.call(reached, from: nil, request) { [self] result in
      switch result {
      case .success(let bytes):
        guard let reply = try? PublishReply(decoding: bytes) else { return world.report.violate("unreadable answer") }
        counts["\(action) \(reply.disposition)", default: 0] += 1
        said.append((world.agenda.now, "source: \(action) at \(reached): \(reply.disposition) \(reply.alertId)"))
        if action == .trigger { lastID = reply.alertId }
        if action != .acknowledge { isFiring = action == .trigger }
        then()
      case .failure(let refusal) where refusal.status.isWorthRetrying:
        counts["failed over", default: 0] += 1
        reached = reached == .intake ? .furtherIntake(2) : .intake
        attempt(request, action, then: then)
      case .failure(let refusal): world.report.violate("\(key) was refused: \(refusal)")
      }
    }
  }

  func judge() {
    let open = [world.intake].compactMap { $0 } + world.furtherIntakes
    let held = open.flatMap { node in
      (try? node.rules?.list(ListAlertsRequest(dedupKey: key)).alerts) ?? []
    }
    let incidents = Set(
      held.compactMap { world.escalator.rules?.incident($0.id) }.filter { $0.state != .resolved }.map(\.id))
    if isFiring {
      if held.isEmpty { world.report.violate("\(key) fires, and is open at no intake") }
      if incidents.count != 1 {
        world.report.violate(
          "\(key) fires and is \(incidents.count) incidents: \(held.map(\.id)) \(incidents.sorted())")
      }
    } else if !lastID.isEmpty {
      if !held.isEmpty { world.report.violate("\(key) is over, and open at intake as \(held.map(\.id))") }
      if let incident = world.escalator.rules?.incident(lastID), incident.state != .resolved {
        world.report.violate("\(key) is over, and its incident \(incident.id) is not")
      }
    }
  }
}

extension World {
  /// What a source said of a key and every fact of intakes and escalator about it, in order of time.
  fileprivate func trace(of key: String, saying words: [(at: Instant, words: String)]) -> [String] {
    var lines = words
    var ids: Set<String> = []
    for node in [intake!] + furtherIntakes {
      node.forEachFact { at, fact in
        if case .opened(let alert) = fact.kind, alert.dedupKey == key { ids.insert(alert.id) }
        let text = "\(fact)"
        if ids.contains(where: { text.contains("\"\($0)\"") }) { lines.append((at, "\(node.peer): \(text)")) }
      }
    }
    let hash = "\(AlertKey(source: "source", dedupKey: key).high)"
    escalator.forEachFact { at, fact in
      let text = "\(fact)"
      let isMeant = text.contains(hash) || ids.contains { text.contains("\"\($0)\"") }
      if isMeant { lines.append((at, "escalator: \(text)")) }
    }
    let inOrder = lines.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
    return inOrder.map { "\($0.element.at.milliseconds) \($0.element.words)" }
  }
}
