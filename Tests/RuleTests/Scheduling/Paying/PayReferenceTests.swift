import CivilTime
import Messages
import Scheduling
import Testing

/// What is paid, as another hand computed it (Reference/make-pay.py says how, and by which readings).
@Suite struct PayReferenceTests {
  private func rows(_ name: String) -> [[String]] {
    SystemZones.rows(ofFile: "Scheduling/Reference/\(name)")
  }

  private func instant(_ seconds: some StringProtocol) -> Instant {
    Instant(milliseconds: (Int64(seconds) ?? 0) * 1_000)
  }

  @Test func everyLineOfWorkIsAsPythonComputedIt() throws {
    let rows = rows("pay.csv")
    #expect(rows.count >= 440 && rows.count { !$0[0].hasPrefix("generated") } >= 40)
    for row in rows {
      var scheduler = try Scheduler.payroll(
        zone: row[1], holidays: row[2].isEmpty ? [] : [row[2]], at: .utc("2027-01-05"))
      for incident in row[3].split(separator: ";") {
        let parts = incident.split(separator: "=")
        try scheduler.work(
          String(parts[0]),
          parts[1].split(separator: " ").map { span in
            let ends = span.split(separator: "-")
            return (instant(ends[0]), instant(ends[1]))
          })
      }
      let found = try scheduler.export("2026-01-02", "2027-01-03").lines.map { line in
        "\(line.kind == .weekend ? "weekend" : "after") \(line.fromAt.milliseconds / 1_000) "
          + "\(line.untilAt.milliseconds / 1_000) \(line.time.milliseconds / 1_000) \(line.hours) \(line.amount)"
      }
      #expect(found == row[4].split(separator: ";").map(String.init), "\(row)")
    }
  }

  @Test func everyShareOfAStipendIsAsPythonComputedIt() throws {
    let cases = Dictionary(grouping: rows("stipends.csv")) { $0[0] }
    #expect(cases.count == 5)
    for (zone, rows) in cases {
      let first = try #require(CivilDate(rows[0][1]))
      var configuration = ScheduleConfiguration.everywhere(
        zone, .days, 1, starts: first.adding(days: -3).description, minute: 540, members: ["ana", "ben", "cai"])
      configuration.teams[0].calendar?.timeZone = zone
      configuration.pay = ScheduleConfiguration.rates
      var scheduler = try Scheduler(configuration, at: .utc(first.adding(days: -5).description))
      scheduler.wait(until: .utc(rows[0][2]) + .days(2))
      let found = try scheduler.export(rows[0][1], rows[0][2]).lines.filter { $0.tier == 1 }
        .sorted { $0.fromAt < $1.fromAt }
      #expect(found.count == rows.count)
      for (line, row) in zip(found, rows) {
        #expect(
          line.person == row[3] && line.fromAt == instant(row[4]) && line.untilAt == instant(row[5])
            && line.amount == row[6], "\(row): \(line)")
      }
    }
  }

  @Test func everyCompDayIsAsPythonComputedIt() throws {
    let rows = rows("comp-days.csv")
    #expect(rows.count >= 130)
    for row in rows {
      let end = instant(row[4])
      var scheduler = try Scheduler.payroll(zone: row[1], holidays: row[2].isEmpty ? [] : [row[2]], at: end)
      try scheduler.work(
        "2f-1", [(instant(row[5]), instant(row[6]))], sev1: (instant(row[3]), end), approved: false)
      let days = try scheduler.compDays()
      #expect(days.count == Int(row[7]), "\(row)")
      #expect(days.allSatisfy { $0.lapsesAfter == row[8 + 1] }, "\(row) \(days)")
      guard let monday = CivilDate(row[8]) else {
        #expect(days.allSatisfy { $0.state == .earned && !$0.byItself }, "\(row)")
        continue
      }
      let first = try #require(days.first)
      let begins = SystemZones.rules(row[1]).instant(of: LocalTime(monday, minute: 540))
      #expect(first.state == .planned && first.byItself, "\(row)")
      #expect(begins > end ? first.date == row[8] : first.date > row[8], "\(row) \(first)")
      #expect(days.dropFirst().allSatisfy { $0.state == .earned }, "\(row)")
    }
  }
}
