import Escalating
import Messages
import Testing

/// On which incidents a key that acts in its own name only may act.
@Suite struct PermissionTests {
  /// Beside platform's people there is a team of others.
  private static let data = Timeline(
    team: "data", generation: 1, publishedAt: Escalator.start, fromAt: Escalator.start,
    untilAt: Escalator.start + .days(28),
    shifts: [Shift(tier: 1, person: "dora", fromAt: Escalator.start, untilAt: Escalator.start + .days(28))],
    lead: "dirk", people: [Person(id: "dora", name: "Dora"), Person(id: "dirk", name: "Dirk")])

  private func escalator() -> Escalator {
    var escalator = Escalator(timelines: [.platform(), Self.data])
    escalator.alert(.sev2)
    return escalator
  }

  private func acknowledge(_ person: String) -> EscalationInput {
    .inOwnName(.acknowledge(AcknowledgeRequest(incidentId: "2f-1", by: person)), of: person)
  }

  @Test func whoeverWasPagedMayAct() throws {
    var escalator = escalator()
    #expect(try escalator.ask(acknowledge("ana")) == "acknowledged; paging stops")
  }

  @Test func whoeverTheTeamsScheduleNamesMayActUnpaged() throws {
    var escalator = escalator()
    #expect(!escalator.incident().pages.contains { $0.person == "tess" })
    #expect(try escalator.ask(acknowledge("tess")) == "acknowledged; paging stops; the page of ana is taken back")
  }

