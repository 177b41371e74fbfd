import Alerting
import Machinery
import Messages
import Testing

/// Intake's disk has lost rows that it had said to be durable, and an operator lets it go on.
@Suite struct IntakeLossTests {
  @Test func whatIsOpenIsHandedOverAgainAsNewerThanAnythingThatWasLost() throws {
    var intake = Intake()
    try intake.publish(.trigger("one"))
    try intake.publish(.trigger("two", .sev3))
    intake.handOver()
    intake.rules.skipNumbers()
    intake.handOver()
    #expect(intake.handedOver.map(\.generation) == [1, 1, 1_001, 1_001])
    #expect(intake.rules.debtSummary(to: .escalator).count == 0)
    try intake.publish(.resolve("one"))
    intake.handOver()
    #expect(intake.handedOver.last?.generation == 1_002 && intake.handedOver.last?.state == .resolved)
  }

  @Test func anAlertThatTheEscalatorHasClosedIsClosedAndItsKeyIsFree() throws {
    var intake = Intake()
    let id = try intake.publish(.trigger("one")).alertId
    intake.rules.skipNumbers()
    intake.now = intake.now + .minutes(5)
    try intake.close(AlertClosing(alertId: id, closedAt: intake.now))
    #expect(try intake.list().open == 0)
    #expect(try intake.publish(.trigger("one")).disposition == .opened)
  }

  @Test func aClosingThatNamesNoAlertOrNoTimeIsRefused() throws {
    var intake = Intake()
    let id = try intake.publish(.trigger("one")).alertId
    func field(_ closing: AlertClosing) -> String? {
      do throws(Refusal) {
        try intake.close(closing)
        return nil
      } catch { return error.field }
    }
    #expect(field(AlertClosing(closedAt: intake.now)) == "alert_id")
    #expect(field(AlertClosing(alertId: id)) == "closed_at_ms")
  }
}
