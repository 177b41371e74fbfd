import CivilTime
import Messages
import Testing

/// Requirements S1 and S2: the pattern of the procedure's table, on real Mondays.
@Suite struct DefaultPatternTests {
  @Test func thisWeeksSecondaryIsNextWeeksPrimaryForTenYears() throws {
    let scheduler = try Scheduler(.platform(), at: .utc("2025-10-01"))
    let engineers = ScheduleConfiguration.engineers
    for week in 0..<520 {
      let monday = Instant.utc("2025-10-06") + .days(7 * Int64(week))
      for instant in [monday, monday + .days(3), monday + .days(7) - .milliseconds(1)] {
        #expect(try scheduler.holder(1, at: instant) == engineers[week % 8])
        #expect(try scheduler.holder(2, at: instant) == engineers[(week + 1) % 8])
        #expect(try scheduler.holder(3, at: instant) == ["tara", "theo"][week / 2 % 2])
      }
      let shift = try scheduler.shifts(1, at: monday)[0]
      #expect(shift.fromAt == monday && shift.untilAt == monday + .days(7) && shift.because == .rotation)
    }
  }

  @Test func whoIsNextIsTheOneWhoFollows() throws {
    let scheduler = try Scheduler(.platform(), at: .utc("2025-10-01"))
    let reply = try scheduler.rules.onCall(
      .init(team: "platform", at: .utc("2026-11-25T12:00:00")), now: scheduler.now)
    #expect(reply.shifts.map(\.person) == ["dee", "eli", "theo", "vera"])
    #expect(reply.next.map(\.person) == ["eli", "fay", "tara"])
    #expect(reply.shifts[0].explanation == "rotation primary, week 48")
    #expect(reply.next.allSatisfy { $0.fromAt.short().hasPrefix("Mon ") })
  }

  @Test(arguments: [("2025-10-07", "2025-10-13"), ("2025-10-06", "2025-10-06"), ("2024-02-29", "2024-03-04")])
  func aRotationBeginsOnTheFirstMondayOnOrAfterItsStart(start: String, monday: String) throws {
    let scheduler = try Scheduler(.platform(starts: start), at: .utc("2024-01-01"))
    #expect(try scheduler.holder(at: .utc(monday) - .milliseconds(1)) == "")
    #expect(try scheduler.holder(at: .utc(monday)) == "ana")
  }
}