  /// Its alerts are among those of the whole.
  @Test func thePeopleOfAPartMayActOnTheWhole() throws {
    var escalator = escalator()
    escalator.alert(.sev2, "2f-2", team: "data", service: "warehouse")
    try escalator.ask(
      .merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: ["2f-2"], reason: "the same disk")))
    #expect(
      try escalator.ask(.inOwnName(.acknowledge(AcknowledgeRequest(incidentId: "2f-2", by: "dirk")), of: "dirk"))
        .contains("acknowledged"))
  }

  /// The part itself is left to history an hour after its end; that its team has a share in the whole is not.
  @Test func thePeopleOfAPartMayActOnTheWholeForAsLongAsThatLasts() throws {
    var escalator = escalator()
    escalator.alert(.sev2, "2f-2", team: "data", service: "warehouse")
    try escalator.ask(
      .merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: ["2f-2"], reason: "the same disk")))
    try escalator.acknowledge(by: "ana")
    for _ in 1...6 {
      escalator.wait(.minutes(20))
      try escalator.update(by: "ana")
    }
    var restored = escalator
    restored.rules = escalator.restored
    for var one in [escalator, restored] {
      let update = UpdateRequest(incidentId: "2f-2", by: "dirk", status: .monitoring)
      #expect(try !one.ask(.inOwnName(.update(update), of: "dirk")).isEmpty)
      #expect { try one.ask(acknowledge("dora2")) } throws: { ($0 as? Refusal)?.status == .permissionDenied }
    }
  }

  /// Who was on a part, of whatever team, and the team of a part of a part, are let in after an hour as they were before.
  @Test func whoWasOnAPartMayActOnTheWholeAlsoWhenThePartIsHistory() throws {
    let others = Timeline(
      team: "ops", generation: 1, publishedAt: Escalator.start, fromAt: Escalator.start,
      untilAt: Escalator.start + .days(28),
      shifts: [Shift(tier: 1, person: "omar", fromAt: Escalator.start, untilAt: Escalator.start + .days(28))],
      people: [Person(id: "omar", name: "Omar"), Person(id: "olga", name: "Olga")])
    var escalator = Escalator(timelines: [.platform(), Self.data, others])
    escalator.alert(.sev2)
    escalator.alert(.sev2, "2f-2", team: "data", service: "warehouse")
    escalator.alert(.sev2, "2f-3", service: "disks")
    try escalator.ask(.acknowledge(AcknowledgeRequest(incidentId: "2f-2", by: "omar")))
    for (part, whole) in [("2f-3", "2f-2"), ("2f-2", "2f-1")] {
      try escalator.ask(.merge(MergeRequest(incidentId: whole, by: "omar", parts: [part], reason: "the same disk")))
    }
    try escalator.acknowledge(by: "ana")
    for _ in 1...6 {
      escalator.wait(.minutes(20))
      try escalator.update(by: "ana")
    }
    var restored = escalator
    restored.rules = escalator.restored
    for var one in [escalator, restored] {
      for (part, name) in [("2f-2", "omar"), ("2f-3", "omar"), ("2f-3", "dirk")] {
        let update = UpdateRequest(incidentId: part, by: name, status: .monitoring)
        #expect(try !one.ask(.inOwnName(.update(update), of: name)).isEmpty, "\(name) on \(part)")
      }
      let update = UpdateRequest(incidentId: "2f-2", by: "olga", status: .monitoring)
      #expect {
        try one.ask(.inOwnName(.update(update), of: "olga"))
      } throws: {
        ($0 as? Refusal)?.status == .permissionDenied
      }
    }
  }

  @Test func anotherTeamsResponderIsRefusedWithTheReason() throws {
    var escalator = escalator()
    #expect {
      try escalator.ask(acknowledge("dora"))
    } throws: {
      let refusal = $0 as? Refusal
      return refusal?.status == .permissionDenied && refusal?.field == "incident_id"
        && refusal?.message.contains("2f-1 is an incident of team platform, and dora is neither on it nor of that team")
          == true
    }
    #expect(escalator.incident().state == .triggered)
    // The same request by a key that may act for others.
    #expect(
      try escalator.ask(.acknowledge(AcknowledgeRequest(incidentId: "2f-1", by: "dora"))).contains("acknowledged"))
  }

  @Test func everyActIsHeldToIt() throws {
    var escalator = escalator()
    let acts: [EscalationInput] = [
      .acknowledge(AcknowledgeRequest(incidentId: "2f-1", by: "dora")),
      .resolve(ResolveRequest(incidentId: "2f-1", by: "dora")),
      .escalate(EscalateRequest(incidentId: "2f-1", by: "dora", tier: 2, reason: "x")),
      .reassign(ReassignRequest(incidentId: "2f-1", by: "dora", to: "ana")),
      .update(UpdateRequest(incidentId: "2f-1", by: "dora", status: .investigating)),
      .flags(FlagsRequest(incidentId: "2f-1", by: "dora", flags: ["complexity"])),
      .responders(RespondersRequest(incidentId: "2f-1", by: "dora", people: ["dora"])),
      .delegate(DelegationRequest(incidentId: "2f-1", by: "dora", to: "dora")),
      .severity(SeverityRequest(incidentId: "2f-1", by: "dora", severity: .sev4, reason: "x")),
      .snooze(SnoozeRequest(incidentId: "2f-1", by: "dora", untilAt: escalator.now + .hours(1), reason: "x")),
      .reopen(ReopenRequest(incidentId: "2f-1", by: "dora", reason: "x")),
      .merge(MergeRequest(incidentId: "2f-1", by: "dora", parts: ["2f-2"], reason: "x")),
    ]
    for act in acts {
      #expect { try escalator.ask(.inOwnName(act, of: "dora")) } throws: {
        ($0 as? Refusal)?.status == .permissionDenied
      }
    }
  }

  @Test func aMergeNeedsEachPart() throws {
    var escalator = escalator()
    escalator.alert(.sev2, "2f-2", team: "data")
    let merge = MergeRequest(incidentId: "2f-2", by: "dora", parts: ["2f-1"], reason: "one disk")
    #expect { try escalator.ask(.inOwnName(.merge(merge), of: "dora")) } throws: {
      ($0 as? Refusal)?.status == .permissionDenied && ($0 as? Refusal)?.field == "parts"
    }
  }

  @Test func whoeverIsAddedIsOnIt() throws {
    var escalator = escalator()
    try escalator.ask(.responders(RespondersRequest(incidentId: "2f-1", by: "ana", people: ["dora"])))
    #expect(try escalator.ask(acknowledge("dora")).contains("acknowledged"))
  }

  @Test func beforeAnyScheduleNobodyIsTurnedAway() throws {
    var escalator = Escalator(timelines: [])
    escalator.alert(.sev2)
    #expect(try escalator.ask(acknowledge("dora")).contains("acknowledged"))
  }

  @Test func anIncidentThatIsNotThereIsSaidToBeMissing() throws {
    var escalator = escalator()
    let request = AcknowledgeRequest(incidentId: "9-9", by: "dora")
    #expect { try escalator.ask(.inOwnName(.acknowledge(request), of: "dora")) } throws: {
      ($0 as? Refusal)?.status == .notFound
    }
  }
}
