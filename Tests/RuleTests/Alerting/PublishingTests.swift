import Alerting
import Machinery
import Messages
import Testing

/// Requirements I1 and I2: what an event makes of the alert under its key.
@Suite struct PublishingTests {
  @Test func triggerAcknowledgeAndResolveReachTheEscalatorAsGenerationsOfOneAlert() throws {
    var intake = Intake()
    let opened = try intake.publish(.trigger())
    #expect(opened.disposition == .opened && opened.count == 1)
    intake.handOver()
    #expect(try intake.publish(.acknowledge()).disposition == .acknowledged)
    intake.handOver()
    #expect(try intake.publish(.resolve()).disposition == .closed)
    intake.handOver()
    #expect(intake.handedOver.map(\.state) == [.open, .acknowledged, .resolved])
    #expect(intake.handedOver.map(\.generation) == [1, 2, 3])
    #expect(Set(intake.handedOver.map(\.id)) == [opened.alertId])
    #expect(intake.rules.openCount == 0 && intake.rules.alert(opened.alertId) == nil)
  }

  @Test func aChangeIsNotedAndPagesNobody() throws {
    var intake = Intake()
    let change = Event(action: .change, source: "deploys", summary: "release 412")
    #expect(try intake.publish(change).disposition == .noted)
    intake.handOver()
    #expect(intake.handedOver.isEmpty && intake.rules.openCount == 0)
  }

  @Test func theSameKeyWhileOpenIsOneAlertCounted() throws {
    var intake = Intake()
    let first = try intake.publish(.trigger())
    let second = try intake.publish(.trigger())
    #expect(second == PublishReply(alertId: first.alertId, disposition: .counted, count: 2))
    #expect(try intake.publish(.trigger(source: "other")).disposition == .opened)
    #expect(try intake.publish(.trigger("")).disposition == .opened)
    #expect(try intake.publish(.trigger("")).disposition == .opened)
    #expect(intake.rules.openCount == 4)
  }

  @Test func aWorseSeverityIsHandedOverAndALesserIsNot() throws {
    var intake = Intake()
    try intake.publish(.trigger("down", .sev3))
    intake.handOver()
    try intake.publish(.trigger("down", .sev4))
    try intake.publish(.trigger("down", .sev1))
    intake.handOver()
    #expect(intake.handedOver.map(\.severity) == [.sev3, .sev1])
  }

  @Test func whatResolvesOrAcknowledgesNothingChangesNothing() throws {
    var intake = Intake()
    #expect(try intake.publish(.resolve()).disposition == .unchanged)
    #expect(try intake.publish(.acknowledge()).disposition == .unchanged)
    #expect(intake.facts.count == 1)
  }

  // MARK: Order

  @Test func anAlertThatFiresAgainWithTheTimeOfItsFirstFiringOpensAgain() throws {
    var intake = Intake()
    try intake.publish(.trigger(at: .zero))
    try intake.publish(.resolve(at: .minutes(5)))
    #expect(try intake.publish(.trigger(at: .zero)).disposition == .opened)
    #expect(intake.rules.openCount == 1)
  }

  @Test func aSourceWhoseClockIsSlowIsHeard() throws {
    var intake = Intake()
    try intake.publish(.trigger())
    #expect(try intake.publish(.resolve(at: .seconds(-30))).disposition == .closed)
    #expect(try intake.publish(.trigger(at: .seconds(-40))).disposition == .opened)
  }

  @Test func aResolveFromBeforeTheNewestTriggerChangesNothing() throws {
    var intake = Intake()
    try intake.publish(.trigger(at: .zero))
    #expect(try intake.publish(.trigger(at: .minutes(10))).disposition == .counted)
    #expect(try intake.publish(.resolve(at: .minutes(5))).disposition == .unchanged)
    #expect(try intake.publish(.acknowledge(at: .minutes(5))).disposition == .unchanged)
    #expect(try intake.publish(.resolve(at: .minutes(11))).disposition == .closed)
  }

