import Alerting
import Messages
import Testing

/// Requirement E6: what fires again under a key says what it was before, so that the escalator can go on with that.
@Suite struct FormerAlertTests {
  private func former(_ intake: Intake, _ id: String) -> String? { intake.rules.alert(id)?.formerId }

  @Test func whatItsSourceEndedIsNamed() throws {
    var intake = Intake()
    let first = try intake.publish(.trigger()).alertId
    intake.handOver()
    try intake.publish(.resolve())
    intake.handOver()
    let second = try intake.publish(.trigger()).alertId
    #expect(second != first && former(intake, second) == first)
    intake.handOver()
    #expect(intake.handedOver.last?.formerId == first)
  }

  @Test func whatAPersonEndedIsNamed() throws {
    var intake = Intake()
    let first = try intake.publish(.trigger()).alertId
    intake.handOver()
    try intake.close(AlertClosing(alertId: first, closedAt: intake.now))
    intake.wait(.minutes(1))
    let second = try intake.publish(.trigger()).alertId
    #expect(former(intake, second) == first)
  }

  /// The source reported again before intake heard that a person had ended it.
  @Test func whatWasCountedToTheFormerOneIsNamedToo() throws {
    var intake = Intake()
    let first = try intake.publish(.trigger()).alertId
    intake.handOver()
    let end = intake.now
    intake.wait(.seconds(5))
    try intake.publish(.trigger())
    try intake.close(AlertClosing(alertId: first, closedAt: end))
    let anew = try #require(intake.list().alerts.first)
    #expect(anew.id != first && anew.formerId == first)
  }

  @Test func nothingElseHasAFormerOne() throws {
    var intake = Intake()
    let first = try intake.publish(.trigger()).alertId
    #expect(former(intake, first) == "")
    intake.handOver()
    try intake.publish(.resolve())
    for event in [Event.trigger("other"), .trigger(source: "another"), .trigger("")] {
      let id = try intake.publish(event).alertId
      #expect(former(intake, id) == "")
    }
  }

  @Test func itIsForgottenAfterADay() throws {
    var intake = Intake()
    try intake.publish(.trigger())
    intake.handOver()
    try intake.publish(.resolve())
    intake.handOver()
    intake.wait(.hours(24))
    let second = try intake.publish(.trigger()).alertId
    #expect(former(intake, second) == "")
  }

  /// The escalator never heard of it: the one before that is what it may go on with.
  @Test func whatWasSilencedIsNotNamed() throws {
    var intake = Intake()
    let first = try intake.publish(.trigger("down", .sev2, service: "web")).alertId
    intake.handOver()
    try intake.publish(.resolve())
    intake.handOver()
    let silence = try intake.silence(
      SilenceRequest(
        matchers: [Matcher(name: "service", value: "web")], by: "ana", reason: "an upgrade",
        untilAt: intake.now + .hours(1)))
    let silenced = try intake.publish(.trigger("down", .sev2, service: "web"))
    #expect(silenced.silencedBy == silence && former(intake, silenced.alertId) == first)
    try intake.publish(.resolve())
    try intake.endSilence(silence)
    let last = try intake.publish(.trigger("down", .sev2, service: "web")).alertId
    #expect(former(intake, last) == first)
  }
}
