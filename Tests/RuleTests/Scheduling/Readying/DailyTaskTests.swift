import Messages
import Scheduling
import Testing

/// Requirement S11: the primary's tasks of each day.
@Suite struct DailyTaskTests {
  private func wednesday() throws -> (scheduler: Scheduler, primary: String) {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-24"))
    scheduler.wait(until: .utc("2026-11-25T10:00:00"))
    return (scheduler, try scheduler.holder(at: scheduler.now))
  }

  private func tick(
    _ task: String, _ values: KeyValuePairs<String, String> = [:], saw: String = "", on date: String = "",
    undo: Bool = false, by: String
  ) -> ScheduleInput {
    .readiness(
      .tickTask(
        DailyTaskTick(
          team: "platform", date: date, task: task, values: values.map { DailyValue(name: $0.key, value: $0.value) },
          saw: saw, undo: undo, by: by)))
  }

  private func tasks(_ scheduler: Scheduler, on date: String = "") throws -> DailyTasks {
    try scheduler.rules.listTasks(DailyTasksRequest(team: "platform", date: date), now: scheduler.now)
  }

  @Test func theDayHasTheProceduresFiveTasksWithCommandsAndRanges() throws {
    let (scheduler, primary) = try wednesday()
    let day = try tasks(scheduler)
    #expect(day.date == "2026-11-25" && day.person == primary)
    #expect(day.tasks.map(\.id) == ["metrics", "alerts", "logs", "backup", "flows"])
    #expect(day.tasks[0].values.map(\.expected) == ["below 0.1 %", "below 500 ms", "100 to 1000"])
    #expect(day.tasks[3].how == "aws s3 ls s3://aion-backups/postgres/2026-11-25/")
    #expect(try tasks(scheduler, on: "2026-11-27").tasks[3].how.contains("2026-11-27"))
  }

  @Test func whatIsOutOfItsRangeIsTakenAndMarked() throws {
    var (scheduler, primary) = try wednesday()
    try scheduler.decide(tick("metrics", ["error-rate": "0.1", "p95": "499.9", "sessions": "1000"], by: primary))
    var seen = try tasks(scheduler).tasks[0]
    #expect(seen.values.map(\.outOfRange) == [true, false, false] && seen.by == primary)
    #expect(seen.tickedAt == scheduler.now && seen.values.map(\.value) == ["0.1", "499.9", "1000"])
    try scheduler.decide(tick("metrics", ["error-rate": "0.09", "p95": "500", "sessions": "99"], by: primary))
    seen = try tasks(scheduler).tasks[0]
    #expect(seen.values.map(\.outOfRange) == [false, true, true])
    try scheduler.decide(tick("backup", saw: "3 files, 2 GB", by: "tara"))
    #expect(try tasks(scheduler).tasks[3].saw == "3 files, 2 GB")
    #expect(scheduler.restored == scheduler.rules)
    try scheduler.decide(tick("metrics", undo: true, by: primary))
    #expect(try tasks(scheduler).tasks[0].by == "")
    #expect(scheduler.restored == scheduler.rules)
  }

  @Test func aKeyOfNobodyTicksNothing() throws {
    let (scheduler, primary) = try wednesday()
    let asked = tick("backup", saw: "3 files", by: "ci")
    #expect(scheduler.refusal(.inOwnName(asked, of: "ci"))?.status == .permissionDenied)
    #expect(scheduler.refusal(asked) == nil)
    #expect(scheduler.refusal(.inOwnName(tick("backup", saw: "3 files", by: primary), of: primary)) == nil)
  }

  @Test func refusalsSayWhatIsMissingAndWhoMay() throws {
    let (scheduler, primary) = try wednesday()
    let other = try #require(ScheduleConfiguration.engineers.first { $0 != primary })
    #expect(scheduler.refusal(tick("metrics", ["p95": "400"], by: primary))?.message.contains("error-rate") == true)
    #expect(scheduler.refusal(tick("alerts", ["p95": "400"], by: primary))?.field == "values")
    #expect(scheduler.refusal(tick("alerts", by: other))?.message.contains("(S11): \(primary)") == true)
    #expect(scheduler.refusal(tick("coffee", by: primary))?.field == "task")
    #expect(scheduler.refusal(tick("alerts", on: "2026-11-26", by: primary))?.field == "date")
    #expect(scheduler.refusal(tick("alerts", on: "2026-11-17", by: primary))?.field == "date")
  }

  @Test func thePrimaryIsRemindedOnceADayOfWhatIsOpen() throws {
    var (scheduler, primary) = try wednesday()
    for task in ["alerts", "logs", "backup", "flows"] { try scheduler.decide(tick(task, by: primary)) }
    func reminders() -> [String] { scheduler.said.filter { $0.contains("daily tasks of 2026-11-25") } }
    scheduler.wait(until: .utc("2026-11-25T11:59:59"))
    #expect(reminders().isEmpty)
    scheduler.wait(until: .utc("2026-11-25T23:00:00"))
    #expect(
      reminders() == [
        "\(primary): platform: daily tasks of 2026-11-25 still open: Review dashboard health metrics (tocsinctl task list)"
      ])
    scheduler.wait(until: .utc("2026-11-29T13:00:00"))
    #expect(scheduler.said.contains { $0.contains("daily tasks of 2026-11-29") }, "on a Sunday too")
    #expect(scheduler.restored == scheduler.rules)
  }

  @Test func anOutageOfDaysMakesOneReminder() throws {
    var (scheduler, _) = try wednesday()
    scheduler.now = .utc("2026-11-28T15:00:00")
    let start = scheduler.said.count
    scheduler.wait(.minutes(1))
    #expect(scheduler.said[start...].filter { $0.contains("daily tasks") }.count == 1)
  }

  @Test func whatWasSeenIsForgottenAfterThirteenMonths() throws {
    var (scheduler, primary) = try wednesday()
    try scheduler.decide(tick("alerts", by: primary))
    scheduler.wait(.days(399))
    #expect(try tasks(scheduler, on: "2026-11-25").tasks[1].by == primary)
    scheduler.wait(.days(2))
    #expect(try tasks(scheduler, on: "2026-11-25").tasks[1].by == "")
    #expect(scheduler.restored == scheduler.rules)
  }
}
