import Escalating
import Messages
import Testing

/// The clocks move with the severity (requirement E6).
@Suite struct SeverityTests {
  @Test func anOldIncidentMadeWorseIsNotLate() {
    var escalator = Escalator()
    escalator.alert(.sev3)
    escalator.wait(.minutes(185))
    _ = escalator.news()
    escalator.alert(.sev1, generation: 2)
    #expect(escalator.news() == ["11-25 13:05:00 duty ana", "11-25 13:05:00 duty ben", "11-25 13:05:00 duty tess"])
    #expect(escalator.lines("skipped") == [])
    escalator.wait(.minutes(10))
    #expect(escalator.said == ["11-25 13:10:00 duty vera", "11-25 13:10:00 reminder ana"])
  }

  @Test func aYoungIncidentMadeWorseStartsAtTheChange() {
    var escalator = Escalator()
    escalator.alert(.sev3)
    escalator.wait(.minutes(9))
    escalator.alert(.sev1, generation: 2)
    escalator.wait(.minutes(15))
    #expect(
      escalator.said == [
        "11-25 10:00:00 duty ana", "11-25 10:09:00 duty ana", "11-25 10:14:00 reminder ana",
        "11-25 10:14:00 headsUp ben", "11-25 10:19:00 duty ben", "11-25 10:19:00 duty tess",
        "11-25 10:24:00 duty vera",
      ])
  }

  @Test func aRaiseNeverPostponesWhatRanAlready() {
    var escalator = Escalator()
    escalator.alert(.sev2)
    escalator.wait(.minutes(9))
    escalator.alert(.sev1, generation: 2)
    escalator.wait(.minutes(6))
    #expect(
      escalator.said == [
        "11-25 10:00:00 duty ana", "11-25 10:09:00 duty ana", "11-25 10:10:00 reminder ana",
        "11-25 10:10:00 headsUp ben", "11-25 10:15:00 duty ben", "11-25 10:15:00 duty tess",
      ])
  }

  @Test func whatItsAgeWouldHaveBroughtAboutComesNoLater() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    try escalator.update(by: "ana")
    escalator.wait(.minutes(115))
    escalator.alert(.sev1, generation: 2)
    try escalator.acknowledge(by: "ana")
    try escalator.update(by: "ana")
    _ = escalator.news()
    escalator.wait(.minutes(5))
    #expect(escalator.news() == ["11-25 12:00:00 duty ben", "11-25 12:00:00 duty tess", "11-25 12:00:00 duty mia"])
    #expect(escalator.lines("age").last == "unresolved for 2 h; paged: tier 2, tier 3, management")
    try escalator.work(until: "2026-11-25T14:00:00Z")
    #expect(escalator.news().filter { $0.contains("vera") } == ["11-25 14:00:00 duty vera"])
    #expect(escalator.lines("age").last == "unresolved for 4 h; paged: tier 4")
    #expect((escalator.restored == escalator.rules))
  }

  @Test func whatTheWorseSeverityHasNothingForGoesOnByItself() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    try escalator.update(by: "ana")
    escalator.wait(.minutes(20))
    escalator.alert(.sev1, generation: 2)
    try escalator.acknowledge(by: "ana")
    try escalator.update(by: "ana")
    #expect((escalator.restored == escalator.rules), "a clock of the milder severity is kept by a checkpoint")
    try escalator.work(until: "2026-11-25T11:00:00Z")
    #expect(escalator.said.filter { $0.contains("11:00:00") } == ["11-25 11:00:00 tell tess"])
    #expect(escalator.lines("age") == ["unresolved for 1 h; told: tier 3"])
    try escalator.work(until: "2026-11-25T11:20:00Z")
    #expect(escalator.lines("age").last == "unresolved for 1 h as SEV-1; paged: tier 2, tier 3, management")
  }

  @Test func theMaximumIsMissedNoLaterThanItWouldHaveBeen() {
    var escalator = Escalator()
    escalator.alert(.sev2)
    escalator.wait(.minutes(19))
    escalator.alert(.sev1, generation: 2)
    escalator.wait(.minutes(1))
    #expect(escalator.lines("breach").last == "acknowledgement maximum missed")
  }

  @Test func whoHasAnIncidentThatGotWorseMustReactOrTheNextTierIsPaged() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try escalator.acknowledge(by: "ana")
    try escalator.update(by: "ana")
    escalator.wait(.minutes(185))
    _ = escalator.news()
    var reacting = escalator
    escalator.alert(.sev1, generation: 2)
    escalator.wait(.minutes(10))
    #expect(escalator.said == ["11-25 13:05:00 duty ana", "11-25 13:15:00 duty ben", "11-25 13:15:00 duty tess"])
    reacting.alert(.sev1, generation: 2)
    try reacting.acknowledge(by: "ana")
    reacting.wait(.minutes(24))
    #expect(reacting.incident().commander == "ana")
    #expect(reacting.said == ["11-25 13:05:00 duty ana"])
  }

  @Test func metDutiesStayMet() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try escalator.acknowledge(by: "ana")
    try escalator.update(by: "ana")
    escalator.wait(.hours(2))
    escalator.alert(.sev2, generation: 2)
    #expect(escalator.incident().nextUpdateDueAt == escalator.now + .minutes(30))
    #expect(escalator.lines("breach") == [])
  }

  @Test func aRaiseAfterAClockStepNeitherFiresNorStalls() {
    for step in [Span.hours(30), Span.zero - .hours(30)] {
      var escalator = Escalator()
      escalator.alert(.sev3)
      escalator.stepClock(by: step)
      _ = escalator.news()
      escalator.alert(.sev1, generation: 2)
      #expect(escalator.news().map { $0.dropFirst(15) } == ["duty ana"])
      escalator.wait(.minutes(9))
      #expect(escalator.news().map { $0.dropFirst(15) } == ["reminder ana", "headsUp ben"])
      escalator.wait(.minutes(1))
      #expect(escalator.news().map { $0.dropFirst(15) } == ["duty ben", "duty tess"])
    }
  }
}

