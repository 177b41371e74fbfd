import Alerting
import Machinery
import Messages
import Testing

/// One of several intakes behind an address list: its ids are nobody else's, and what it knows nothing of it passes on.
@Suite struct OneOfSeveralIntakesTests {
  @Test func idsAreNobodyElses() throws {
    var only = Intake()
    var first = Intake(number: 1)
    var second = Intake(number: 2)
    let ids = try [only.publish(.trigger()), first.publish(.trigger()), second.publish(.trigger())].map(\.alertId)
    #expect(ids[0] == ids[1], "what was the only one may become the first of several")
    #expect(ids[2] == "\(ids[0].prefix(2))-2-1")
    let change = Event(action: .change, source: "ci", summary: "2.14", service: "web")
    #expect(try second.publish(change).alertId.hasSuffix("-2-2"))
    let silence = SilenceRequest(
      matchers: [Matcher(name: "service", value: "web")], by: "ana", reason: "test", untilAt: Intake.start + .hours(1))
    #expect(try first.silence(silence) == "silence-1")
    #expect(try second.silence(silence) == "silence-2-1")
  }

  @Test func anEndOfWhatIsNotOpenHereIsPassedOn() throws {
    var intake = Intake(number: 2)
    let reply = try intake.publish(.resolve(at: .seconds(5)))
    #expect(reply.disposition == .passedOn && reply.alertId.isEmpty)
    #expect(intake.rules.openCount == 0)
    #expect(try intake.list(ListAlertsRequest(includeResolved: true)).alerts.isEmpty, "it is no alert")
    intake.handOver()
    let word = try #require(intake.handedOver.first)
    #expect(word.elsewhere && word.state == .resolved && word.dedupKey == "down" && word.source == "prometheus")
    #expect(intake.rules.debtSummary(to: .escalator).count == 0)
    // Alertmanager says it again and again.
    #expect(try intake.publish(.resolve(at: .seconds(5))).disposition == .unchanged)
    #expect(try intake.publish(.resolve(at: .seconds(9))).disposition == .passedOn)
  }

  @Test func anAcknowledgementToo() throws {
    var intake = Intake(number: 1)
    #expect(try intake.publish(.acknowledge()).disposition == .passedOn)
    // It holds no place among what is open.
    #expect(try intake.publish(.trigger()).disposition == .opened)
    intake.handOver()
    #expect(intake.handedOver.map(\.elsewhere).sorted { $0 && !$1 } == [true, false])
  }

  @Test func theOnlyOneKnowsThatNothingIsOpen() throws {
    var intake = Intake()
    #expect(try intake.publish(.resolve()).disposition == .unchanged)
    #expect(intake.rules.debtSummary(to: .escalator).count == 0)
  }

  @Test func aWordSurvivesACrashAndACheckpoint() throws {
    var intake = Intake(number: 2)
    try intake.publish(.resolve())
    var restored = Alerts(intake: 2)
    for fact in intake.rules.condensed() { restored.apply(fact, at: intake.now) }
    #expect(restored == intake.rules)
    #expect(restored.debtSummary(to: .escalator).count == 1 && restored.openCount == 0)
  }

  /// It was counted to what had ended at another intake, of which this one hears later; its source may have ended that too meanwhile.
  @Test func whatIsOpenedAnewIsAsOldAsItsReport() throws {
    var intake = Intake(number: 1)
    let first = try intake.publish(.trigger()).alertId
    intake.handOver()
    let end = intake.now + .seconds(10)
    intake.wait(.seconds(20))
    try intake.publish(.trigger())
    let reported = intake.now
    intake.wait(.minutes(1))
    try intake.close(AlertClosing(alertId: first, closedAt: end))
    let anew = try #require(intake.list().alerts.first)
    #expect(anew.id != first && anew.openedAt == reported)
    // It ended at the other intake after that report: nothing is opened anew once more.
    try intake.close(AlertClosing(alertId: anew.id, closedAt: reported + .seconds(5)))
    #expect(intake.rules.openCount == 0)
  }

  @Test func aWordThatIsRefusedIsNeverCutToSomethingElse() throws {
    var intake = Intake(number: 2)
    intake.escalator = { _ in (.invalidArgument, "no") }
    try intake.publish(.resolve(source: String(repeating: "s", count: 100)))
    intake.handOver()
    #expect(intake.handedOver.count == 2)
    #expect(intake.handedOver.allSatisfy { $0.elsewhere && $0.dedupKey == "down" && $0.source.count == 100 })
  }

  @Test func aSilenceHasOneNameAtAllIntakes() throws {
    var second = Intake(number: 2)
    var request = SilenceRequest(
      matchers: [Matcher(name: "service", value: "web")], by: "ana", reason: "test", untilAt: Intake.start + .hours(1),
      id: "silence-7")
    #expect(try second.silence(request) == "silence-7")
    second.wait(.seconds(3))
    #expect(try second.silence(request) == "silence-7", "the same once more changes nothing")
    #expect(second.rules.list(SilencesRequest()).silences.count == 1)
    request.reason = "another"
    #expect(throws: Refusal.self) { try second.silence(request) }
    request.id = ""
    #expect(try second.silence(request) == "silence-2-1", "its own numbers are apart")
    #expect(try second.publish(.trigger("x", .sev2, service: "web")).silencedBy == "silence-7")
  }
}
