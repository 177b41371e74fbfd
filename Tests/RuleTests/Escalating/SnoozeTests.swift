import Escalating
import Messages
import Testing

/// Requirements E6 and I7: quiet for a while, and then paged again.
@Suite struct SnoozeTests {
  private func snooze(_ span: Span, _ escalator: Escalator, by person: String = "ana") -> EscalationInput {
    .snooze(
      SnoozeRequest(incidentId: "2f-1", by: person, untilAt: escalator.now + span, reason: "the vendor is at it"))
  }

  /// Acknowledged by ana at 10:00.
  private func taken(_ severity: Severity) throws -> Escalator {
    var escalator = Escalator()
    escalator.alert(severity)
    try escalator.acknowledge(by: "ana")
    _ = escalator.news()
    return escalator
  }

  @Test func nothingIsAskedUntilItEndsAndThenItIsPagedAgain() throws {
    var escalator = try taken(.sev2)
    #expect(try escalator.ask(snooze(.minutes(50), escalator)) == "quiet until 10:50 UTC; then ana is paged again")
    #expect(escalator.incident().snoozedUntilAt == escalator.now + .minutes(50))
    escalator.wait(.minutes(49))
    #expect(escalator.news() == [])
    escalator.wait(.minutes(1))
    #expect(escalator.news() == ["11-25 10:50:00 duty ana"])
    #expect(escalator.incident().state == .triggered && !escalator.incident().snoozedUntilAt.isSet)
    escalator.wait(.minutes(15))
    #expect(escalator.said.contains("11-25 11:05:00 duty ben"), "the chain runs as after an opening")
  }

  @Test func whoeverIsPrimaryByThenIsPagedToo() throws {
    var escalator = try taken(.sev3)
    try escalator.ask(snooze(.minutes(50), escalator))
    escalator.receive(.platform(generation: 2, holders: [1: "cai", 2: "ben", 3: "tess"]))
    escalator.wait(.minutes(50))
    #expect(escalator.said == ["11-25 10:50:00 duty ana", "11-25 10:50:00 duty cai"])
  }

  @Test func whatItsAgeBringsAboutGoesOn() throws {
    var escalator = try taken(.sev1)
    try escalator.ask(snooze(.hours(4), escalator))
    escalator.wait(.hours(3))
    #expect(escalator.said.contains("11-25 11:00:00 duty tess"), "an hour unresolved")
    #expect(!escalator.said.contains { $0.contains("reminder") })
  }

  @Test func whoeverDoesSomethingAboutItEndsIt() throws {
    for act in [
      EscalationInput.update(UpdateRequest(incidentId: "2f-1", by: "ana", status: .identified)),
      .acknowledge(AcknowledgeRequest(incidentId: "2f-1", by: "ana")),
      .escalate(EscalateRequest(incidentId: "2f-1", by: "ana", tier: 2, reason: "help")),
      .severity(SeverityRequest(incidentId: "2f-1", by: "ana", severity: .sev1, reason: "it grows")),
    ] {
      var escalator = try taken(.sev2)
      try escalator.ask(snooze(.minutes(50), escalator))
      escalator.wait(.minutes(5))
      try escalator.ask(act)
      #expect(!escalator.incident().snoozedUntilAt.isSet)
      #expect((escalator.restored == escalator.rules))
      escalator.wait(.minutes(35))
      #expect(escalator.lines("snooze-over") == [] && escalator.incident().state == .triggered, "it lapses as ever")
    }
  }

  @Test func aResolveEndsIt() throws {
    var escalator = try taken(.sev2)
    try escalator.ask(snooze(.minutes(50), escalator))
    try escalator.resolve(by: "ana")
    escalator.wait(.hours(2))
    #expect(escalator.said == [])
  }

  @Test func itHasAnEndThatFitsTheSeverity() throws {
    var escalator = try taken(.sev1)
    #expect(
      throws: Refusal(
        .invalidArgument, "must be in the future, and for a SEV-1 within 4 h: so at 14:00 UTC at the latest",
        field: "until_at_ms")
    ) { try escalator.ask(snooze(.hours(5), escalator)) }
    #expect(throws: Refusal.self) { try escalator.ask(snooze(.zero, escalator)) }
    var mild = try taken(.sev3)
    try mild.ask(snooze(.days(7), mild))
    var open = Escalator()
    open.alert(.sev2)
    #expect(
      throws: Refusal(.failedPrecondition, "nobody has acknowledged 2f-1: acknowledge it first, then snooze it")
    ) { try open.ask(snooze(.hours(1), open)) }
  }

  @Test func snoozedTimeIsNoWork() throws {
    var escalator = try taken(.sev3)
    escalator.wait(.minutes(20))
    try escalator.ask(snooze(.hours(2), escalator))
    escalator.wait(.hours(2))
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(30))
    try escalator.resolve(by: "ana")
    let works = escalator.paid.compactMap { if case .work(let work) = $0 { work } else { nil } }
    #expect(works.last?.spans.map { ($0.untilAt - $0.fromAt).milliseconds / 60_000 } == [20, 30])
  }

  @Test func aSnoozeOutlivesACheckpointAndMovesWithAClockStep() throws {
    var escalator = try taken(.sev2)
    try escalator.ask(snooze(.minutes(50), escalator))
    #expect((escalator.restored == escalator.rules))
    escalator.stepClock(by: .hours(5))
    escalator.wait(.minutes(49))
    #expect(escalator.said == [])
  }
}
