import Escalating
import Machinery
import Messages
import Testing

/// Nobody is skipped in silence, and nobody is flooded with it (requirement E9).
@Suite struct OutOfReachTests {
  @Test func whoCannotBeReachedAfterTheAcknowledgementIsNotSkippedInSilence() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    try escalator.escalate(by: "ana", to: 2)
    _ = escalator.news()
    try escalator.cannotReach("ben")
    #expect(escalator.said == ["11-25 10:00:00 duty tess", "11-25 10:00:00 tell lee"])
    #expect(escalator.lines("paged").last == "word to lee, tier 3: ben can't be reached: out of order")
  }

  @Test func whileSomebodyOfALaterTierIsCalledNothingMovesOn() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.wait(.minutes(10))
    _ = escalator.news()
    try escalator.cannotReach("ben")
    #expect(escalator.said == ["11-25 10:10:00 tell lee"])
  }

  /// The chain has begun again: that somebody was called by it half an hour ago, and has not answered, is no reason to wait for the
  /// primary whom nothing reaches.
  @Test func whoWasCalledInAnEarlierRoundIsNotWaitedFor() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    escalator.wait(.minutes(50))
    #expect(escalator.lines("chain-started") == ["round 2 begins"])
    _ = escalator.news()
    try escalator.cannotReach("ana")
    #expect(escalator.said.contains { $0.hasSuffix("duty ben") }, "\(escalator.said)")
    #expect(escalator.lines("escalated").last == "tier 1 -> tier 2: ana can't be reached")
  }

  @Test func withNobodyReachableTheLeadIsToldOfEachOnceAndThenLessOften() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    var told: [String] = []
    for _ in 1...(24 * 60) {
      for person in ["ana", "ben", "tess", "vera"] { try escalator.cannotReach(person) }
      told += escalator.news().filter { $0.contains("tell lee") }
      escalator.wait(.minutes(1))
    }
    #expect(told.count <= 4 * 5, "\(told)")
    #expect(told.filter { $0.hasPrefix("11-25 10:0") }.count == 4)
  }

  @Test func anIncidentThatNobodyAnswersForDaysStaysSmall() {
    for isUp in [true, false] {
      var escalator = Escalator()
      escalator.isNotifierUp = isUp
      escalator.alert(.sev1)
      escalator.wait(.days(5))
      #expect(escalator.incident().pages.count <= 24, "notifier up: \(isUp)")
      #expect(escalator.rules.owed(to: .notifier, limit: 1_000).count <= 24)
    }
  }

  @Test func theChainKeepsThePolicysPauseThoughNobodyIsReached() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    for person in ["ana", "ben", "tess", "vera"] { try escalator.cannotReach(person) }
    #expect(escalator.incident().nextStepAt == escalator.now + .minutes(5))
    escalator.wait(.minutes(4))
    #expect(escalator.lines("chain-started") == [])
    escalator.wait(.minutes(1))
    #expect(escalator.lines("chain-started") == ["round 2 begins"])
  }

  @Test func theNewestStepOfAnIncidentGoesFirstAndTheTimelineSaysWhatWasLate() throws {
    var escalator = Escalator()
    escalator.isNotifierUp = false
    escalator.alert(.sev1)
    escalator.wait(.minutes(15))
    let order = escalator.rules.owed(to: .notifier, limit: 100).compactMap {
      if case .page(let page) = $0, page.wanted, page.purpose == .duty { page.person } else { nil }
    }
    #expect(order == ["vera", "ana", "ben", "tess"])
    escalator.wait(.minutes(5))
    escalator.notifierReturns()
    #expect(escalator.lines("late").contains("page of ana reached the notifier 20 min late"))
    #expect(escalator.lines("late").contains("page of vera reached the notifier 5 min late"))
  }

  @Test func aPageWithdrawnBeforeTheNotifierHadItIsNoted() throws {
    var escalator = Escalator()
    escalator.isNotifierUp = false
    escalator.alert(.sev1)
    escalator.wait(.minutes(2))
    try escalator.acknowledge(by: "ben")
    #expect(
      escalator.lines("withdrawn") == [
        "paging stops: acknowledged by ben; the notifier had not taken the page of ana"
      ])
  }
}
