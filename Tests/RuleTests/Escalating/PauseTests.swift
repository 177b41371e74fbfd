import Escalating
import Messages
import Testing

/// The chain between its rounds, and before its first (requirement E2).
@Suite struct PauseTests {
  @Test func escalatingToNobodyDuringThePauseDoesNotProlongIt() throws {
    var escalator = Escalator(timelines: [.platform(executives: [])])
    escalator.alert(.sev2)
    escalator.wait(.minutes(35))
    #expect(escalator.incident().nextStep == "start of the chain")
    let due = escalator.incident().nextStepAt
    escalator.wait(.minutes(10))
    try escalator.escalate(by: "ana", to: 4)
    #expect(escalator.incident().nextStepAt == due)
    escalator.wait(.minutes(5))
    #expect(escalator.lines("chain-started") == ["round 2 begins"])
  }

  @Test func whenTheLeadWasToldBeforeOpeningHoursTheFirstRoundIsStillTheFirst() throws {
    var escalator = Escalator(
      at: Instant(rfc3339: "2026-11-25T20:00:00Z") ?? .unset,
      timelines: [.platform(until: Escalator.start - .days(1))])
    escalator.alert(.sev4)
    try escalator.escalate(by: "ana", to: 1)
    #expect(escalator.news() == ["11-25 20:00:00 duty ana", "11-25 20:00:00 tell lee"])
    escalator.wait(until: "2026-11-26T09:00:00Z")
    #expect(escalator.lines("chain-started") == ["round 1 begins"])
    #expect(escalator.said == ["11-26 09:00:00 duty ana"])
    #expect(escalator.lines("paged").last?.hasPrefix("page to ana, tier 1: primary") == true)
  }

  @Test func aChainThatWasEscalatedByHandDuringItsPauseStartsItsNextRound() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    escalator.wait(.minutes(40))
    try escalator.escalate(by: "ana", to: 3)
    escalator.wait(.minutes(10))
    #expect(escalator.lines("chain-started") == ["round 2 begins"])
    #expect(escalator.lines("paged").last == "page to ana, tier 1: nobody has acknowledged, round 2 (rotation 1)")
  }
}
