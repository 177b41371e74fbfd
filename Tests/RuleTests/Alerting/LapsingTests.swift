import Alerting
import Machinery
import Messages
import Testing

/// What a source tells again as long as it fires is over when it is told no more.
@Suite struct LapsingTests {
  private func told(_ key: String = "down", after: Span = .minutes(15)) -> Event {
    var event = Event.trigger(key)
    event.lapseAfter = after
    return event
  }

  @Test func whatIsToldNoMoreIsOver() throws {
    var intake = Intake()
    try intake.publish(told())
    intake.wait(.minutes(14))
    try intake.publish(told())
    intake.wait(.minutes(15) - .milliseconds(1))
    intake.handOver()
    #expect(intake.rules.openCount == 1 && intake.handedOver.map(\.state) == [.open])
    intake.wait(.milliseconds(1))
    intake.handOver()
    #expect(intake.rules.openCount == 0 && intake.handedOver.map(\.state) == [.open, .resolved])
    #expect(try intake.publish(told()).disposition == .opened)
  }

  @Test func whatWasNeverSaidToLapseDoesNot() throws {
    var intake = Intake()
    try intake.publish(.trigger())
    intake.wait(.days(60))
    #expect(intake.rules.openCount == 1)
  }

  @Test func theNewestTriggersWordCounts() throws {
    var intake = Intake()
    try intake.publish(told())
    try intake.publish(.trigger())
    intake.wait(.days(1))
    #expect(intake.rules.openCount == 1)
    try intake.publish(told(after: .minutes(20)))
    intake.wait(.minutes(20))
    #expect(intake.rules.openCount == 0)
  }

  @Test func whatIsResolvedOrClosedLapsesNoMore() throws {
    var intake = Intake()
    try intake.publish(told("a"))
    try intake.publish(told("b"))
    try intake.publish(.resolve("a"))
    let other = try #require(try intake.list().alerts.first { $0.dedupKey == "b" })
    try intake.close(AlertClosing(alertId: other.id, closedAt: intake.now))
    intake.handOver()
    #expect(intake.rules.nextDeadline == nil)
  }

  /// Nobody could tell anything while there was nobody to listen: an outage must not end what fires.
  @Test func aRestartGivesItTheTimeToBeToldAgain() throws {
    var intake = Intake()
    try intake.publish(told())
    intake.now = intake.now + .hours(3)
    intake.rules.restarted(at: intake.now)
    intake.wait(.minutes(15) - .milliseconds(1))
    #expect(intake.rules.openCount == 1)
    intake.wait(.milliseconds(1))
    #expect(intake.rules.openCount == 0)
  }

  @Test func aClockStepIsNoSilence() throws {
    var intake = Intake()
    try intake.publish(told())
    intake.stepClock(by: .days(2))
    intake.wait(.minutes(15) - .milliseconds(1))
    #expect(intake.rules.openCount == 1)
  }

  @Test func aCheckpointKnowsWhenItLapses() throws {
    var intake = Intake()
    try intake.publish(told())
    var other = Alerts()
    for fact in intake.rules.condensed() { other.apply(fact, at: intake.now + .minutes(10)) }
    #expect(other == intake.rules && other.nextDeadline == intake.now + .minutes(15))
  }

  @Test func onlyWhatCanBeToldAgainLapses() throws {
    var intake = Intake()
    var nameless = told("")
    nameless.dedupKey = ""
    var ending = Event.resolve()
    ending.lapseAfter = .minutes(1)
    for event in [nameless, ending, told(after: .days(32)), told(after: .milliseconds(-1))] {
      #expect {
        try intake.publish(event)
      } throws: {
        ($0 as? Refusal)?.field == "lapse_after_ms"
      }
    }
  }
}
