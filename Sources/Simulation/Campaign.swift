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

  /// Wednesday 2026-11-25 09:00 UTC.
  static let start = Instant(milliseconds: 1_795_597_200_000)
  static let troubled = Span.hours(3)
  static let quiet = Span.hours(6)

  /// - Parameter traced: an incident whose facts, in all journals, the report then holds line by line.
  public func run(seed: UInt64, tracing traced: String? = nil) -> Report {
    let world = World(seed: seed, startingAt: Self.start, zones: zones)
    world.configure(slices)
    let trouble = Trouble(world)
    trouble.choose()
    let crowd = Crowd(world, people: people)
    crowd.planAlerts(over: Self.troubled)
    world.agenda.run(until: world.agenda.now + Self.troubled)
    trouble.end()
    world.agenda.run(until: world.agenda.now + Self.quiet)
    crowd.finish()
    world.agenda.run(until: world.agenda.now + .days(4))
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
      world.report.replays += 1
      if !node.replaysToItself() { world.report.violate("\(node.peer): its journal does not fold into its state") }
    }
    for incident in world.openIncidents() {
      world.report.violate("incident \(incident) is open though it was resolved")
    }
    world.report.reached = world.reachedKinds()
  }
}

extension World {
  func openIncidents() -> [String] {
    guard let rules = escalator.rules, let list = try? rules.list(ListIncidentsRequest(limit: 1_000)) else { return [] }
    return list.incidents.map(\.id)
  }

  /// Puts every fact about an incident, of every tier's journal, into the report.
  func trace(_ incident: String) {
    intake.forEachFact { report.trace.append("\($0.milliseconds) intake \($1)") }
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
