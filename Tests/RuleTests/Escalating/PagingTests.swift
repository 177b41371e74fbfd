import Escalating
import Messages
import Testing

/// Who is paged, and what never swallows a page.
@Suite struct PagingTests {
  @Test func aLeadWhoIsAlsoTertiaryIsPagedWithDuty() {
    var escalator = Escalator(timelines: [.platform(holders: [1: "ana", 3: "lee"])])
    escalator.alert(.sev1)
    escalator.wait(.minutes(10))
    #expect(
      escalator.said == [
        "11-25 10:00:00 duty ana", "11-25 10:05:00 reminder ana", "11-25 10:10:00 duty lee",
      ])
    #expect(escalator.incident().tier == 3)
  }

  @Test func aHeadsUpNeverSwallowsTheDuty() {
    let hasty = Policy.shipped.changing(.sev1) {
      $0.acknowledgeTarget = .minutes(10)
      $0.tier3WithTier2 = false
    }
    var escalator = Escalator(policies: [hasty])
    escalator.alert(.sev1)
    escalator.wait(.minutes(10))
    #expect(
      escalator.said == ["11-25 10:00:00 duty ana", "11-25 10:10:00 duty ben", "11-25 10:10:00 reminder ana"])
  }

  @Test func anAlertOfAnUnknownTeamReachesTheFirstKnownOne() {
    var escalator = Escalator(timelines: [.platform("zeta", holders: [1: "cai"]), .platform("platform")])
    escalator.alert(.sev2, team: "nobody-knows-us")
    #expect(escalator.news() == ["11-25 10:00:00 duty ana"])
    #expect(
      escalator.lines("paged") == [
        "page to ana, tier 1: primary (rotation 1; no schedule of team nobody-knows-us, so platform is paged)"
      ])
    escalator.receive(.platform("nobody-knows-us", holders: [1: "cai", 2: "ben", 3: "tess"]))
    escalator.wait(.minutes(65))
    #expect(escalator.said.contains("11-25 10:50:00 duty cai"))
  }

  @Test func withoutAScheduleWhoStandsBehindTheTeamIsPagedAtOnce() throws {
    var escalator = Escalator(timelines: [])
    try escalator.configure([.shipped], contacts: [.behindPlatform])
    escalator.alert(.sev1)
    escalator.alert(.sev3, "2f-2")
    escalator.alert(.sev4, "2f-3")
    #expect(escalator.news() == ["11-25 10:00:00 duty lee", "11-25 10:00:00 duty lee", "11-25 10:00:00 duty lee"])
    let why = "no schedule was received yet"
    #expect(
      escalator.lines("nobody").prefix(2) == ["nobody found on tier 1: \(why)", "nobody found on tier 2: \(why)"])
    #expect(
      escalator.lines("paged").first
        == "page to lee, tier 3: nobody found on tier 2 (\(why), so the lead of team platform is paged)")
    escalator.wait(.minutes(5))
    #expect(escalator.news().contains("11-25 10:05:00 duty vera"))
    #expect(try escalator.acknowledge(by: "lee").hasPrefix("acknowledged; paging stops"))
    #expect((escalator.restored == escalator.rules))
  }

  @Test func theFirstScheduleBringsThePrimaryInAtOnce() throws {
    var escalator = Escalator(timelines: [])
    try escalator.configure([.shipped], contacts: [.behindPlatform])
    escalator.alert(.sev2)
    escalator.alert(.sev3, "2f-2")
    try escalator.acknowledge(by: "lee", "2f-2")
    escalator.wait(.minutes(3))
    _ = escalator.news()
    escalator.receive(.platform())
    #expect(escalator.news() == ["11-25 10:03:00 duty ana"], "who has acknowledged keeps it")
    escalator.wait(.minutes(15))
    #expect(escalator.said.last == "11-25 10:18:00 duty ben")
  }

  @Test func anUnknownTeamsAlertReachesTheDefaultTeamsLeadWithoutASchedule() throws {
    var escalator = Escalator(timelines: [])
    try escalator.configure([.shipped], contacts: [.behindPlatform])
    escalator.alert(.sev2, team: "nobody-knows-us")
    #expect(escalator.said == ["11-25 10:00:00 duty lee"])
  }

  @Test func contactsWithShiftsAreRefusedByField() throws {
    var escalator = Escalator(timelines: [])
    #expect(throws: Refusal.self) { try escalator.configure([.shipped], contacts: [.platform()]) }
    #expect(throws: Refusal.self) { try escalator.configure([.shipped], contacts: [.behindPlatform, .behindPlatform]) }
  }

  @Test func whereNobodyAtAllIsKnownIncidentsHearsOfItAndTheChainKeepsItsPause() {
    var escalator = Escalator(timelines: [])
    escalator.alert(.sev1)
    escalator.alert(.sev4, "2f-2")
    let words = "nobody could be paged: no schedule was received yet"
    #expect(
      escalator.posts == [
        "#incidents: [SEV-1] redis: down (2f-1)", "#incidents: [SEV-1] down (2f-1): \(words)",
        "#incidents: [SEV-4] down (2f-2): \(words)",
      ])
    escalator.wait(.hours(1))
    #expect(escalator.news() == [])
    #expect(escalator.lines("chain-started").count == 12)
    #expect(escalator.posts.count == 6, "said again in the rounds 2, 4 and 8 of thirteen")
    escalator.receive(.platform())
    #expect(escalator.news() == ["11-25 11:00:00 duty ana", "11-25 11:00:00 duty ana"])
    escalator.wait(.minutes(10))
    #expect(escalator.said == ["11-25 11:10:00 duty ben", "11-25 11:10:00 duty tess"])
  }

  @Test func aSev4WithoutAScheduleTriesEveryEightHours() {
    var escalator = Escalator(timelines: [])
    escalator.alert(.sev4)
    escalator.wait(.days(10))
    #expect(escalator.lines("chain-started").count == 30)
  }

  @Test func whoIsPrimaryByTheFirstReminderIsPagedInsteadOfReminded() {
    var timeline = Timeline.platform()
    let handoff = Escalator.start + .minutes(2)
    var next = timeline.shifts[0]
    next.person = "cai"
    next.fromAt = handoff
    timeline.shifts[0].untilAt = handoff
    timeline.shifts.insert(next, at: 1)
    var escalator = Escalator(timelines: [timeline])
    escalator.alert(.sev1)
    escalator.wait(.minutes(5))
    #expect(
      escalator.said == ["11-25 10:00:00 duty ana", "11-25 10:05:00 duty cai", "11-25 10:05:00 headsUp ben"])
    #expect(
      escalator.lines("paged").contains(
        "page to cai, tier 1: primary by now: not acknowledged within 5 min (rotation 1)"))
  }

  @Test func pastTheHorizonTheLeadIsToldOnce() {
    var escalator = Escalator(at: Escalator.start + .days(100))
    escalator.alert(.sev2)
    escalator.wait(.hours(3))
    #expect(escalator.said.filter { $0.contains("tell lee") }.count == 1)
    #expect(
      escalator.lines("paged").contains(
        "word to lee, tier 3: the published schedule ended 2027-01-24: pages go to whom the last rotation would name"))
  }

  @Test func theChainOfASev3StartsAgainAfterAnHour() {
    var escalator = Escalator()
    escalator.alert(.sev3)
    escalator.wait(.hours(4))
    #expect(
      escalator.said == [
        "11-25 10:00:00 duty ana", "11-25 10:30:00 reminder ana", "11-25 10:30:00 headsUp ben",
        "11-25 11:00:00 duty ben", "11-25 11:00:00 reminder ana", "11-25 12:00:00 duty tess",
        "11-25 14:00:00 duty ana", "11-25 14:00:00 duty tess",
      ])
  }

  @Test func anEmptyTierIsPassedAndTheLeadToldOnce() {
    var escalator = Escalator(timelines: [.platform(holders: [1: "ana", 3: "tess"])])
    escalator.alert(.sev2)
    escalator.wait(.minutes(15))
    #expect(
      escalator.said == [
        "11-25 10:00:00 duty ana", "11-25 10:10:00 reminder ana", "11-25 10:15:00 duty tess",
        "11-25 10:15:00 tell lee",
      ])
    #expect(escalator.lines("nobody") == ["nobody found on tier 2: tier 2 is not covered"])
    escalator.wait(.minutes(40))
    #expect(escalator.said.filter { $0.contains("tell lee") }.count == 1)
  }

  @Test func whereNoTierHasAnybodyTheLeadHasTheDuty() throws {
    var escalator = Escalator(timelines: [.platform(holders: [:])])
    escalator.alert(.sev2)
    #expect(escalator.said == ["11-25 10:00:00 duty lee"])
    #expect(
      escalator.lines("paged").first
        == "page to lee, tier 3: nobody found on tier 3, and no tier is left")
    try escalator.acknowledge(by: "lee")
    #expect(escalator.incident().state == .acknowledged)
    var leaderless = Escalator(timelines: [.platform(holders: [:], lead: "")])
    leaderless.alert(.sev1)
    #expect(leaderless.said.first == "11-25 10:00:00 duty vera", "tier 4 of a SEV-1 comes before whoever manages")
    leaderless.alert(.sev3, "2f-2")
    #expect(leaderless.said.last == "11-25 10:00:00 duty mia")
  }

  @Test func aLeadWhoCannotBeReachedIsPagedAgainWhenTheChainStartsAgain() throws {
    var escalator = Escalator(timelines: [.platform(holders: [:])])
    escalator.alert(.sev2)
    try escalator.cannotReach("lee")
    #expect(escalator.said.filter { $0.contains("duty lee") } == ["11-25 10:00:00 duty lee"])
    escalator.wait(.minutes(30))
    #expect(
      escalator.said.filter { $0.contains("duty lee") }.prefix(2)
        == ["11-25 10:00:00 duty lee", "11-25 10:15:00 duty lee"])
  }

  /// Whoever sleeps through their pages is not the only one left.
  @Test func whereTheTiersAboveHaveNobodyTheLeadFollowsWhoDoesNotAnswer() throws {
    var escalator = Escalator(timelines: [.platform(holders: [1: "ana"])])
    escalator.alert(.sev2)
    escalator.wait(.minutes(15))
    #expect(escalator.said == ["11-25 10:00:00 duty ana", "11-25 10:10:00 reminder ana", "11-25 10:15:00 duty lee"])
    #expect(escalator.incident().tier == 3)
    var unreachable = Escalator(timelines: [.platform(holders: [1: "ana"])])
    unreachable.alert(.sev2)
    try unreachable.cannotReach("ana")
    #expect(unreachable.said.last == "11-25 10:00:00 duty lee")
  }

  @Test func whoStandsBehindIsPagedAnewInEachRound() {
    var escalator = Escalator(timelines: [.platform(holders: [1: "ana"])])
    escalator.alert(.sev2)
    escalator.wait(.minutes(50))
    #expect(
      escalator.said.filter { $0.contains("duty") } == [
        "11-25 10:00:00 duty ana", "11-25 10:15:00 duty lee", "11-25 10:30:00 duty ana", "11-25 10:45:00 duty lee",
      ])
  }

  @Test func aScheduleThatEndedBeforeNowReplacesNoneThatGoesOn() {
    var escalator = Escalator()
    let past = Timeline.platform(generation: 2, holders: [:], until: Escalator.start - .days(1))
    let said = "it ended 2026-11-24, and a schedule is known that goes on"
    #expect(throws: Refusal(.failedPrecondition, said, field: "until_at_ms")) {
      try escalator.rules.decide(.timeline(past), at: escalator.now)
    }
    escalator.alert(.sev1)
    #expect(escalator.said == ["11-25 10:00:00 duty ana"])
    var late = Escalator(timelines: [.platform(until: Escalator.start - .days(2))])
    late.receive(.platform(generation: 2, holders: [1: "cai"], until: Escalator.start - .days(1)))
    late.alert(.sev3)
    #expect(late.said.first == "11-25 10:00:00 duty cai", "when both are over, the newer one is the better guess")
  }
}
