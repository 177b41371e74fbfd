import Escalating
import Machinery
import Messages
import Testing

/// Requirement I6: that intake or the notifier is lost is an incident of the default team until it is back.
@Suite struct LostTierTests {
  private func cluster() throws -> Escalator {
    var escalator = Escalator(
      timelines: [.platform("apps", holders: [1: "cai"]), .platform()], policies: [])
    try escalator.ask(
      .configure(
        EscalationConfiguration(policies: [.shipped], defaultTeam: "platform", defaultPolicy: "platform")))
    return escalator
  }

  private func lost(_ peer: Peer) -> EscalationInput {
    .tier(TierNews(peer, isLost: true, words: "\(peer) can't be reached from escalator for 60 s"))
  }

  private func back(_ peer: Peer) -> EscalationInput {
    .tier(TierNews(peer, isLost: false, words: "\(peer) is reached again"))
  }

  private func open(_ escalator: Escalator) throws -> [Incident] {
    try escalator.rules.list(ListIncidentsRequest()).incidents
  }

  @Test func aLostTierPagesTheDefaultTeamOnceAndIsOverWhenItIsBack() throws {
    var escalator = try cluster()
    try escalator.ask(lost(.notifier))
    try escalator.ask(lost(.notifier))
    let incident = try #require(try open(escalator).first)
    #expect(try open(escalator).count == 1)
    #expect(incident.severity == .sev1 && incident.team == "platform" && incident.alertClass == "tier_lost")
    #expect(incident.summary == "notifier can't be reached from escalator for 60 s")
    #expect(escalator.said == ["11-25 10:00:00 duty ana"])
    #expect((escalator.restored == escalator.rules))
    try escalator.ask(back(.notifier))
    #expect(try open(escalator) == [])
    #expect(escalator.lines("resolved") == ["resolved by tocsin: the source says that it is over"])
    try escalator.ask(back(.notifier))
    #expect(escalator.lines("resolved").count == 1)
  }

  @Test func itIsLostAnewAfterItWasBack() throws {
    var escalator = try cluster()
    for _ in 1...3 {
      try escalator.ask(lost(.intake))
      escalator.wait(.minutes(1))
      try escalator.ask(back(.intake))
      escalator.wait(.minutes(1))
    }
    #expect(escalator.lines("opened").count == 3 && escalator.lines("resolved").count == 3)
  }

  @Test func whatAPersonResolvedIsOpenedAgainWhileItLasts() throws {
    var escalator = try cluster()
    try escalator.ask(lost(.intake))
    try escalator.resolve(by: "ana", try open(escalator)[0].id)
    escalator.wait(.minutes(10))
    try escalator.ask(lost(.intake))
    #expect(try open(escalator).count == 1)
  }

  @Test func aThirdLossWithinMinutesIsNoPartOfAStorm() throws {
    var escalator = Escalator(policies: [])
    var policy = Policy.shipped
    policy.grouping = Grouping(after: 3, within: .minutes(5), joinsFor: .hours(1))
    try escalator.ask(
      .configure(EscalationConfiguration(policies: [policy], defaultTeam: "platform", defaultPolicy: "platform")))
    for _ in 1...2 {
      try escalator.ask(lost(.notifier))
      escalator.wait(.seconds(30))
      try escalator.ask(back(.notifier))
      escalator.wait(.seconds(30))
    }
    try escalator.ask(lost(.notifier))
    try escalator.acknowledge(by: "ana", try open(escalator)[0].id)
    _ = escalator.news()
    try escalator.ask(lost(.intake))
    #expect(escalator.said.contains { $0.hasSuffix("duty ana") })
    try escalator.ask(back(.intake))
    try escalator.ask(back(.notifier))
    #expect(try open(escalator) == [])
  }

  @Test func aSecondLossPagesThoughTheFirstIsOpenForOtherReasons() throws {
    var escalator = try cluster()
    escalator.alert(.sev1, "2f-1")
    try escalator.ask(lost(.notifier))
    let first = try #require(try open(escalator).last?.id)
    try escalator.ask(.merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: [first], reason: "one rack")))
    try escalator.ask(lost(.notifier))
    #expect(try open(escalator).count == 1, "it is known")
    try escalator.ask(back(.notifier))
    escalator.wait(.minutes(1))
    try escalator.ask(lost(.notifier))
    #expect(try open(escalator).count == 2)
  }

  @Test func aClockThatWasAheadHidesNoLaterLoss() throws {
    var escalator = try cluster()
    try escalator.ask(lost(.notifier))
    try escalator.ask(back(.notifier))
    escalator.stepClock(by: .zero - .hours(5))
    try escalator.ask(lost(.notifier))
    try escalator.ask(lost(.notifier))
    #expect(try open(escalator).count == 1)
    try escalator.ask(back(.notifier))
    #expect(try open(escalator) == [])
  }

  @Test func anEscalatorThatRestartedEndsWhatItHadOpened() throws {
    var escalator = try cluster()
    try escalator.ask(lost(.intake))
    escalator.rules = escalator.restored
    try escalator.ask(back(.intake))
    #expect(try open(escalator) == [])
  }

  @Test func beforeAnythingIsConfiguredSomebodyIsPagedAllTheSame() throws {
    var escalator = Escalator(policies: [])
    try escalator.ask(lost(.intake))
    #expect(escalator.said == ["11-25 10:00:00 duty ana"])
  }
}
