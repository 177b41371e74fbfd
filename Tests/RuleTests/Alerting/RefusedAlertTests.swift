import Alerting
import Machinery
import Messages
import Testing

/// An alert that was accepted is never given up, even when the escalator will not have it.
@Suite struct RefusedAlertTests {
  private var whole: Event {
    var event = Event.trigger(service: "web", labels: [Label(name: "a", value: "b")])
    event.summary = String(repeating: "é", count: 500)
    event.details = "much"
    event.links = [Link(href: "https://example.com")]
    event.alertClass = "service_down"
    return event
  }

  @Test func aRefusedAlertIsHandedOverAtOnceCutDownToWhatNobodyCanObjectTo() throws {
    var intake = Intake()
    intake.escalator = { $0.labels.isEmpty ? nil : (.invalidArgument, "labels[0]: no") }
    let reply = try intake.publish(whole)
    intake.handOver()
    #expect(intake.handedOver.count == 2)
    let second = try #require(intake.handedOver.last)
    #expect(second.id == reply.alertId && second.severity == .sev1 && second.team == "platform")
    #expect(second.generation == 2 && second.openedAt == Intake.start && second.summary.utf8.count == 200)
    #expect(second.labels.isEmpty && second.links.isEmpty && second.details.isEmpty && second.steps.isEmpty)
    #expect(second.dedupKey.isEmpty && second.service.isEmpty && second.runbook.isEmpty && second.refusal.isEmpty)
    #expect(intake.rules.debtSummary(to: .escalator).count == 0)
    let listed = try #require(try intake.list().alerts.first)
    #expect(
      listed.refusal
        == "handed over cut down, as the whole was refused by the escalator: INVALID_ARGUMENT labels[0]: no")
    #expect(listed.labels.count == 1)
  }

  @Test func whatIsRefusedEvenThenStaysOwedAndIsTriedEveryFiveMinutes() throws {
    var intake = Intake()
    intake.escalator = { _ in (.failedPrecondition, "never") }
    try intake.publish(whole)
    intake.handOver()
    #expect(intake.handedOver.count == 2)
    let summary = intake.rules.debtSummary(to: .escalator)
    #expect(summary.count == 1 && summary.oldest == Intake.start)
    #expect(try intake.list().alerts[0].refusal == "refused by the escalator: FAILED_PRECONDITION never")
    for tries in 3...6 {
      intake.wait(.minutes(5))
      intake.handOver()
      #expect(intake.handedOver.count == tries)
    }
    intake.escalator = { _ in nil }
    intake.wait(.minutes(4))
    intake.handOver()
    #expect(intake.handedOver.count == 6, "the pause is not over")
    intake.wait(.minutes(1))
    intake.handOver()
    #expect(intake.handedOver.count == 7 && intake.rules.debtSummary(to: .escalator).count == 0)
  }

  @Test func aRefusedAlertHoldsUpNoOther() throws {
    var intake = Intake()
    intake.escalator = { $0.team == "platform" ? (.internal, "broken") : nil }
    for number in 1...600 { try intake.publish(.trigger("bad-\(number)")) }
    try intake.publish(.trigger("good", .sev4, service: "db"))
    intake.handOver()
    #expect(intake.handedOver.count { $0.team == "data" } == 1)
    try intake.publish(.trigger("good too", .sev4, service: "db"))
    intake.handOver()
    #expect(intake.handedOver.count { $0.team == "data" } == 2)
    #expect(intake.rules.debtSummary(to: .escalator).count == 600)
  }

  @Test func newsOfARefusedAlertIsTriedAtOnce() throws {
    var intake = Intake()
    intake.escalator = { $0.state == .resolved ? nil : (.invalidArgument, "no") }
    try intake.publish(.trigger())
    intake.handOver()
    try intake.publish(.resolve())
    intake.handOver()
    #expect(intake.handedOver.last?.state == .resolved)
    #expect(try intake.list(ListAlertsRequest(includeResolved: true)).alerts.isEmpty)
  }

  @Test func aRefusalOfAnOldStateDoesNotCutDownTheNew() throws {
    var intake = Intake()
    try intake.publish(.trigger("down", .sev3))
    let debt = try #require(intake.rules.owed(to: .escalator, limit: 1).first)
    try intake.publish(.trigger("down", .sev1))
    #expect(
      intake.rules.settle(Settlement(peer: .escalator, key: debt.key, status: .invalidArgument), at: intake.now).isEmpty
    )
  }

  @Test func aPauseIsElapsedTimeAndSurvivesACheckpoint() throws {
    var intake = Intake()
    intake.escalator = { _ in (.invalidArgument, "no") }
    try intake.publish(.trigger())
    intake.handOver()
    intake.stepClock(by: .hours(2))
    var restored = Alerts()
    for fact in intake.rules.condensed() { restored.apply(fact, at: intake.now) }
    #expect(restored == intake.rules)
    #expect(restored.nextDeadline == intake.now + .minutes(5))
    #expect(restored.owed(to: .escalator, limit: 9).isEmpty && restored.debtSummary(to: .escalator).count == 1)
  }
}
