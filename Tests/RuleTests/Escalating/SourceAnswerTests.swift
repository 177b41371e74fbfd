import Escalating
import Messages
import Testing

/// What a source's acknowledgement does, and what only looks like one.
@Suite struct SourceAnswerTests {
  @Test func anAcknowledgementThatIsReplayedStopsNothing() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    escalator.alert(.sev2, generation: 2, state: .acknowledged)
    #expect(escalator.incident().state == .acknowledged)
    escalator.wait(.minutes(30))
    #expect(escalator.incident().state == .triggered)
    escalator.alert(.sev1, generation: 3, state: .acknowledged)
    #expect(escalator.incident().state == .triggered)
    #expect(escalator.incident().severity == .sev1)
  }

  @Test func aWorseSeverityIsHeardTogetherWithAnAcknowledgement() {
    var escalator = Escalator()
    escalator.alert(.sev3)
    escalator.alert(.sev1, generation: 3, state: .acknowledged)
    #expect(escalator.incident().state == .acknowledged)
    #expect(escalator.incident().severity == .sev1)
    #expect(escalator.said == ["11-25 10:00:00 duty ana", "11-25 10:00:00 duty ana"])
  }

  @Test func nobodyOwnsWhatASourceAcknowledgedAndThePrimaryIsReminded() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.alert(.sev1, generation: 2, state: .acknowledged)
    #expect(escalator.incident().owner.isEmpty && escalator.incident().commander.isEmpty)
    escalator.wait(.minutes(5))
    #expect(escalator.news() == ["11-25 10:00:00 duty ana", "11-25 10:05:00 reminder ana"])
    #expect(try escalator.acknowledge(by: "ben") == "acknowledged; paging stops")
    #expect(escalator.incident().owner == "ben" && escalator.incident().commander == "ben")
  }

  @Test func twoAcknowledgementsGiveTheFirstTheIncident() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    #expect(try escalator.acknowledge(by: "ana") == "acknowledged; paging stops")
    #expect(try escalator.acknowledge(by: "ben") == "acknowledged as well; ana has it")
    #expect(try escalator.acknowledge(by: "ana") == "already acknowledged by ana at 10:00 UTC")
    #expect(escalator.incident().owner == "ana")
  }

  @Test func acknowledgingAndEscalatingMeetInEitherOrder() throws {
    var first = Escalator()
    first.alert(.sev2)
    try first.acknowledge(by: "ana")
    try first.escalate(by: "ana", to: 2)
    var second = Escalator()
    second.alert(.sev2)
    try second.escalate(by: "ana", to: 2)
    try second.acknowledge(by: "ana")
    for escalator in [first, second] {
      #expect(escalator.incident().state == .acknowledged && escalator.incident().owner == "ana")
      #expect(escalator.said.contains("11-25 10:00:00 duty ben"))
    }
    #expect(first.incident().pages.filter(\.wanted).map(\.person) == ["ben"])
    #expect(second.incident().pages.filter(\.wanted).isEmpty)
  }

  @Test func aResolveThatOvertookItsTriggerPagesNobody() {
    var escalator = Escalator()
    escalator.alert(.sev1, generation: 2, state: .resolved)
    escalator.alert(.sev1, generation: 1)
    #expect(escalator.said == [] && escalator.posts == [])
    #expect(escalator.incident().state == .resolved)
  }

  @Test func whatTheSourceAcknowledgesDuringThePauseIsQuietUntilThatLapses() {
    var escalator = Escalator()
    escalator.alert(.sev2)
    escalator.wait(.minutes(36))
    _ = escalator.news()
    escalator.alert(.sev2, generation: 2, state: .acknowledged)
    escalator.wait(.minutes(30))
    #expect(escalator.said.filter { $0.contains("duty ana") } == ["11-25 11:06:00 duty ana"])
    #expect(escalator.lines("chain-started") == [])
  }

  @Test func aLateCopyOfAClosedAlertOpensNothing() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.isNotifierUp = false
    try escalator.resolve(by: "ana")
    escalator.wait(.hours(5))
    escalator.notifierReturns()
    #expect(escalator.rules.incident("2f-1") != nil)
    escalator.wait(.minutes(59))
    #expect(escalator.rules.incident("2f-1") != nil)
    escalator.wait(.hours(23))
    #expect(escalator.rules.incident("2f-1") == nil)
    escalator.alert(.sev1)
    #expect(escalator.rules.openCount == 0)
    #expect(escalator.said == ["11-25 10:00:00 duty ana"])
  }
}
