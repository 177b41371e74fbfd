import CivilTime
import Messages
import Testing

/// Requirement S1: several rotations on a tier, restricted to weekdays and hours.
@Suite struct RestrictedRotationTests {
  private func configuration(_ restrict: (inout Rotation) -> Void) -> ScheduleConfiguration {
    var configuration = ScheduleConfiguration.platform()
    var office = ScheduleConfiguration.weekly("office", 1, ["gus", "hal"], "2026-11-02")
    office.timeZone = "Europe/Berlin"
    restrict(&office)
    configuration.rotations.append(office)
    return configuration
  }

  @Test func aLaterRotationWinsWhereItCovers() throws {
    let scheduler = try Scheduler(
      configuration {
        $0.weekdays = [1, 2, 3, 4, 5]
        $0.fromMinute = 540
        $0.untilMinute = 1_020
      }, at: .utc("2026-11-23"))
    // Berlin is an hour ahead of UTC in November.
    for (text, person) in [
      ("2026-11-25T07:59:59", "dee"), ("2026-11-25T08:00:00", "hal"), ("2026-11-25T15:59:59", "hal"),
      ("2026-11-25T16:00:00", "dee"), ("2026-11-28T10:00:00", "dee"), ("2026-12-02T10:00:00", "gus"),
      ("2029-07-18T06:59:59", "?"), ("2029-07-18T07:00:00", "office"),
    ] {
      let shift = try scheduler.shifts(1, at: .utc(text))[0]
      if person == "office" || person == "?" {
        #expect(shift.explanation.hasPrefix("rotation office") == (person == "office"))
      } else {
        #expect(shift.person == person, "\(text)")
      }
    }
    let shift = try scheduler.shifts(1, at: .utc("2026-11-25T12:00:00"))[0]
    #expect(shift.fromAt == .utc("2026-11-25T08:00:00") && shift.untilAt == .utc("2026-11-25T16:00:00"))
  }

  @Test func aWeekendIsOneStretch() throws {
    let scheduler = try Scheduler(configuration { $0.weekdays = [6, 7] }, at: .utc("2026-11-23"))
    let shift = try scheduler.shifts(1, at: .utc("2026-11-28T12:00:00"))[0]
    #expect(shift.fromAt == .utc("2026-11-27T23:00:00") && shift.untilAt == .utc("2026-11-29T23:00:00"))
    // Far ahead too: nothing ends after so many days (a year of them is asked for).
    for week in 0..<104 {
      let saturday = Instant.utc("2027-01-02T12:00:00") + .days(7 * Int64(week))
      #expect(try scheduler.shifts(1, at: saturday)[0].explanation.hasPrefix("rotation office"))
    }
  }

  @Test func aNightThatEndsOnTheNextMorning() throws {
    let scheduler = try Scheduler(
      configuration {
        $0.fromMinute = 1_260
        $0.untilMinute = 420
      }, at: .utc("2026-11-23"))
    let shift = try scheduler.shifts(1, at: .utc("2026-11-26T03:00:00"))[0]
    #expect(shift.fromAt == .utc("2026-11-25T20:00:00") && shift.untilAt == .utc("2026-11-26T06:00:00"))
    // The night in which the clocks go forward is an hour shorter.
    let spring = try scheduler.shifts(1, at: .utc("2027-03-28T00:30:00"))[0]
    #expect(spring.fromAt == .utc("2027-03-27T20:00:00") && spring.untilAt == .utc("2027-03-28T05:00:00"))
  }

  @Test func aSecondRotationForAllOfATierIsRefused() {
    #expect(throws: Refusal.self) { try Scheduler(configuration { _ in }, at: .utc("2026-11-23")) }
  }

  @Test func whatNoRotationCoversIsAGap() throws {
    var configuration = ScheduleConfiguration.platform()
    configuration.rotations[2].weekdays = [1, 2, 3, 4, 5]
    let scheduler = try Scheduler(configuration, at: .utc("2026-11-23"))
    #expect(try scheduler.holder(3, at: .utc("2026-11-27T23:59:59")) != "")
    let gap = try scheduler.shifts(3, at: .utc("2026-11-28T12:00:00"))[0]
    #expect(gap.because == .nobody && gap.explanation == "no rotation of tier 3 covers this time")
    #expect(gap.fromAt == .utc("2026-11-28") && gap.untilAt == .utc("2026-11-30"))
  }

  @Test func aYearOfHourlyShiftsHasSomebodyInEach() throws {
    let scheduler = try Scheduler(
      .everywhere("America/New_York", .hours, 1, starts: "2026-01-05", minute: 0), at: .utc("2026-11-23"))
    for hour in stride(from: 0, to: 9_000, by: 1) {
      #expect(try scheduler.holder(1, at: .utc("2026-11-23") + .hours(Int64(hour))) != "")
    }
  }
}