extension Escalator {
  /// Ana gives an update every 20 minutes.
  fileprivate mutating func work(until text: String) throws(Refusal) {
    let end = Instant(rfc3339: text) ?? now
    while now < end {
      wait(min(.minutes(20), end - now))
      if now < end { try update(by: "ana") }
    }
  }
}

/// A person calls it worse or milder (requirement E6).
@Suite struct SeverityByHandTests {
  private func change(_ severity: Severity, by person: String = "ana") -> EscalationInput {
    .severity(SeverityRequest(incidentId: "2f-1", by: person, severity: severity, reason: "one customer"))
  }

  @Test func worseIsAsIfTheSourceHadSaidIt() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try escalator.acknowledge(by: "ana")
    _ = escalator.news()
    escalator.wait(.minutes(2))
    #expect(try escalator.ask(change(.sev1, by: "ben")) == "SEV-3 -> SEV-1; its clocks run from now on")
    #expect(escalator.said == ["11-25 10:02:00 duty ana"])
    #expect(escalator.posts.last == "#incidents: [SEV-1] down (2f-1): now SEV-1, says ben: one customer")
    #expect(escalator.incident().commander == "ana" && escalator.incident().severity == .sev1)
    #expect(escalator.lines("severity") == ["now SEV-1, says ben: one customer"])
  }

  @Test func milderStartsTheChainAnewByItsOwnChannelsAndClocks() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.wait(.minutes(10))
    _ = escalator.news()
    try escalator.ask(change(.sev3))
    #expect(escalator.said == ["11-25 10:10:00 duty ana"])
    #expect(escalator.takenBack.count >= 3, "nobody's phone rings any longer for what was worse")
    #expect(escalator.incident().tier == 1)
    escalator.wait(.minutes(60))
    #expect(
      escalator.said == [
        "11-25 10:10:00 duty ana", "11-25 10:40:00 reminder ana", "11-25 10:40:00 headsUp ben",
        "11-25 11:00:00 reminder ana", "11-25 11:10:00 duty ben",
      ])
  }

  @Test func whoHasAcknowledgedWhatBecomesMilderKeepsItInPeace() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    try escalator.acknowledge(by: "ana")
    _ = escalator.news()
    try escalator.ask(change(.sev4))
    #expect(escalator.said == [] && escalator.incident().state == .acknowledged)
    #expect(escalator.incident().commander == "", "a SEV-4 has none")
    #expect((escalator.restored == escalator.rules))
  }

  @Test func milderAtNightWaitsForWorkingHours() throws {
    let night = Instant(rfc3339: "2026-11-25T03:00:00Z") ?? .unset
    var escalator = Escalator(at: night)
    escalator.alert(.sev2)
    _ = escalator.news()
    try escalator.ask(change(.sev4))
    #expect(escalator.news() == [])
    escalator.wait(.hours(7))
    #expect(escalator.said.first == "11-25 09:00:00 duty ana")
  }

  @Test func theSourceSayingTheSameAgainDoesNotUndoIt() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    try escalator.ask(change(.sev3))
    escalator.alert(.sev2, generation: 2)
    #expect(escalator.incident().severity == .sev3)
    #expect((escalator.restored == escalator.rules))
    escalator.alert(.sev1, generation: 3)
    #expect(escalator.incident().severity == .sev1, "worse than it ever said is news")
  }

  @Test func aSeverityNeedsAReason() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    let mute = SeverityRequest(incidentId: "2f-1", by: "ana", severity: .sev3)
    #expect(throws: Refusal(.invalidArgument, "say why it is worse or milder", field: "reason")) {
      try escalator.ask(.severity(mute))
    }
    #expect(try escalator.ask(change(.sev2)) == "is SEV-2 already")
  }

  @Test func whatWasASev1CountsAsOneUntilItWasCalledMilder() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(30))
    try escalator.ask(change(.sev3))
    escalator.wait(.hours(2))
    try escalator.resolve(by: "ana")
    let work = escalator.paid.compactMap { if case .work(let work) = $0 { work } else { nil } }.last
    #expect(work?.sev1FromAt == Escalator.start && work?.sev1UntilAt == Escalator.start + .minutes(30))
  }
}
