import Escalating
import Machinery
import Messages
import Testing

/// What the scheduler is told of incidents, for handoff documents and pay (requirements H2, C2).
@Suite struct RecordTests {
  private var escalator = Escalator()

  private func at(_ text: String) -> Instant { Instant(rfc3339: "2026-11-25T\(text):00Z") ?? .unset }

  private func incidents(_ id: String = "2f-1") -> [HandoffIncident] {
    escalator.paid.compactMap {
      if case .incident(let incident) = $0, incident.incidentId == id { incident } else { nil }
    }
  }

  private func works(of person: String) -> [Work] {
    escalator.paid.compactMap { if case .work(let work) = $0, work.person == person { work } else { nil } }
  }

  private func span(_ from: String, _ until: String) -> WorkSpan { WorkSpan(fromAt: at(from), untilAt: at(until)) }

  @Test mutating func anIncidentIsToldAsItOpensAndWhateverHappensToIt() throws {
    escalator.alert(.sev2)
    #expect(incidents().count == 1, "opening and paging in one decision are one piece of news")
    let opened = try #require(incidents().last)
    #expect(opened.team == "platform" && opened.service == "redis" && opened.severity == .sev2)
    #expect(opened.openedAt == at("10:00") && !opened.acknowledgedAt.isSet && !opened.resolvedAt.isSet)
    #expect(opened.pages == [PageTold(person: "ana", at: at("10:00"))])
    escalator.wait(.minutes(5))
    try escalator.acknowledge(by: "ana")
    try escalator.ask(
      .update(
        UpdateRequest(
          incidentId: "2f-1", by: "ana", status: .identified, impact: "logins fail", actions: "rolling back",
          next: "watch the error rate", eta: "10 min")))
    escalator.wait(.minutes(15))
    try escalator.ask(.resolve(ResolveRequest(incidentId: "2f-1", by: "ana", note: "rolled back")))
    let last = try #require(incidents().last)
    #expect(incidents().count == 4)
    #expect(incidents().map(\.generation) == incidents().map(\.generation).sorted())
    #expect(last.acknowledgedAt == at("10:05") && last.resolvedAt == at("10:20") && last.owner == "ana")
    #expect(last.status == "identified" && last.impact == "logins fail" && last.next == "watch the error rate")
    #expect(last.note == "rolled back")
    #expect(escalator.rules.debtSummary(to: .scheduler).count == 0)
  }

  @Test mutating func workRunsFromTheAcknowledgementToTheResolve() throws {
    escalator.alert(.sev2)
    escalator.wait(.minutes(5))
    try escalator.acknowledge(by: "ana")
    #expect(works(of: "ana").isEmpty, "what isn't over isn't told")
    escalator.wait(.minutes(5))
    try escalator.acknowledge(by: "ben")
    escalator.wait(.minutes(10))
    try escalator.resolve(by: "ana")
    #expect(works(of: "ana").map(\.spans) == [[span("10:05", "10:20")]])
    #expect(works(of: "ben").map(\.spans) == [[span("10:10", "10:20")]], "who joins works too")
    let work = try #require(works(of: "ana").last)
    #expect(work.team == "platform" && work.severity == .sev2 && work.summary == "down" && !work.sev1FromAt.isSet)
  }

