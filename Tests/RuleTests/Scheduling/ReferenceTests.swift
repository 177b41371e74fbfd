import CivilTime
import Messages
import Scheduling
import Testing

/// Who holds which shift, as another hand computed it (Reference/make-rotations.py says how, and by which readings).
@Suite struct ReferenceTests {
  @Test func everyShiftOfTheTableIsAsPythonComputedIt() throws {
    let rows = SystemZones.rows(ofFile: "RuleTests/Scheduling/Reference/rotations.csv")
    #expect(rows.count > 1_000)
    var schedulers: [String: Scheduler] = [:]
    for row in rows {
      let scheduler = try schedulers[row[0]] ?? scheduler(row)
      schedulers[row[0]] = scheduler
      let from = Instant(milliseconds: try #require(Int64(row[7])) * 1_000)
      let until = Instant(milliseconds: try #require(Int64(row[8])) * 1_000)
      guard from >= scheduler.now else { continue }
      for at in [from, until - .milliseconds(1)] {
        let primary = try scheduler.shifts(1, at: at)[0]
        #expect(primary.person == row[9] && primary.fromAt == from && primary.untilAt == until, "\(row)")
        #expect(try scheduler.holder(2, at: at) == row[10], "\(row)")
      }
    }
  }

  private func scheduler(_ row: [String]) throws -> Scheduler {
    let units: [String: ShiftUnit] = ["weeks": .weeks, "days": .days, "hours": .hours]
    var configuration = ScheduleConfiguration.everywhere(
      row[1], try #require(units[row[2]]), try #require(UInt32(row[3])), starts: row[4],
      minute: try #require(UInt32(row[5])), members: row[6].split(separator: " ").map(String.init))
    configuration.rotations[1] = Rotation(id: "secondary", team: "platform", tier: 2, follows: "primary")
    return try Scheduler(configuration, at: .utc(row[4]) - .days(2))
  }
}
