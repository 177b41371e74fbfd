import Escalating
import Machinery
import Messages
import Testing

/// Who shadows a week gets copies of every page and never the duty to answer (requirement P4).
@Suite struct ShadowTests {
  private func shadow(_ person: String, tier: UInt32, days: Int64 = 7) -> Shadow {
    Shadow(
      id: "shadow-1", team: "platform", tier: tier, person: person, fromAt: Escalator.start - .days(1),
      untilAt: Escalator.start + .days(days))
  }

  private func escalator(_ shadows: [Shadow], lead: String = "lee") -> Escalator {
    Escalator(timelines: [.platform(shadows: shadows, lead: lead)])
  }

  private func pages(to person: String, in escalator: Escalator) -> [Page] {
    escalator.paid.compactMap { if case .page(let page) = $0, page.person == person, page.wanted { page } else { nil } }
  }

  @Test func theShadowGetsACopyOfThePage() throws {
    var escalator = escalator([shadow("cai", tier: 1)])
    escalator.alert(.sev1)
    #expect(escalator.news() == ["11-25 10:00:00 duty ana", "11-25 10:00:00 tell cai"])
    let copy = try #require(pages(to: "cai", in: escalator).first)
    #expect(copy.channels == ["push", "slack"], "nobody who only looks on is called")
    #expect(copy.because == "copy for the shadow of ana: primary (rotation 1)")
  }

  @Test func whoeverStandsBehindAnUntestedPrimaryIsToldWhy() throws {
    var behind = shadow("cai", tier: 1)
    behind.because = "until ana confirms a test page"
    var escalator = escalator([behind])
    escalator.alert(.sev1)
    let copy = try #require(pages(to: "cai", in: escalator).first)
    #expect(copy.because == "copy until ana confirms a test page: primary (rotation 1)" && copy.purpose == .tell)
  }

  @Test func aSeveritysOwnChannelsCarryTheCopyToo() throws {
    var escalator = escalator([shadow("cai", tier: 1)])
    escalator.alert(.sev4)
    #expect(try #require(pages(to: "cai", in: escalator).first).channels == ["email", "slack"])
  }

  @Test func remindersAndTheSecondTierHaveTheirShadowsToo() {
    var escalator = escalator([shadow("cai", tier: 2)])
    escalator.alert(.sev1)
    #expect(escalator.news() == ["11-25 10:00:00 duty ana"], "the secondary's shadow hears when the secondary does")
    escalator.wait(.minutes(5))
    #expect(
      escalator.news() == [
        "11-25 10:05:00 reminder ana", "11-25 10:05:00 headsUp ben", "11-25 10:05:00 tell cai",
      ])
    escalator.wait(.minutes(5))
    #expect(
      escalator.news() == ["11-25 10:10:00 duty ben", "11-25 10:10:00 duty tess", "11-25 10:10:00 tell cai"])
  }

  @Test func nothingWaitsForAShadow() throws {
    var escalator = escalator([shadow("cai", tier: 1)])
    escalator.alert(.sev1)
    try escalator.cannotReach("cai")
    #expect(escalator.lines("escalated").isEmpty)
    #expect(pages(to: "lee", in: escalator).isEmpty)
    try escalator.cannotReach("ana")
    #expect(escalator.lines("escalated").first == "tier 1 -> tier 2: ana can't be reached")
  }

  @Test func anAnswerTakesTheCopyBack() throws {
    var escalator = escalator([shadow("cai", tier: 1)])
    escalator.alert(.sev1)
    try escalator.acknowledge(by: "ana")
    #expect(escalator.incident().pages.allSatisfy { !$0.wanted })
  }

  @Test func theWeekOverTheCopiesStop() {
    var escalator = escalator([shadow("cai", tier: 1, days: 1)])
    escalator.wait(.days(1))
    escalator.alert(.sev1)
    #expect(pages(to: "cai", in: escalator).isEmpty)
  }

  @Test func theCopyFollowsThePersonWhoseShadowItIs() throws {
    var escalator = escalator([shadow("cai", tier: 1)])
    escalator.alert(.sev1)
    try escalator.escalate(by: "ana", to: 2)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(6))
    #expect(pages(to: "cai", in: escalator).contains { $0.because.contains("is due soon") })
    try escalator.ask(.reassign(ReassignRequest(incidentId: "2f-1", by: "ana", to: "mia")))
    #expect(!pages(to: "cai", in: escalator).contains { $0.because.contains("shadow of mia") })
  }

  @Test func aLeadWhoShadowsStillHearsWhatWentWrong() throws {
    var escalator = escalator([shadow("lee", tier: 2)])
    escalator.alert(.sev1)
    try escalator.cannotReach("ana")
    #expect(pages(to: "lee", in: escalator).last?.because == "ana can't be reached: out of order")
  }
}
