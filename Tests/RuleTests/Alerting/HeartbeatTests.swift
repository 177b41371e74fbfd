import Alerting
import Machinery
import Messages
import Testing

/// Requirement I6: a source that must report and doesn't becomes an alert.
@Suite struct HeartbeatTests {
  private static let backup = Heartbeat(
    name: "backup", every: .hours(24), grace: .hours(1), severity: .sev2, service: "db", alertClass: "service_down")

  private func intake(_ heartbeats: Heartbeat...) throws -> Intake {
    var intake = Intake()
    try intake.configure(Self.team(heartbeats))
    return intake
  }

  private static func team(_ heartbeats: [Heartbeat]) -> IntakeConfiguration {
    var configuration = IntakeConfiguration.team
    configuration.heartbeats = heartbeats
    return configuration
  }

  @Test func itsSilenceIsAnAlertAndItsNextReportEndsIt() throws {
    var intake = try intake(Self.backup)
    #expect(try intake.beat("backup") == Intake.start + .hours(25))
    intake.wait(.hours(25) - .milliseconds(1))
    intake.handOver()
    #expect(intake.handedOver.isEmpty)
    intake.wait(.milliseconds(1))
    intake.handOver()
    let alert = try #require(intake.handedOver.last)
    #expect(alert.source == "heartbeat" && alert.dedupKey == "backup" && alert.severity == .sev2)
    #expect(alert.summary == "backup has not reported for 25 h; it should every 24 h")
    #expect(alert.team == "data" && alert.steps == ["Check pods", "Restart"])
    #expect(intake.rules.list(HeartbeatsRequest()).heartbeats.map(\.missing) == [true])
    try intake.beat("backup")
    intake.handOver()
    #expect(intake.handedOver.last?.state == .resolved && intake.rules.openCount == 0)
    #expect(intake.rules.list(HeartbeatsRequest()).heartbeats.map(\.missing) == [false])
  }

  @Test func oneThatReportsInTimeIsNoAlert() throws {
    var intake = try intake(Self.backup)
    for _ in 1...40 {
      intake.wait(.hours(24))
      try intake.beat("backup")
    }
    #expect(intake.rules.openCount == 0)
    #expect(intake.rules.list(HeartbeatsRequest()).heartbeats.map(\.lastAt) == [intake.now])
  }

  @Test func oneThatNeverReportedIsAnAlertToo() throws {
    var intake = try intake(Self.backup)
    intake.wait(.hours(25))
    #expect(try intake.list().alerts.map(\.summary) == ["backup has never reported; it should every 24 h"])
  }

  @Test func whileItIsSilentItIsCountedAndOpenedAgainAfterSomebodyResolvedIt() throws {
    var intake = try intake(Self.backup)
    intake.wait(.hours(50))
    intake.handOver()
    #expect(try intake.list().alerts.map(\.count) == [2])
    let id = try #require(try intake.list().alerts.first?.id)
    intake.now = intake.now + .minutes(1)
    try intake.close(AlertClosing(alertId: id, closedAt: intake.now))
    #expect(intake.rules.openCount == 0)
    intake.wait(.hours(25))
    #expect(try intake.list().alerts.count == 1)
  }

  @Test func aRestartGivesItTheTimeToReport() throws {
    let often = Heartbeat(name: "often", every: .minutes(2), grace: .minutes(1), severity: .sev3)
    var intake = try intake(Self.backup, often)
    intake.now = intake.now + .hours(30)
    intake.rules.restarted(at: intake.now)
    intake.wait(.minutes(3) - .milliseconds(1))
    #expect(intake.rules.openCount == 0)
    intake.wait(.milliseconds(1))
    #expect(try intake.list().alerts.map(\.dedupKey) == ["often"])
    intake.wait(.hours(1) + .minutes(2))
    #expect(try intake.list().alerts.map(\.dedupKey).sorted() == ["backup", "often"])
  }

  @Test func aClockStepIsNoSilence() throws {
    var intake = try intake(Self.backup)
    try intake.beat("backup")
    intake.wait(.hours(1))
    intake.stepClock(by: .days(3))
    intake.wait(.hours(24) - .milliseconds(1))
    #expect(intake.rules.openCount == 0)
    intake.wait(.milliseconds(1))
    #expect(intake.rules.openCount == 1)
  }

  @Test func whatConfigurationForgetsIsAnAlertNoLonger() throws {
    var intake = try intake(Self.backup)
    intake.wait(.hours(25))
    intake.handOver()
    try intake.configure(Self.team([]))
    intake.handOver()
    #expect(intake.handedOver.last?.state == .resolved && intake.rules.list(HeartbeatsRequest()).heartbeats == [])
    intake.wait(.days(3))
    #expect(intake.rules.openCount == 0)
  }

  @Test func aShorterSpanGivesItTheTimeToReport() throws {
    var intake = try intake(Self.backup)
    try intake.beat("backup")
    intake.wait(.hours(5))
    var hourly = Self.backup
    hourly.every = .hours(1)
    hourly.grace = .minutes(10)
    let changes = try intake.configure(Self.team([hourly])).changes
    #expect(changes == ["heartbeat backup changed"])
    intake.wait(.minutes(14))
    #expect(intake.rules.openCount == 0)
    intake.wait(.minutes(1))
    #expect(intake.rules.openCount == 1)
  }

  /// Else any source could keep the silence of another from being heard.
  @Test func aSourcesKeyReportsItsOwnHeartbeatsOnly() throws {
    var nightly = Self.backup
    (nightly.name, nightly.source) = ("nightly", "cron")
    var intake = try intake(Self.backup, nightly)
    try intake.beat("backup", source: "backup")
    try intake.beat("nightly", source: "cron")
    for (name, source) in [("backup", "cron"), ("nightly", "nightly"), ("nightly", "backup")] {
      #expect {
        try intake.beat(name, source: source)
      } throws: {
        guard let refusal = $0 as? Refusal else { return false }
        return refusal.status == .permissionDenied && refusal.field == "name"
          && refusal.message.contains("not \(source)'s")
      }
    }
    try intake.beat("nightly")
  }

  @Test func whatNobodyDefinedIsRefused() throws {
    var intake = try intake(Self.backup)
    #expect(
      throws: Refusal.notFound("there is no heartbeat \"backups\"; configuration defines them", field: "name")
    ) { try intake.beat("backups") }
    #expect(throws: Refusal.self) { try intake.beat("") }
    for change in [
      { $0.every = .seconds(1) }, { $0.grace = .days(40) }, { $0.severity = .unspecified }, { $0.name = "" },
      { $0.source = String(repeating: "a", count: 999) },
    ] as [(inout Heartbeat) -> Void] {
      var wrong = Self.backup
      change(&wrong)
      #expect(throws: Refusal.self) { try intake.configure(Self.team([wrong])) }
    }
  }

  @Test func maintenanceSilencesItToo() throws {
    var intake = try intake(Self.backup)
    try intake.silence(
      SilenceRequest(
        matchers: [Matcher(name: "source", value: "heartbeat"), Matcher(name: "service", value: "db")], by: "ana",
        reason: "no backups today", untilAt: Intake.start + .hours(30)))
    intake.wait(.hours(26))
    intake.handOver()
    #expect(intake.handedOver.isEmpty && intake.rules.openCount == 1)
    intake.wait(.hours(4))
    intake.handOver()
    #expect(intake.handedOver.count == 1)
  }
}
