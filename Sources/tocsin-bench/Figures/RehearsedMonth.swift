import Escalating
import Machinery
import Messages

/// A team's month for a rehearsal: incidents that the secondary acknowledges after twelve minutes and that are over after an
/// hour, by a policy and by one whose second tier comes sooner.
struct RehearsedMonth {
  var incidents: Int
  private let from = Instant(milliseconds: 1_767_225_600_000)
  private let until = Instant(milliseconds: 1_767_225_600_000) + .days(30)

  init(incidents: Int) {
    self.incidents = incidents
  }

  /// - Returns: how many seconds it took.
  func rehearse() throws -> Double {
    var rules = Escalations(zones: .init())
    let present = EscalationConfiguration(policies: [policy(secondary: .minutes(10))])
    for fact in try rules.decide(.configure(present), at: from).facts { rules.apply(fact, at: from) }
    let request = RehearsalRequest(
      team: "platform", fromAt: from, untilAt: until, policies: [policy(secondary: .minutes(5))], timeline: timeline)
    let rehearser = rules.rehearser(try Escalations.checked(request, now: until))
    let recorded = recorded
    let began = ContinuousClock.now
    let reply = try rehearser.rehearse(recorded, HistoryFigures())
    let took = ContinuousClock.now - began
    guard reply.differing.count + Int(reply.differingLeftOut) == incidents else {
      throw BenchFailure("the rehearsal misses incidents")
    }
    return Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
  }

  private var recorded: [RecordedFacts] {
    let step = Span.days(29).milliseconds / Int64(incidents)
    return (0..<incidents).map { number in
      let at = from + .milliseconds(Int64(number) * step)
      let id = "2f-\(String(number, radix: 36))"
      let opened = IncidentOpened(
        id: id, severity: Severity(rawValue: UInt32(1 + number % 3)) ?? .sev3, summary: "5xx of aion-web-api above 2 %",
        service: "service-\(number % 97)", alertClass: "high_error_rate", team: "platform", policy: "platform",
        openedAt: at, alertState: .open)
      return RecordedFacts(
        id: id,
        facts: [
          (.opened(opened), at), (.acknowledged(Acknowledged(incidentId: id, by: "eli")), at + .minutes(12)),
          (.resolved(Resolved(incidentId: id, by: "eli")), at + .hours(1)),
        ], firstPages: ["dee": at, "eli": at + .minutes(10)])
    }
  }

  private func policy(secondary: Span) -> Policy {
    Policy(
      name: "platform",
      severities: Severity.allCases.filter { $0 != .unspecified }.map { severity in
        SeverityRule(
          severity: severity, acknowledgeTarget: .minutes(5), acknowledgeMaximum: secondary,
          tierAcknowledge: .minutes(5), topTier: 3, restartAfter: .minutes(5), acknowledgementLapses: .minutes(30),
          investigate: .minutes(10), firstUpdate: .minutes(15), nextUpdates: .minutes(30), remindBefore: .minutes(5))
      })
  }

  private var timeline: Timeline {
    let people = ["dee", "eli", "theo"]
    return Timeline(
      team: "platform", generation: 1, publishedAt: from, fromAt: from, untilAt: until,
      shifts: people.enumerated().map { tier, person in
        Shift(tier: UInt32(tier + 1), person: person, fromAt: from, untilAt: until, because: .rotation)
      }, lead: "theo", people: people.map { Person(id: $0, name: $0) })
  }
}
