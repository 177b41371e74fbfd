import Alerting
import CivilTime
import Escalating
import Machinery
import Messages
import Notifying
import Scheduling
import Tiers
import Wire

/// The four tiers, the network between them, their disks, the providers, sources and people: everything on one thread, on a
/// simulated clock, by one seed.
public final class World {
  let seed: UInt64
  let agenda: Agenda
  var random: SeededRandom
  let report = Report()
  let promises: Promises
  private(set) var network: Network!
  private(set) var providers: SimulatedProviders!
  private(set) var intake: SimulatedNode<Alerts>!
  /// Behind the same address list.
  private(set) var furtherIntakes: [SimulatedNode<Alerts>] = []
  private(set) var scheduler: SimulatedNode<Schedules>!
  private(set) var escalator: SimulatedNode<Escalations>!
  private(set) var notifier: SimulatedNode<Notifications>!
  private var keysMade: UInt64 = 0
  /// What operators apply: a tier that has lost rows gets its own again.
  var slices = Slices(intake: [], schedule: [], escalation: [], notification: [])
  /// Whether the notifier asks what intake has accepted, and synthetic alerts are sent.
  private(set) var isWatched = false
  static let asksEvery = Span.seconds(15)
  /// Tiers whose timers stand still.
  private var still: Set<Peer> = []

  /// - Parameters:
  ///   - answering: how pages are answered by their own channels; nil: not at all.
  ///   - intakes: how many there are.
  public init(
    seed: UInt64, startingAt start: Instant, zones: TimeZones, answering: AnsweringTerms? = nil, intakes: UInt32 = 1
  ) {
    self.seed = seed
    agenda = Agenda(startingAt: start)
    random = SeededRandom(seed: seed)
    promises = Promises(report)
    network = Network(self)
    providers = SimulatedProviders(self)
    intake = SimulatedNode(.intake(number: intakes > 1 ? 1 : 0, of: intakes), in: self)
    furtherIntakes = (1..<max(1, intakes)).map { SimulatedNode(.intake(number: $0 + 1, of: intakes), in: self) }
    scheduler = SimulatedNode(.scheduler(zones: zones), in: self)
    escalator = SimulatedNode(.escalator(zones: zones, intakes: intakes), in: self)
    notifier = SimulatedNode(
      .notifier(zones: zones, contactKeys: .simulated(), answering: answering, intakes: intakes), in: self)
    for node in nodes {
      network.connect(node)
      raise(node)
    }
    promises.isAnswerSettled = { [weak self] in
      self?.notifier.rules?.isWaiting(forAnswer: $0) != true
    }
    promises.incident = { [weak self] in self?.escalator.rules?.incident($0) }
  }

  var nodes: [any Node] { [intake, scheduler, escalator, notifier] + furtherIntakes }

  /// The watch begins; what is configured says what it does.
  func beginWatching() {
    guard !isWatched else { return }
    isWatched = true
    promises.watch.since = agenda.now
    notifier.beginAsking()
  }

  /// What follows takes days, and nothing is wrong in them.
  func endWatching() {
    isWatched = false
    promises.watch.since = nil
    configure(slices.unwatched)
  }

  /// Give each tier its slice of the configuration, over a network that behaves.
  public func configure(_ slices: Slices) {
    self.slices = slices
    for node in nodes { configure(node.peer, then: mustGoWell) }
    agenda.run(until: agenda.now + .seconds(5))
  }

  /// Operators give every service to a team: open alerts follow. Without a schedule of its own the first team is paged for it.
  func giveServices(to team: String, then: @escaping () -> Void) {
    guard var intake = try? IntakeConfiguration(decoding: slices.intake) else { return }
    for index in intake.services.indices { intake.services[index].team = team }
    slices.intake = intake.encoded()
    configure(.intake) { [weak self] result in
      self?.mustGoWell(result)
      then()
    }
  }

  /// Operators apply other policies.
  func apply(_ policies: EscalationConfiguration, then: @escaping (ConfigureReply) -> Void) {
    slices.escalation = policies.encoded()
    configure(.escalator) { [weak self] result in
      self?.mustGoWell(result)
      guard case .success(let bytes) = result, let reply = try? ConfigureReply(decoding: bytes) else { return }
      then(reply)
    }
  }

