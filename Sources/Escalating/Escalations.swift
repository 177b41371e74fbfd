import CivilTime
import Machinery
import Messages

/// What the escalator knows: incidents and their clocks, policies, and who is on call.
///
/// An incident is carried by its clocks (`Clock`): each says what happens by itself at an instant unless something else
/// happens first. `lapse` handles all due clocks of the most overdue incident at once, so that after an outage overdue
/// steps collapse into one.
public struct Escalations: Machine {
  public let zones: TimeZones
  var incidents: [String: RunningIncident] = [:]
  var order = OpeningOrder()
  var due = DueTimes<String>()
  var policies = PolicyBook()
  var timelines = ReceivedTimelines()
  var openIncidents = 0
  /// Lanes: 0 what stops pages, 1 to 4 pages by severity, 5 posts.
  var debtsToNotifier = DebtQueue(urgencies: 6)
  var debtsToIntake = DebtQueue(urgencies: 1)

  /// How long a closed incident answers for itself before only history does.
  static let keepsClosed = Span.hours(1)

  public init(zones: TimeZones) {
    self.zones = zones
  }

  public var openCount: Int { openIncidents }

  public func decide(
    _ input: EscalationInput, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    switch input {
    case .alert(let alert): Decision(hear(alert, at: now), answer: .done(Done()))
    case .timeline(let timeline): try receive(timeline)
    case .receipt(let receipt): Decision(note(receipt, at: now), answer: .done(Done()))
    case .configure(let configuration): try configure(configuration)
    case .acknowledge(let request): try acknowledge(request, at: now)
    case .resolve(let request): try resolve(request, at: now)
    case .escalate(let request): try escalate(request, at: now)
    case .reassign(let request): try reassign(request, at: now)
    case .update(let request): try update(request, at: now)
    }
  }

  public var nextDeadline: Instant? { due.next?.due }

  public mutating func restarted(at instant: Instant) {}

  /// Elapsed clocks keep their distance to now, and so does a closing that intake doesn't know yet; those in business time
  /// are civil and stay.
  public mutating func clockStepped(by span: Span) {
    for id in debtsToIntake.first(.max) {
      if let closedAt = incidents[id]?.resolvedAt { incidents[id]?.resolvedAt = closedAt + span }
    }
    for id in incidents.keys {
      guard var incident = incidents[id], !rule(of: incident).businessTime else { continue }
      for index in incident.clocks.indices { incident.clocks[index].due = incident.clocks[index].due + span }
      put(incident)
    }
  }

  func rule(of incident: RunningIncident) -> SeverityRule {
    policies.rule(incident.opened.policy, incident.opened.policyVersion, incident.severity)
  }

  /// Store an incident and move its place among the due.
  mutating func put(_ incident: RunningIncident) {
    due.set(incident.id, to: incident.nextClock?.due)
    incidents[incident.id] = incident
  }

  private func receive(_ timeline: Timeline) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    guard !timeline.team.isEmpty else { throw .invalid("team", "must not be empty") }
    let isNews = timelines.isNews(timeline)
    return Decision(
      isNews ? [EscalationFact(kind: .timelineReceived(TimelineReceived(timeline: timeline)))] : [],
      answer: .done(Done()))
  }

  private func configure(
    _ wanted: EscalationConfiguration
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    try PolicyBook.check(wanted.policies)
    let (lines, new) = policies.changes(to: wanted.policies)
    let applies = !wanted.dryRun && !new.isEmpty
    return Decision(
      applies ? [EscalationFact(kind: .policiesConfigured(PoliciesConfigured(policies: new)))] : [],
      answer: .configured(ConfigureReply(changes: lines, applied: !wanted.dryRun)))
  }
}
