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
    intake.rules.skipNumbers(over: .zero)
    intake.handOver()
    #expect(intake.handedOver.map(\.generation) == [1, 1, 1_001, 1_001])
    #expect(intake.rules.debtSummary(to: .escalator).count == 0)
    try intake.publish(.resolve("one"))
    intake.handOver()
    #expect(intake.handedOver.last?.generation == 1_002 && intake.handedOver.last?.state == .resolved)
  }

  /// A restored backup is hours old: whatever may have been numbered since is skipped, by the source that sends most.
  @Test func noNumberComesTwiceHoweverOldTheBackupIs() throws {
    var intake = Intake()
    let before = try intake.publish(.trigger("before")).alertId
    var lost = intake
    intake.rules.skipNumbers(over: .hours(5))
    let after = try intake.publish(.trigger("after")).alertId
    lost.rules.skipNumbers(over: .zero)
    let numbers = try [before, lost.publish(.trigger("after")).alertId, after].map { id in
      try #require(UInt64(id.split(separator: "-")[1], radix: 36))
    }
    #expect(numbers == [1, 10_002, 10_002 + 5 * 3_600 * 100_000])
  }

  @Test func anAlertThatTheEscalatorHasClosedIsClosedAndItsKeyIsFree() throws {
    var intake = Intake()
    let id = try intake.publish(.trigger("one")).alertId
    intake.rules.skipNumbers(over: .zero)
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