  private func configure(_ peer: Peer, then: @escaping (Result<[UInt8], Refusal>) -> Void) {
    switch peer {
    case .intake, .furtherIntake: call(peer, "/tocsin.intake.v1.Intake/Configure", slices.intake, then: then)
    case .scheduler: call(peer, "/tocsin.schedule.v1.Schedule/Configure", slices.schedule, then: then)
    case .escalator: call(peer, "/tocsin.escalation.v1.Escalation/Configure", slices.escalation, then: then)
    case .notifier: call(peer, "/tocsin.notification.v1.Notification/Configure", slices.notification, then: then)
    case .provider: break
    }
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
      if case .failure(let refusal) = result, refusal.field == "idempotency_key" {
        // A clock is wrong by a day: whoever calls asks again until somebody has put it right. With the same key: a late copy of
        // a refused call with another one would be a report of its own.
        return self.agenda.plan(after: .seconds(5)) { self.call(peer, path, payload, token: token, then: then) }
      }
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

  // MARK: Life and death of tiers

  func crash(_ node: any Node, for pause: Span) {
    guard node.isUp else { return }
    node.crash()
    fell(node, for: pause)
  }

  /// A tier has ended; it is started again after a while.
  func fell(_ node: any Node, for pause: Span) {
    report.count(.crash)
    promises.fell(node.peer, at: agenda.now)
    agenda.plan(after: pause) { [weak self] in self?.raise(node) }
  }

  private func raise(_ node: any Node) {
    guard !node.isUp else { return }
    if node.start() {
      still.remove(node.peer)
      if !network.isolated.contains(node.peer) { isBack(node) }
      return
    }
    // Its journal says that rows are lost: an operator reads that, accepts it, and applies the configuration again.
    report.count(.tailLost)
    agenda.plan(after: .seconds(random.number(60...1_800))) { [weak self] in
      guard let self else { return }
      self.goOnAfterLoss(node)
    }
  }

  /// The operator starts the tier without what is lost, has the others hand over again, and applies the configuration.
  func goOnAfterLoss(_ node: any Node) {
    node.acceptLoss()
    guard node.start() else { return report.violate("\(node.peer) does not start after a loss was accepted") }
    for other in nodes where other.peer != node.peer { handOverAgain(other, to: node.peer) }
    configure(node.peer) { [weak self] _ in
      guard let self, node.isUp, !self.network.isolated.contains(node.peer) else { return }
      self.promises.rose(node.peer, at: self.agenda.now)
    }
  }

  /// The operator goes on to ask until the tier is up and has it on disk, or so it seems: a crash in between asks again.
  private func handOverAgain(_ node: any Node, to peer: Peer) {
    if node.handOverAgain(to: peer) { return }
    agenda.plan(after: .seconds(10)) { [weak self] in self?.handOverAgain(node, to: peer) }
  }

  /// Cuts a tier off from everybody for a while.
  func isolate(_ node: any Node, for pause: Span) {
    guard network.isolated.insert(node.peer).inserted else { return }
    report.count(.isolated)
    promises.lostTouch(with: node.peer)
    agenda.plan(after: pause) { [weak self] in
      guard let self else { return }
      self.network.isolated.remove(node.peer)
      if node.isUp { self.isBack(node) }
    }
  }

  /// A tier answers and sends what it decides at once, and nothing happens there by time for a while.
  func standStill(_ node: any Node, for span: Span) {
    guard node.isUp, still.insert(node.peer).inserted else { return }
    report.count(.timersStill)
    node.timersRun = false
    promises.lostTouch(with: node.peer)
    agenda.plan(after: span) { [weak self] in self?.goOn(node) }
  }

  /// Its timers run again. A process that was started since has timers that run.
  func goOn(_ node: any Node) {
    guard still.remove(node.peer) != nil else { return }
    node.timersRun = true
    if node.isUp, !network.isolated.contains(node.peer) { promises.rose(node.peer, at: agenda.now) }
  }

  /// A tier can be reached again. Sometimes the others notice at once, as a connection tells them.
  private func isBack(_ node: any Node) {
    if !still.contains(node.peer) { promises.rose(node.peer, at: agenda.now) }
    guard random.oneIn(2) else { return }
    for other in nodes where other.peer != node.peer { other.peerReturned(node.peer) }
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
