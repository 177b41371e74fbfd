import Escalating
import Machinery
import Messages
import Testing

/// Requirement E10: what is counted, and whose pages came when.
@Suite struct ReportTests {
  private func tallies(_ escalator: Escalator) -> [IncidentTally] {
    escalator.facts.flatMap { Tallies.of($0.fact, at: $0.at) }
  }

  @Test func whatHappensIsCounted() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    escalator.wait(.minutes(16))
    try escalator.acknowledge(by: "ben")
    escalator.alert(.sev1, generation: 2)
    try escalator.acknowledge(by: "ana")
    try escalator.resolve(by: "ana")
    let start = Escalator.start
    #expect(
      tallies(escalator) == [
        .opened(
          IncidentOpening(id: "2f-1", team: "platform", service: "redis", severity: .sev2, at: start)),
        .paged(incident: "2f-1", person: "ana", at: start),
        .targetMissed(incident: "2f-1"), .dutyMissed(incident: "2f-1"),
        .escalated(incident: "2f-1"), .paged(incident: "2f-1", person: "ben", at: start + .minutes(15)),
        .acknowledged(incident: "2f-1", at: start + .minutes(16)),
        .severity(incident: "2f-1", .sev1), .paged(incident: "2f-1", person: "ben", at: start + .minutes(16)),
        .acknowledged(incident: "2f-1", at: start + .minutes(16)),
        .resolved(incident: "2f-1", at: start + .minutes(16), byPerson: true),
      ])
  }

  @Test func theMaximumIsASecondBreachWhoeverIsPagedThen() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    escalator.wait(.minutes(19))
    #expect(!tallies(escalator).contains(.maximumMissed(incident: "2f-1")))
    escalator.wait(.minutes(1))
    #expect(tallies(escalator).contains(.maximumMissed(incident: "2f-1")))
    #expect(escalator.lines("breach").last == "acknowledgement maximum missed")
    var answered = Escalator()
    answered.alert(.sev2)
    answered.wait(.minutes(19))
    try answered.acknowledge(by: "ana")
    answered.wait(.minutes(10))
    #expect(!tallies(answered).contains(.maximumMissed(incident: "2f-1")))
  }

  @Test func whatGoesToFurtherPeopleIsCountedAsOftenAsItDoes() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    try escalator.escalate(by: "ana", to: 2)
    try escalator.update(by: "ana")
    escalator.wait(.minutes(29))
    try escalator.update(by: "ana")
    escalator.wait(.minutes(29))
    try escalator.update(by: "ana")
    escalator.wait(.minutes(29))
    try escalator.update(by: "ana")
    escalator.wait(.minutes(29))
    try escalator.update(by: "ana")
    escalator.wait(.minutes(5))
    #expect(escalator.lines("age").last == "unresolved for 2 h; paged: tier 2, tier 3")
    #expect(tallies(escalator).count { $0 == .escalated(incident: "2f-1") } == 2, "by hand, and for its age")
  }

  @Test func whatItsSourceAcknowledgesIsUntouched() {
    var escalator = Escalator()
    escalator.alert(.sev2, state: .acknowledged)
    #expect(tallies(escalator).allSatisfy { if case .acknowledged = $0 { false } else { true } })
  }

  @Test func pagesAreSortedByTheTeamsHours() {
    let calendar = Calendar(timeZone: "Asia/Kolkata", holidays: ["2026-11-26"])
    let escalator = Escalator(timelines: [.platform(calendar: calendar)])
    func pages(_ person: String, _ at: String) -> HistoryFigures.Pages {
      HistoryFigures.Pages(person: person, team: "platform", at: Instant(rfc3339: at) ?? .unset, count: 1)
    }
    let figures = HistoryFigures(pages: [
      pages("ana", "2026-11-25T03:30:00Z"),  // Wednesday 09:00 there
      pages("ana", "2026-11-25T11:15:00Z"), pages("ana", "2026-11-25T11:30:00Z"),  // 16:45, 17:00
      pages("ana", "2026-11-26T08:00:00Z"),  // a holiday
      pages("ben", "2026-11-28T08:00:00Z"),  // Saturday
    ])
    let reply = escalator.rules.reporter().report(FiguresRequest(fromAt: .unset + .days(1)), figures)
    #expect(
      reply.load == [
        LoadFigures(person: "ana", pages: 4, inWorkingHours: 2, nights: 1, weekends: 1),
        LoadFigures(person: "ben", pages: 1, weekends: 1),
      ])
  }

  @Test func whatCannotBeMeantIsRefusedByField() {
    let now = Escalator.start
    for (field, request) in [
      ("from_at_ms", FiguresRequest()), ("until_at_ms", FiguresRequest(fromAt: now)),
      ("until_at_ms", FiguresRequest(fromAt: now - .days(4_000))),
      ("noisiest", FiguresRequest(fromAt: now - .days(1), noisiest: 101)),
    ] {
      do throws(Refusal) {
        _ = try Escalations.checked(request, now: now)
        Issue.record("\(request) is taken")
      } catch { #expect(error.field == field) }
    }
  }
}