  @Test mutating func handingOverEndsOnesWorkAndTheAcknowledgementBeginsTheOthers() throws {
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(10))
    try escalator.ask(.reassign(ReassignRequest(incidentId: "2f-1", by: "ana", to: "cai", reason: "knows redis")))
    #expect(works(of: "ana").map(\.spans) == [[span("10:00", "10:10")]])
    escalator.wait(.minutes(2))
    try escalator.acknowledge(by: "cai")
    escalator.wait(.minutes(3))
    try escalator.resolve(by: "cai")
    #expect(works(of: "cai").map(\.spans) == [[span("10:12", "10:15")]])
    #expect(works(of: "ana").last?.spans == [span("10:00", "10:10")])
    #expect(incidents().last?.acknowledgedAt == at("10:00"), "the first acknowledgement counts")
    #expect(incidents().last?.owner == "cai")
  }

  @Test mutating func anAcknowledgementThatLapsesEndsTheWork() throws {
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(31))
    #expect(works(of: "ana").map(\.spans) == [[span("10:00", "10:30")]])
    escalator.wait(.minutes(1))
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(8))
    try escalator.resolve(by: "ana")
    #expect(works(of: "ana").last?.spans == [span("10:00", "10:30"), span("10:32", "10:40")])
    #expect(incidents().last?.acknowledgedAt == at("10:00"))
  }

  @Test mutating func workOnASev1SaysSinceWhenAndHowLongItWasOne() throws {
    escalator.alert(.sev1)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(10))
    try escalator.ask(.reassign(ReassignRequest(incidentId: "2f-1", by: "ana", to: "cai")))
    #expect(works(of: "ana").last?.sev1FromAt == at("10:00") && works(of: "ana").last?.sev1UntilAt == .unset)
    try escalator.acknowledge(by: "cai")
    escalator.wait(.minutes(10))
    try escalator.resolve(by: "cai")
    for person in ["ana", "cai"] {
      #expect(works(of: person).last?.sev1FromAt == at("10:00") && works(of: person).last?.sev1UntilAt == at("10:20"))
    }
  }

  @Test mutating func anIncidentThatBecomesASev1IsOneFromThenOn() throws {
    escalator.alert(.sev3)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(10))
    escalator.alert(.sev1, generation: 2)
    escalator.wait(.minutes(5))
    try escalator.resolve(by: "ana")
    let work = try #require(works(of: "ana").last)
    #expect(work.severity == .sev1 && work.sev1FromAt == at("10:10") && work.sev1UntilAt == at("10:15"))
    #expect(incidents().last?.severity == .sev1)
  }

  @Test mutating func anAcknowledgementByTheSourceIsNobodysWork() {
    escalator.alert(.sev2, state: .acknowledged)
    escalator.alert(.sev2, generation: 2, state: .resolved)
    #expect(!escalator.paid.contains { if case .work = $0 { true } else { false } })
    #expect(incidents().last?.acknowledgedAt == at("10:00") && incidents().last?.resolvedAt == at("10:00"))
  }

  @Test mutating func workFollowsTheIncidentToItsNewTeam() throws {
    escalator.receive(.platform("web", holders: [1: "cai", 2: "tess"]))
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(5))
    try escalator.ask(.reassign(ReassignRequest(incidentId: "2f-1", by: "ana", to: "ben")))
    #expect(works(of: "ana").last?.team == "platform")
    try escalator.acknowledge(by: "ben")
    escalator.alert(.sev2, generation: 2, team: "web")
    #expect(works(of: "ana").last?.team == "web" && incidents().last?.team == "web")
    try escalator.resolve(by: "ben")
    #expect(works(of: "ben").last?.team == "web")
  }

  @Test mutating func everyPageWithDutyIsToldOfThoughItIsHeldNoMore() throws {
    escalator.alert(.sev1)
    for _ in 0..<12 {
      try escalator.acknowledge(by: "ana")
      escalator.wait(.minutes(1))
      try escalator.ask(.reassign(ReassignRequest(incidentId: "2f-1", by: "ana", to: "ben")))
      escalator.wait(.minutes(1))
      try escalator.ask(.reassign(ReassignRequest(incidentId: "2f-1", by: "ben", to: "ana")))
    }
    let duties = escalator.said.filter { $0.contains(" duty ") }.map { $0.suffix(3) }
    #expect(duties.count > 20 && escalator.incident().pages.count < 20)
    #expect(incidents().last?.pages.map { $0.person.suffix(3) } == duties)
  }

  @Test mutating func aSchedulerThatIsDownLearnsTheLastStateOnly() throws {
    escalator.isNotifierUp = false
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(5))
    try escalator.resolve(by: "ana")
    #expect(escalator.rules.debtSummary(to: .scheduler).count == 2)
    escalator.wait(.hours(30))
    #expect(escalator.incident().id == "2f-1", "it isn't left to history before the scheduler knows")
    escalator.notifierReturns()
    #expect(incidents().count == 1 && works(of: "ana").count == 1)
    escalator.wait(.hours(2))
    #expect(escalator.incident().id.isEmpty)
    #expect(escalator.rules.debtSummary(to: .scheduler).count == 0)
  }

  @Test mutating func aSchedulerThatLostItsDiskIsToldAgain() throws {
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    try escalator.resolve(by: "ana")
    let told = (incidents().count, works(of: "ana").count)
    escalator.handOverAgain(to: .scheduler)
    #expect(incidents().count == told.0 + 1 && works(of: "ana").count == told.1 + 1)
    #expect(incidents().last?.resolvedAt == escalator.now)
  }

  @Test mutating func afterALossHereWhatIsToldNextGoesBeyondWhatWasToldBefore() throws {
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    let before = try #require(incidents().last?.generation)
    escalator.goOnAfterLoss()
    try escalator.resolve(by: "ana")
    #expect(try #require(incidents().last?.generation) > before + 900)
    #expect(try #require(works(of: "ana").last?.generation) > 900)
    escalator.alert(.sev2, "2f-2")
    #expect(try #require(incidents("2f-2").last?.generation) > 900)
  }

  @Test mutating func workThatBeganAfterALossGoesBeyondWhatWasLostToo() throws {
    escalator.alert(.sev2)
    escalator.goOnAfterLoss()
    #expect(try #require(incidents().last?.generation) > 900, "it is told again: what was said may be wrong now")
    try escalator.acknowledge(by: "ana")
    try escalator.resolve(by: "ana")
    #expect(try #require(works(of: "ana").last?.generation) > 900)
  }

  @Test mutating func wordsAreCutToWhatPayTakesOfThem() throws {
    let summary = String(repeating: "\u{e4}", count: 510)
    try escalator.ask(
      .alert(
        Alert(
          id: "2f-1", generation: 1, state: .open, severity: .sev2, summary: summary, team: "platform",
          policy: "platform", openedAt: escalator.now, handedOverAt: escalator.now)))
    try escalator.acknowledge(by: "ana")
    try escalator.resolve(by: "ana")
    #expect(try #require(works(of: "ana").last).summary == String(repeating: "\u{e4}", count: 500))
  }

  @Test mutating func nobodyIsPaidForTheTimeInWhichTheEscalatorWasDown() throws {
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    escalator.outage(.hours(5))
    #expect(works(of: "ana").map(\.spans) == [[span("10:00", "10:30")]])
  }

  @Test mutating func whatWasKnownBeforeTheSchedulerWasToldIsToldNow() throws {
    escalator.isNotifierUp = false
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    var restored = Escalations(zones: SystemZones.all)
    for var fact in escalator.rules.condensed() {
      if case .snapshot(var snapshot) = fact.kind {
        snapshot.news = 0
        snapshot.record = nil
        fact = EscalationFact(kind: .snapshot(snapshot))
      }
      restored.apply(fact, at: escalator.now)
    }
    escalator.rules = restored
    escalator.notifierReturns()
    #expect(incidents().count == 1)
    escalator.wait(.minutes(5))
    try escalator.resolve(by: "ana")
    #expect(works(of: "ana").map(\.spans) == [[span("10:00", "10:05")]])
  }

  @Test mutating func aRefusalIsALineOfTheTimelineAndNothingIsOwedAnyMore() throws {
    escalator.isNotifierUp = false
    escalator.alert(.sev2)
    let debt = try #require(escalator.rules.owed(to: .scheduler, limit: 1).first)
    for fact in escalator.rules.settle(
      Settlement(peer: .scheduler, key: debt.key, status: .invalidArgument, words: "opened_at_ms: must be given"),
      at: escalator.now)
    {
      escalator.rules.apply(fact, at: escalator.now)
      #expect(
        TimelineText.line(of: fact, at: escalator.now, sequence: 1)?.text
          == "its record for handoff and pay was refused: opened_at_ms: must be given")
    }
    #expect(escalator.rules.debtSummary(to: .scheduler).count == 0)
  }

  @Test mutating func whatIsOwedToTheSchedulerOutlivesACheckpoint() throws {
    escalator.isNotifierUp = false
    escalator.alert(.sev3)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(3))
    try escalator.ask(.reassign(ReassignRequest(incidentId: "2f-1", by: "ana", to: "ben")))
    escalator.alert(.sev1, generation: 2)
    var restored = Escalations(zones: SystemZones.all)
    for fact in escalator.rules.condensed() { restored.apply(fact, at: escalator.now) }
    #expect(restored == escalator.rules)
    #expect(Set(restored.owed(to: .scheduler, limit: 9)) == Set(escalator.rules.owed(to: .scheduler, limit: 9)))
    #expect(restored.owed(to: .scheduler, limit: 9).count == 2)
  }

  @Test mutating func aClockThatStepsMovesTheWorkWithTheIncident() throws {
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(5))
    escalator.stepClock(by: .hours(1))
    escalator.wait(.minutes(5))
    try escalator.resolve(by: "ana")
    #expect(works(of: "ana").last?.spans == [span("11:00", "11:10")])
    #expect(incidents().last?.openedAt == at("11:00"))
  }

  /// Resolved 400 days from now, it would stand as active in every handoff document until then.
  @Test mutating func whatWasToldByAClockThatWasWrongIsToldAgain() throws {
    escalator.alert(.sev2)
    escalator.stepClock(by: .days(400))
    try escalator.resolve(by: "ana")
    #expect(incidents().last?.resolvedAt == at("10:00") + .days(400))
    escalator.stepClock(by: .zero - .days(400))
    #expect(incidents().last?.resolvedAt == at("10:00"))
    #expect(incidents().last?.openedAt == at("10:00"))
    let told = incidents().count
    escalator.stepClock(by: .minutes(5))
    #expect(incidents().count == told, "so little is let pass")
  }
}
