import Alerting
import CivilTime
import Escalating
import Machinery
import Messages
import Notifying
import Scheduling
import Tiers

/// The four tiers, the network between them, their disks, the providers, sources and people: everything on one thread, on a
/// simulated clock, by one seed.
public final class World {
  let agenda: Agenda
  var random: SeededRandom
  let report = Report()
  let promises: Promises
  private(set) var network: Network!
  private(set) var providers: SimulatedProviders!
  private(set) var intake: SimulatedNode<Alerts>!
  private(set) var scheduler: SimulatedNode<Schedules>!
  private(set) var escalator: SimulatedNode<Escalations>!
  private(set) var notifier: SimulatedNode<Notifications>!
  private var keysMade: UInt64 = 0

  public init(seed: UInt64, startingAt start: Instant, zones: TimeZones) {
    agenda = Agenda(startingAt: start)
    random = SeededRandom(seed: seed)
    promises = Promises(report)
    network = Network(self)
    providers = SimulatedProviders(self)
    intake = SimulatedNode(.intake(), in: self)
    scheduler = SimulatedNode(.scheduler(zones: zones), in: self)
    escalator = SimulatedNode(.escalator(zones: zones), in: self)
    notifier = SimulatedNode(.notifier(), in: self)
    for node in nodes {
      network.connect(node)
      promises.rose(node.peer, at: start)
      node.start()
    }
  }

  var nodes: [any Node] { [intake, scheduler, escalator, notifier] }

  /// Give each tier its slice of the configuration, over a network that behaves.
  public func configure(_ slices: Slices) {
    call(.scheduler, "/tocsin.schedule.v1.Schedule/Configure", slices.schedule, then: mustGoWell)
    call(.escalator, "/tocsin.escalation.v1.Escalation/Configure", slices.escalation, then: mustGoWell)
    call(.notifier, "/tocsin.notification.v1.Notification/Configure", slices.notification, then: mustGoWell)
    call(.intake, "/tocsin.intake.v1.Intake/Configure", slices.intake, then: mustGoWell)
    agenda.run(until: agenda.now + .seconds(5))
  }

  private func mustGoWell(_ result: Result<[UInt8], Refusal>) {
    if case .failure(let refusal) = result { report.violate("configuration was refused: \(refusal)") }
  }

  /// Call a tier as an operator would, again and again with the same key until there is an answer that is final.
  func call(
    _ peer: Peer, _ path: String, _ payload: [UInt8], token: CallIdentity.Token? = nil,
    then: @escaping (Result<[UInt8], Refusal>) -> Void = { _ in }
  ) {
    let token = token ?? .key(makeKey())
    network.call(peer, from: nil, SimulatedRequest(path: path, payload: payload, token: token)) { [weak self] result in
      guard let self else { return }
      if case .failure(let refusal) = result, refusal.status.isWorthRetrying {
        let wait = max(refusal.retryAfter ?? .zero, .milliseconds(500))
        return self.agenda.plan(after: wait) { self.call(peer, path, payload, token: token, then: then) }
      }
      then(result)
    }
  }

  /// A UUIDv7 of the simulated now.
  func makeKey() -> [UInt8] {
    keysMade += 1
    let now = UInt64(agenda.now.milliseconds)
    var key = (0..<6).map { UInt8(truncatingIfNeeded: now >> (40 - 8 * UInt64($0))) }
    key += [0x70, 0, 0x80, 0] + (0..<6).map { UInt8(truncatingIfNeeded: keysMade >> (40 - 8 * UInt64($0))) }
    return key
  }

  @discardableResult
  func attempt<Value>(_ what: String, _ body: () throws -> Value) -> Value? {
    do {
      return try body()
    } catch {
      report.violate("\(what) failed: \(error)")
      return nil
    }
  }

  func crash(_ node: any Node, for pause: Span) {
    guard node.isUp else { return }
    node.crash()
    promises.fell(node.peer)
    agenda.plan(after: pause) { [weak self] in
      guard let self else { return }
      node.start()
      self.promises.rose(node.peer, at: self.agenda.now)
    }
  }
}

/// Each tier's slice of the configuration, encoded as its Configure call takes it.
public struct Slices: Sendable {
  public var intake: [UInt8]
  public var schedule: [UInt8]
  public var escalation: [UInt8]
  public var notification: [UInt8]

  public init(intake: [UInt8], schedule: [UInt8], escalation: [UInt8], notification: [UInt8]) {
    self.intake = intake
    self.schedule = schedule
    self.escalation = escalation
    self.notification = notification
  }
}
