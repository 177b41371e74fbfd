import Escalating
import Messages
import Testing

/// The clocks move with the severity (requirement E6).
@Suite struct SeverityTests {
  @Test func anOldIncidentMadeWorseIsNotLate() {
    var escalator = Escalator()
    escalator.alert(.sev3)
    escalator.wait(.minutes(185))
    _ = escalator.news()
    escalator.alert(.sev1, generation: 2)
    #expect(escalator.news() == ["11-25 13:05:00 duty ana", "11-25 13:05:00 duty ben", "11-25 13:05:00 duty tess"])
    #expect(escalator.lines("skipped") == [])
    escalator.wait(.minutes(10))
    #expect(escalator.said == ["11-25 13:10:00 duty vera", "11-25 13:10:00 reminder ana"])
  }

  @Test func aYoungIncidentMadeWorseStartsAtTheChange() {
    var escalator = Escalator()
    escalator.alert(.sev3)
    escalator.wait(.minutes(9))
    escalator.alert(.sev1, generation: 2)
    escalator.wait(.minutes(15))
    #expect(
      escalator.said == [
        "11-25 10:00:00 duty ana", "11-25 10:09:00 duty ana", "11-25 10:14:00 reminder ana",
        "11-25 10:14:00 headsUp ben", "11-25 10:19:00 duty ben", "11-25 10:19:00 duty tess",
        "11-25 10:24:00 duty vera",
      ])
  }

  @Test func aRaiseNeverPostponesWhatRanAlready() {
    var escalator = Escalator()
    escalator.alert(.sev2)
    escalator.wait(.minutes(9))
    escalator.alert(.sev1, generation: 2)
    escalator.wait(.minutes(6))
    #expect(
      escalator.said == [
        "11-25 10:00:00 duty ana", "11-25 10:09:00 duty ana", "11-25 10:10:00 reminder ana",
        "11-25 10:10:00 headsUp ben", "11-25 10:15:00 duty ben", "11-25 10:15:00 duty tess",
      ])
  }

  @Test func whoHasAnIncidentThatGotWorseMustReactOrTheNextTierIsPaged() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try escalator.acknowledge(by: "ana")
    try escalator.update(by: "ana")
    escalator.wait(.minutes(185))
    _ = escalator.news()
    var reacting = escalator
    escalator.alert(.sev1, generation: 2)
    escalator.wait(.minutes(10))
    #expect(escalator.said == ["11-25 13:05:00 duty ana", "11-25 13:15:00 duty ben", "11-25 13:15:00 duty tess"])
    reacting.alert(.sev1, generation: 2)
    try reacting.acknowledge(by: "ana")
    reacting.wait(.minutes(24))
    #expect(reacting.incident().commander == "ana")
    #expect(reacting.said == ["11-25 13:05:00 duty ana"])
  }

  @Test func metDutiesStayMet() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try escalator.acknowledge(by: "ana")
    try escalator.update(by: "ana")
    escalator.wait(.hours(2))
    escalator.alert(.sev2, generation: 2)
    #expect(escalator.incident().nextUpdateDueAt == escalator.now + .minutes(30))
    #expect(escalator.lines("breach") == [])
  }

  @Test func aRaiseAfterAClockStepNeitherFiresNorStalls() {
    for step in [Span.hours(30), Span.zero - .hours(30)] {
      var escalator = Escalator()
      escalator.alert(.sev3)
      escalator.stepClock(by: step)
      _ = escalator.news()
      escalator.alert(.sev1, generation: 2)
      #expect(escalator.news().map { $0.dropFirst(15) } == ["duty ana"])
      escalator.wait(.minutes(9))
      #expect(escalator.news().map { $0.dropFirst(15) } == ["reminder ana", "headsUp ben"])
      escalator.wait(.minutes(1))
      #expect(escalator.news().map { $0.dropFirst(15) } == ["duty ben", "duty tess"])
    }
  }
}