  @Test func aSecondCopyOfAResolveDoesNotCloseWhatFiredAgainSince() throws {
    var intake = Intake()
    try intake.publish(.trigger(at: .zero))
    try intake.publish(.resolve(at: .minutes(5)))
    try intake.publish(.trigger(at: .zero))
    #expect(try intake.publish(.resolve(at: .minutes(5))).disposition == .unchanged)
    #expect(try intake.publish(.resolve(at: .minutes(9))).disposition == .closed)
  }

  @Test func anEndIsRememberedForADay() throws {
    var intake = Intake()
    try intake.publish(.trigger(at: .zero))
    try intake.publish(.resolve(at: .minutes(5)))
    try intake.publish(.trigger())
    intake.wait(.hours(25))
    #expect(try intake.publish(.resolve(at: .minutes(5))).disposition == .closed)
  }

  // MARK: What a person closed

  @Test func aHumanResolveFreesTheKey() throws {
    var intake = Intake()
    let first = try intake.publish(.trigger())
    intake.wait(.minutes(1))
    try intake.close(AlertClosing(alertId: first.alertId, closedAt: intake.now, handedOverAt: intake.now))
    #expect(intake.rules.openCount == 0)
    #expect(try intake.publish(.trigger()).disposition == .opened)
  }

  @Test(arguments: [Span.zero, .hours(3), .hours(-3)])
  func whatFiredAfterAHumanResolveIsANewAlertWhateverTheEscalatorsClockSays(skew: Span) throws {
    var intake = Intake()
    let first = try intake.publish(.trigger())
    intake.wait(.minutes(1))
    let closedAt = intake.now + skew
    intake.wait(.minutes(1))
    try intake.publish(.trigger())
    intake.wait(.minutes(1))
    try intake.close(AlertClosing(alertId: first.alertId, closedAt: closedAt, handedOverAt: intake.now + skew))
    let open = try intake.list().alerts
    #expect(open.count == 1 && open[0].id != first.alertId && open[0].openedAt == intake.now)
  }

  @Test(arguments: [Span.zero, .hours(3), .hours(-3)])
  func whatFiredBeforeAHumanResolveIsOverWhateverTheEscalatorsClockSays(skew: Span) throws {
    var intake = Intake()
    let first = try intake.publish(.trigger())
    intake.wait(.minutes(1))
    try intake.publish(.trigger())
    intake.wait(.minutes(1))
    let closedAt = intake.now + skew
    intake.wait(.minutes(1))
    try intake.close(AlertClosing(alertId: first.alertId, closedAt: closedAt, handedOverAt: intake.now + skew))
    #expect(intake.rules.openCount == 0)
  }

  @Test(arguments: [Span.hours(2), .hours(-2)])
  func aClockThatJumpsDoesNotDecideWhetherAnAlertFiredAgain(step: Span) throws {
    var intake = Intake()
    let first = try intake.publish(.trigger())
    intake.wait(.minutes(1))
    intake.stepClock(by: step)
    intake.wait(.minutes(1))
    let closedAt = intake.now
    intake.wait(.minutes(1))
    try intake.close(AlertClosing(alertId: first.alertId, closedAt: closedAt, handedOverAt: intake.now))
    #expect(intake.rules.openCount == 0)
  }

  @Test func eachFieldThatCannotBeIsNamed() {
    func field(_ change: (inout Event) -> Void) -> String? {
      var event = Event.trigger()
      change(&event)
      do throws(Refusal) {
        var intake = Intake()
        try intake.publish(event)
        return nil
      } catch { return error.field }
    }
    #expect(field { $0.action = .unspecified } == "action")
    #expect(field { $0.severity = .unspecified } == "severity")
    #expect(field { $0.summary = "" } == "summary")
    #expect(field { $0.source = "" } == "source")
    #expect(field { $0.summary = String(repeating: "x", count: 1_025) } == "summary")
    #expect(field { $0.labels = [Label(name: "a", value: "1"), Label(name: "a", value: "2")] } == "labels[1].name")
    #expect(field { $0.links = [Link(href: String(repeating: "x", count: 2_049))] } == "links[0].href")
    #expect(field { $0.occurredAt = Instant(milliseconds: -1) } == "occurred_at_ms")
    #expect(
      field {
        $0.action = .resolve
        $0.dedupKey = ""
      } == "dedup_key")
  }
}
