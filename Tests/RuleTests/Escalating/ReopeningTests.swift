import Escalating
import Machinery
import Messages
import Testing

/// Requirement E6: an incident that was not over after all.
@Suite struct ReopeningTests {
  private func reopen(_ id: String = "2f-1", by person: String = "tess", _ reason: String = "it is back")
    -> EscalationInput
  {
    .reopen(ReopenRequest(incidentId: id, by: person, reason: reason))
  }

  /// Acknowledged and resolved by Ben within two minutes.
  private func resolved(_ severity: Severity = .sev1) throws -> Escalator {
    var escalator = Escalator()
    escalator.alert(severity)
    escalator.wait(.minutes(1))
    try escalator.acknowledge(by: "ben")
    escalator.wait(.minutes(1))
    try escalator.resolve(by: "ben")
    _ = escalator.news()
    return escalator
  }

  @Test func whoeverHadItAndThePrimaryArePagedAnew() throws {
    var escalator = try resolved()
    escalator.wait(.minutes(50))
    #expect(try escalator.ask(reopen()) == "open again; tier 1 is paged")
    #expect(escalator.said == ["11-25 10:52:00 duty ben", "11-25 10:52:00 duty ana"])
    #expect(escalator.incident().state == .triggered && escalator.rules.openCount == 1)
    #expect(escalator.posts.last == "#incidents: [SEV-1] down (2f-1): reopened by tess: it is back")
    #expect((escalator.restored == escalator.rules))
  }

  @Test func allItsClocksRunAnew() throws {
    var escalator = try resolved()
    escalator.wait(.minutes(50))
    try escalator.ask(reopen())
    _ = escalator.news()
    escalator.wait(.minutes(11))
    #expect(escalator.said.contains("11-25 11:02:00 duty tess"), "tier 2 after ten minutes, and tier 3 with it")
    #expect(escalator.lines("breach").contains("investigation was due 11:02 UTC"))
    try escalator.acknowledge(by: "ana")
    #expect(escalator.lines("age") == [], "it isn't an hour old anew")
  }

  @Test func itIsClosedAgainByAPersonAlone() throws {
    var escalator = try resolved()
    try escalator.ask(reopen())
    escalator.alert(.sev1, generation: 2, state: .resolved)
    #expect(escalator.incident().state == .triggered, "a late word of its source is about what was before")
    try escalator.acknowledge(by: "ana")
    try escalator.resolve(by: "ana")
    #expect(escalator.rules.openCount == 0)
    escalator.wait(.hours(2))
    #expect(escalator.rules.incident("2f-1") == nil)
  }

