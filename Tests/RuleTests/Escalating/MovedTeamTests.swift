import Escalating
import Machinery
import Messages
import Testing

/// An open incident whose alert is given to another team (requirements I3, E1).
@Suite struct MovedTeamTests {
  private func escalator(_ calendar: Calendar = Calendar(timeZone: "UTC")) -> Escalator {
    Escalator(timelines: [
      .platform(), .platform("data", holders: [1: "dan", 2: "eve", 3: "tess"], lead: "lou", calendar: calendar),
    ])
  }

  @Test func anIncidentThatNobodyHasAcknowledgedPagesTheNewTeamFromItsFirstTierOn() {
    var escalator = escalator()
    escalator.alert(.sev1)
    escalator.wait(.minutes(12))
    _ = escalator.news()
    escalator.alert(.sev1, generation: 2, team: "data", routedBy: "service redis")
    #expect(escalator.said == ["11-25 10:12:00 duty dan"])
    #expect(escalator.incident().pages.filter(\.wanted).map(\.person) == ["dan"])
    #expect(escalator.incident().team == "data")
    #expect(
      escalator.lines("team") == [
        "team platform -> data by service redis: its on-call is paged from the first tier on"
      ])
    #expect(escalator.lines("withdrawn").last == "paging stops: now with team data, was with platform")
    #expect(escalator.posts.last == "#incidents: [SEV-1] down (2f-1): now with team data, was with platform")
    escalator.wait(.minutes(10))
    #expect(
      escalator.said == [
        "11-25 10:12:00 duty dan", "11-25 10:17:00 reminder dan", "11-25 10:17:00 headsUp eve",
        "11-25 10:22:00 duty eve", "11-25 10:22:00 duty tess",
      ])
  }

  @Test func whoHasAcknowledgedKeepsTheIncidentAndTheTimelineSaysThatTheTeamChanged() throws {
    var escalator = escalator()
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    try escalator.update(by: "ana")
    let next = escalator.incident().nextStepAt
    _ = escalator.news()
    escalator.alert(.sev2, generation: 2, team: "data", routedBy: "route db")
    #expect(escalator.said == [])
    #expect(escalator.incident().owner == "ana" && escalator.incident().state == .acknowledged)
    #expect(escalator.incident().nextStepAt == next)
    #expect(escalator.lines("team") == ["team platform -> data by route db: ana has acknowledged and keeps it"])
    try escalator.escalate(by: "ana", to: 2)
    #expect(escalator.said.last == "11-25 10:00:00 duty eve", "who is paged from here on is of the new team")
  }

  @Test func aMovedIncidentKeepsItsAge() {
    var escalator = escalator()
    escalator.alert(.sev1)
    escalator.wait(.minutes(70))
    escalator.alert(.sev1, generation: 2, team: "data")
    escalator.wait(.minutes(169))
    #expect(!escalator.lines("age").contains("unresolved for 4 h; paged: tier 4"))
    escalator.wait(.minutes(1))
    #expect(
      escalator.lines("age") == [
        "unresolved for 1 h; paged: tier 2, tier 3, management", "unresolved for 4 h; paged: tier 4",
      ])
  }

  @Test func aMovedIncidentThatBecameWorseCountsItsAgeFromThere() {
    var escalator = escalator()
    escalator.alert(.sev3)
    escalator.wait(.hours(3))
    escalator.alert(.sev1, generation: 2)
    escalator.wait(.minutes(30))
    let before = escalator.lines("age").count
    escalator.alert(.sev1, generation: 3, team: "data")
    escalator.wait(.minutes(29))
    #expect(escalator.lines("age").count == before)
    escalator.wait(.minutes(1))
    #expect(escalator.lines("age").count == before + 1, "an hour as SEV-1")
  }

  @Test func theNewTeamIsPagedByThePolicyThatTheAlertHasNow() throws {
    var escalator = escalator()
    var strict = Policy.shipped.changing(.sev3) {
      $0.acknowledgeMaximum = .minutes(3)
      $0.acknowledgeTarget = .minutes(2)
      $0.channels = []
    }
    strict.name = "strict"
    try escalator.configure([.shipped, strict])
    escalator.alert(.sev3)
    escalator.alert(.sev3, generation: 2, policy: "strict")
    #expect(escalator.incident().policy == "platform", "a changed policy alone moves nothing")
    _ = escalator.news()
    escalator.alert(.sev3, generation: 3, team: "data", policy: "strict")
    #expect(escalator.incident().policy == "strict")
    escalator.wait(.minutes(3))
    #expect(escalator.said.first == "11-25 10:00:00 duty dan" && escalator.said.last == "11-25 10:03:00 duty eve")
  }

  @Test func oneThatBecomesWorseAsItMovesIsPagedByTheWorseRules() throws {
    var escalator = escalator()
    escalator.alert(.sev3)
    _ = escalator.news()
    escalator.isNotifierUp = false
    escalator.alert(.sev1, generation: 2, team: "data")
    #expect(escalator.said == ["11-25 10:00:00 duty dan"])
    guard
      case .page(let page)? = escalator.rules.owed(to: .notifier, limit: 9).first(where: { $0.key.id.contains("dan") })
    else {
      Issue.record("dan is owed no page")
      return
    }
    #expect(page.severity == .sev1 && page.channels == [])
  }

  @Test func aSev4ThatMovesOutsideTheNewTeamsHoursPagesWhenTheyBegin() {
    var escalator = escalator(Calendar(timeZone: "America/New_York"))
    escalator.alert(.sev4)
    _ = escalator.news()
    escalator.alert(.sev4, generation: 2, team: "data")
    escalator.wait(.hours(5))
    #expect(escalator.said.first == "11-25 14:00:00 duty dan")
    #expect(escalator.lines("chain-started") == ["round 1 begins"])
  }

  @Test func theNewTeamsLeadHearsWhatTheOldOneHeard() {
    var escalator = Escalator(timelines: [
      .platform(holders: [2: "ben"]), .platform("data", holders: [2: "tess"], lead: "cai"),
    ])
    escalator.alert(.sev3)
    escalator.alert(.sev3, generation: 2, team: "data")
    #expect(escalator.said.filter { $0.contains("tell") } == ["11-25 10:00:00 tell lee", "11-25 10:00:00 tell cai"])
  }
}
