import CivilTime
import Machinery
import Messages
import Wire

/// One seeded run: alerts come in, people answer or don't, and whatever can go wrong does for a while; then faults stop, and
/// the promises are held against what happened.
public struct Campaign: Sendable {
  public var slices: Slices
  public var zones: TimeZones
  public var people: [String]

  public init(slices: Slices, zones: TimeZones, people: [String]) {
    self.slices = slices
    self.zones = zones
    self.people = people
  }

  /// Wednesday 2026-11-25 09:00 UTC for every other seed; others begin at any hour of a year, or before a handoff.
  static func start(of seed: UInt64) -> Instant {
    let wednesday = Instant(milliseconds: 1_795_597_200_000)
    var random = SeededRandom(seed: ~seed)
    switch random.number(0...3) {
    case 0: return wednesday + .minutes(random.number(0...60 * 24 * 365))
    case 1: return wednesday - .hours(57) - .minutes(random.number(1...180))
    default: return wednesday
    }
  }

  static let troubled = Span.hours(3)
  static let quiet = Span.hours(6)

  /// - Parameter traced: an incident whose facts, in all journals, the report then holds line by line.
  public func run(seed: UInt64, tracing traced: String? = nil) -> Report {
    let world = World(
      seed: seed, startingAt: Self.start(of: seed), zones: zones,
      answering: ScenarioPlayer.answering)
    let slices = self.slices.carried(by: seed)
    let isWatched = seed.isMultiple(of: 5)
    world.configure(isWatched ? slices.watched(every: .minutes(5)) : slices.unwatched)
    if isWatched { world.beginWatching() }
    let trouble = Trouble(world)
    trouble.choose()
    if world.report.troubles.isEmpty { world.promises.calmSince = world.agenda.now }
    let crowd = Crowd(world, people: people)
    crowd.planAlerts(over: Self.troubled)
    let duty = Duty(world, people: people)
    duty.plan(over: Self.troubled)
    let hands = Hands(world, people: people)
    hands.plan(over: Self.troubled)
    Hands(world, people: people).planMerging(over: Self.troubled)
    Hands(world, people: people).planReopening(over: Self.troubled)
    let maintenance = Maintenance(world, crowd: crowd)
    maintenance.plan(over: Self.troubled)
    let deployments = Deployments(world)
    deployments.plan(over: Self.troubled)
    let reviewers = Reviewers(world, people: people)
    reviewers.plan(over: Self.troubled + Self.quiet)
    PolicyChanges(world).plan(over: Self.troubled)
    world.watchPromises(for: Self.troubled + Self.quiet)
    world.agenda.run(until: world.agenda.now + Self.troubled)
    trouble.end()
    world.promises.calmSince = world.agenda.now
    world.agenda.plan(after: .hours(1)) { world.watchDebts(for: Self.quiet - .hours(1)) }
    world.agenda.run(until: world.agenda.now + Self.quiet)
    if isWatched { world.endWatching() }
    crowd.finish()
    world.agenda.run(until: world.agenda.now + .days(4))
    crowd.checkReports()
    duty.judge()
    deployments.judge()
    reviewers.judge()
    judge(world)
    if let traced { world.trace(traced) }
    return world.report
  }

  private func judge(_ world: World) {
    world.report.steps = world.agenda.steps
    world.promises.checkNobodyForgotten()
    for node in world.nodes {
      for (peer, debt) in node.debts() where debt.count > 0 {
        world.report.violate("\(node.peer) still owes \(peer) \(debt.count) after faults stopped")
      }
      node.checkReplay()
    }
    for incident in world.openIncidents() {
      world.report.violate("incident \(incident) is open though it was resolved")
    }
    for alert in world.openAlerts() {
      // Not even lost rows excuse this: whatever is handed over again is told that it is over.
      world.report.violate("\(alert) is open at intake though its incident was resolved")
    }
    world.judgeRecords()
    world.report.reached.formUnion(world.reachedKinds())
  }
}

extension World {
  func openIncidents() -> [String] {
    guard let rules = escalator.rules, let list = try? rules.list(ListIncidentsRequest(limit: 1_000)) else { return [] }
    return list.incidents.map(\.id)
  }

  func closedIncidents() -> [String] {
    let request = ListIncidentsRequest(includeResolved: true, limit: 1_000)
    guard let rules = escalator.rules, let list = try? rules.list(request) else { return [] }
    return list.incidents.filter { $0.state == .resolved && $0.mergedInto.isEmpty }.map(\.id)
  }

  func openAlerts() -> [String] {
    guard let rules = intake.rules, let list = try? rules.list(ListAlertsRequest(limit: 1_000)) else { return [] }
    return list.alerts.map(\.id)
  }

  /// Who holds a tier of the shipped team now.
  func holder(of tier: UInt32) -> String {
    let request = OnCallRequest(team: "platform", tier: tier)
    return (try? scheduler.rules?.onCall(request, now: agenda.now))?.shifts.first?.person ?? ""
  }

  /// Once a minute, what must have happened by then is judged.
  func watchPromises(for span: Span) {
    guard span > .zero else { return }
    agenda.plan(after: .minutes(1)) { [weak self] in
      guard let self else { return }
      self.promises.checkMinute(at: self.agenda.now)
      if self.random.oneIn(180) { self.nodes.randomElement(using: &self.random)?.checkReplay() }
      self.watchPromises(for: span - .minutes(1))
    }
  }

  /// From an hour after the last fault on, nothing is owed for minutes.
  func watchDebts(for span: Span) {
    guard span > .zero else { return }
    agenda.plan(after: .minutes(5)) { [weak self] in
      guard let self else { return }
      for node in self.nodes {
        self.report.judgements += 1
        if !node.isUp { self.report.violate("\(node.peer) does not run an hour after the last fault") }
        for peer in node.staleDebts(.minutes(5)) {
          self.report.violate("\(node.peer) has owed \(peer) something for five minutes without any fault")
        }
      }
      self.watchDebts(for: span - .minutes(5))
    }
  }

  /// Puts every fact about an incident, or whatever else has an id, of every tier's journal, into the report.
  func trace(_ incident: String) {
    intake.forEachFact { report.trace.append("\($0.milliseconds) intake \($1)") }
    scheduler.forEachFact { report.trace.append("\($0.milliseconds) scheduler \($1)") }
    escalator.forEachFact { report.trace.append("\($0.milliseconds) escalator \($1)") }
    notifier.forEachFact { report.trace.append("\($0.milliseconds) notifier \($1)") }
    report.trace = report.trace.filter { $0.contains("\"\(incident)") }.sorted()
  }

  /// The kinds of timeline lines in the escalator's journal.
  func reachedKinds() -> Set<String> {
    var kinds: Set<String> = []
    escalator.forEachLine { kinds.insert($0.kind) }
    return kinds
  }
}