  @Test func noSourceEndsOrSilencesIt() throws {
    var escalator = try resolved()
    try escalator.ask(reopen())
    escalator.alert(.sev1, generation: 2, state: .acknowledged)
    #expect(escalator.incident().state == .triggered)
    escalator.alert(.sev1, generation: 3)
    escalator.alert(.sev1, generation: 4, state: .resolved)
    #expect(escalator.incident().state == .triggered)
    escalator.alert(.sev1, "2f-2")
    try escalator.ask(.merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: ["2f-2"], reason: "one")))
    escalator.alert(.sev1, "2f-2", generation: 2, state: .resolved)
    #expect(escalator.incident().state == .triggered, "nor does the source of a part")
    escalator.alert(.sev1, "2f-3")
    try escalator.ask(.merge(MergeRequest(incidentId: "2f-3", by: "ana", parts: ["2f-1"], reason: "one")))
    escalator.alert(.sev1, "2f-3", generation: 2, state: .resolved)
    #expect(escalator.incident("2f-3").state == .triggered, "nor that of what it became part of")
    #expect((escalator.restored == escalator.rules))
  }

  @Test func theHandoffSeesItActiveAndWorkGoesOn() throws {
    var escalator = try resolved()
    escalator.wait(.minutes(10))
    try escalator.ask(reopen())
    func told() -> HandoffIncident? {
      escalator.paid.compactMap { if case .incident(let incident) = $0 { incident } else { nil } }.last
    }
    #expect(told()?.resolvedAt == .unset)
    escalator.wait(.minutes(1))
    try escalator.acknowledge(by: "ben")
    escalator.wait(.minutes(5))
    try escalator.resolve(by: "ben")
    let work = escalator.paid.compactMap { if case .work(let work) = $0, work.person == "ben" { work } else { nil } }
      .last
    #expect(work?.spans.count == 2 && told()?.resolvedAt.isSet == true)
  }

  @Test func whatWasPartOfItIsOverAndStaysThat() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    escalator.alert(.sev3, "2f-2")
    try escalator.ask(
      .merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: ["2f-2"], reason: "one")))
    try escalator.resolve(by: "ana")
    #expect(try escalator.ask(reopen("2f-2")).hasPrefix("2f-2 is part of 2f-1: open again"))
    #expect(escalator.incident().moreFiring == 0 && escalator.rules.openCount == 1)
    #expect((escalator.restored == escalator.rules))
  }

  /// Seed 44: intake was never told, and kept the alert open for ever.
  @Test func intakeHearsOfTheFirstEndThoughItIsOpenAgain() throws {
    var escalator = try resolved()
    escalator.handOverAgain(to: .intake)
    let first = escalator.now
    var closing = escalator.rules
    closing.peerLost(.intake, at: first)
    escalator.rules = closing
    escalator.isNotifierUp = false
    try escalator.ask(reopen())
    escalator.wait(.minutes(5))
    func owed() -> [AlertClosing] {
      escalator.rules.owed(to: .intake, limit: 9).compactMap { if case .closing(let one) = $0 { one } else { nil } }
    }
    #expect(owed().map(\.closedAt) == [first], "what was reported since is another alert")
    #expect((escalator.restored == escalator.rules))
    try escalator.resolve(by: "ben")
    #expect(owed().count == 1)
  }

  /// Seed 379: what was merged into it had been closed with it, and intake was told no time.
  @Test func whatIntakeHasNotHeardOfIsOwedThoughItIsPartOfAnotherByNow() throws {
    var escalator = Escalator()
    for id in ["2f-1", "2f-2", "2f-3"] { escalator.alert(.sev3, id) }
    func merge(_ part: String, into id: String) throws {
      try escalator.ask(.merge(MergeRequest(incidentId: id, by: "ana", parts: [part], reason: "one")))
    }
    try merge("2f-2", into: "2f-1")
    escalator.isNotifierUp = false
    let end = escalator.now
    try escalator.resolve(by: "ana")
    escalator.wait(.minutes(1))
    try escalator.ask(reopen())
    try merge("2f-1", into: "2f-3")
    let owed = escalator.rules.owed(to: .intake, limit: 9).compactMap { debt in
      if case .closing(let one) = debt { one } else { nil }
    }
    #expect(Set(owed.map(\.alertId)) == ["2f-1", "2f-2"] && owed.allSatisfy { $0.closedAt == end })
    #expect((escalator.restored == escalator.rules))
    escalator.notifierReturns()
    try escalator.resolve(by: "ana", "2f-3")
    escalator.wait(.hours(3))
    #expect((try? escalator.rules.list(ListIncidentsRequest(includeResolved: true)))?.incidents == [])
  }

  @Test func whatCannotBeReopenedSaysWhy() throws {
    var escalator = try resolved()
    #expect(throws: Refusal(.invalidArgument, "say why it is not over", field: "reason")) {
      try escalator.ask(reopen("2f-1", by: "tess", ""))
    }
    try escalator.ask(reopen())
    #expect(try escalator.ask(reopen()) == "is open already")
    try escalator.resolve(by: "ben")
    escalator.wait(.hours(2))
    let said = "incident 2f-1 was resolved at 10:02 UTC and is history: report it anew"
    #expect(throws: Refusal(.failedPrecondition, said, field: "incident_id")) { try escalator.ask(reopen()) }
    #expect(throws: Refusal.self) { try escalator.ask(reopen("2f-9")) }
  }
}
