import Escalating
import Messages
import Testing

/// What people do by hand (requirement E6).
@Suite struct HandTests {
  @Test func whoeverWasReassignedAwayIsLeftAlone() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    escalator.wait(.minutes(5))
    try escalator.ask(.reassign(ReassignRequest(incidentId: "2f-1", by: "ana", to: "cai")))
    escalator.wait(.minutes(15))
    #expect(
      escalator.said == [
        "11-25 10:00:00 duty ana", "11-25 10:05:00 duty cai", "11-25 10:15:00 reminder cai",
        "11-25 10:15:00 headsUp ben", "11-25 10:20:00 duty ben",
      ])
  }

  @Test func whoAcknowledgesAfterTheNextTierWasPagedIsToldWhatIsTakenBack() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    escalator.wait(.minutes(16))
    #expect(try escalator.acknowledge(by: "ana") == "acknowledged; paging stops; the page of ben is taken back")
    #expect(escalator.takenBack.contains { $0.contains("/ben/") })
    var grave = Escalator()
    grave.alert(.sev1)
    grave.wait(.minutes(10))
    #expect(try grave.acknowledge(by: "ben") == "acknowledged; paging stops; the pages of ana and tess are taken back")
    #expect(try grave.acknowledge(by: "ana") == "acknowledged as well; ben has it")
  }

  /// Nobody who holds a page is told that they don't exist, whatever became of the schedule meanwhile.
  @Test func whoWasPagedCanAnswerThoughTheirTeamKnowsThemNoMore() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    var timeline = Timeline.platform(generation: 2, holders: [1: "cai", 2: "ben", 3: "tess"])
    timeline.people.removeAll { $0.id == "ana" }
    escalator.receive(timeline)
    #expect(throws: Refusal(.notFound, "no team knows a person \"eve\"", field: "by")) {
      try escalator.acknowledge(by: "eve")
    }
    try escalator.acknowledge(by: "ana")
    #expect(escalator.incident().owner == "ana")
    try escalator.resolve(by: "ana")
  }

  @Test func whoWasPagedLongAgoCanAnswerToo() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    for tier in [2, 3, 3, 3, 3, 3, 3] {
      try escalator.escalate(by: "ana", to: UInt32(tier))
      try escalator.acknowledge(by: "ana")
    }
    var timeline = Timeline.platform(generation: 2, holders: [1: "ana", 3: "tess"])
    timeline.people.removeAll { $0.id == "ben" }
    escalator.receive(timeline)
    #expect(!escalator.incident().pages.contains { $0.person == "ben" }, "the page itself is forgotten")
    try escalator.acknowledge(by: "ben")
  }

  @Test func escalatingASev1ToTheSecondaryReachesTierThreeAndKeepsTheAcknowledgement() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    try escalator.acknowledge(by: "ana")
    try escalator.update(by: "ana")
    escalator.wait(.minutes(20))
    _ = escalator.news()
    #expect(try escalator.escalate(by: "ana", to: 2) == "tiers 2 and 3 are paged")
    #expect(escalator.said == ["11-25 10:20:00 duty ben", "11-25 10:20:00 duty tess"])
    try escalator.acknowledge(by: "ben")
    escalator.wait(.minutes(29))
    #expect(escalator.incident().state == .acknowledged)
  }

  @Test func escalatingAloneRenewsTheAcknowledgement() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(200))
    try escalator.escalate(by: "ana", to: 2)
    escalator.wait(.minutes(41))
    #expect(escalator.incident().state == .acknowledged)
  }

  @Test func anAnswerNeverClaimsAPageThatNobodyGot() throws {
    var escalator = Escalator(timelines: [.platform(executives: [])])
    escalator.alert(.sev1)
    try escalator.acknowledge(by: "ana")
    #expect(
      try escalator.escalate(by: "ana", to: 4) == "nobody was found on tier 4 or behind it; paged instead: lee")
    #expect(escalator.said.last == "11-25 10:00:00 duty lee", "whoever needs help at night gets it")
    var alone = Escalator(timelines: [.platform(holders: [1: "ana"], lead: "ana", executives: [])])
    alone.alert(.sev1)
    try alone.acknowledge(by: "ana")
    #expect(
      try alone.escalate(by: "ana", to: 3) == "nobody was found on tier 3 or behind it; nobody could be paged",
      "whoever asks is the lead")
  }

  @Test func aListThatFindsNothingLooksAtABoundedNumberAndSaysWhereToGoOn() throws {
    var escalator = Escalator()
    escalator.isNotifierUp = false
    for number in 1...10_050 { escalator.alert(.sev4, "2f-\(number)") }
    let first = try escalator.rules.list(ListIncidentsRequest(limit: 10, team: "none"))
    #expect(first.incidents.isEmpty && first.after == "2f-10000")
    let rest = try escalator.rules.list(ListIncidentsRequest(limit: 10, after: first.after, team: "none"))
    #expect(rest.incidents.isEmpty && rest.after.isEmpty)
    let all = try escalator.rules.list(ListIncidentsRequest(limit: 60, after: first.after))
    #expect(all.incidents.count == 50 && all.after.isEmpty && all.open == 10_050)
  }
}
