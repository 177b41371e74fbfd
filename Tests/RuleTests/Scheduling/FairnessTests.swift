import Messages
import Scheduling
import Testing

/// Requirements S2 and S4: what is generated is fair, and says what it can't meet.
@Suite struct FairnessTests {
  @Test func withEverybodyThereItIsTheRoundRobinForEver() throws {
    let scheduler = try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00"))
    let engineers = ScheduleConfiguration.engineers
    for week in 0..<2_000 {
      let at = Instant.utc("2026-11-30") + .days(7 * Int64(week))
      #expect(try scheduler.holder(1, at: at) == engineers[(week + 4) % 8])
      #expect(try scheduler.holder(2, at: at) == engineers[(week + 5) % 8])
    }
    #expect(try scheduler.holder(1, at: .utc("8999-12-31")) != "")
  }

  /// Any two members who are there all the time differ by one at most over any window; nobody runs twice while two can.
  @Test(arguments: 1...10 as ClosedRange<UInt64>) func absencesAreAllowedForAndNothingElse(seed: UInt64) throws {
    var dice = SplitMix(seed: seed)
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00"))
    var away: [String: [(from: Instant, until: Instant)]] = [:]
    for _ in 0..<6 {
      let person = ScheduleConfiguration.engineers[dice.below(5)]
      let from = Instant.utc("2026-12-28") + .days(Int64(dice.below(200)))
      let until = from + .days(Int64(1 + dice.below(40)))
      if (try? scheduler.away(person, from: from, until: until)) != nil {
        away[person, default: []].append((from, until))
      }
    }
    let first = Instant.utc("2026-12-28")
    let weeks = try (0..<60).map { try scheduler.holder(at: first + .days(7 * Int64($0))) }
    let secondaries = try (0..<60).map { try scheduler.holder(2, at: first + .days(7 * Int64($0))) }
    for (week, person) in weeks.enumerated() {
      let from = first + .days(7 * Int64(week))
      #expect(
        away[person, default: []].allSatisfy { $0.until <= from || from + .days(7) <= $0.from }, "\(person) is away")
      #expect(secondaries[week] != person)
    }
    #expect(zip(weeks, weeks.dropFirst()).allSatisfy { $0 != $1 }, "two weeks running")
    for window in 1...60 {
      for start in 0...(60 - window) {
        let counts = ["fay", "gus", "hal"].map { person in weeks[start..<start + window].count { $0 == person } }
        #expect(counts.max()! - counts.min()! <= 1, "\(start)+\(window): \(counts)")
      }
    }
  }

  @Test func whatCannotBeMetIsSaidWithTheRuleAndTheReason() throws {
    var configuration = ScheduleConfiguration.platform()
    configuration.rotations[0].members = ["ana", "ben"]
    var scheduler = try Scheduler(configuration, at: .utc("2026-11-25T12:00:00"))
    try scheduler.away("ben", from: .utc("2027-01-01"), until: .utc("2027-01-20"))
    let show = try scheduler.rules.show(
      ShowRequest(team: "platform", fromAt: .utc("2026-12-28"), untilAt: .utc("2027-03-01")), now: scheduler.now)
    let twice = try #require(show.notes.first { $0.rule == "S4" })
    #expect(
      twice.text.contains("has two turns running")
        && twice.text.contains("ben is away until Wed 20 Jan 00:00 UTC (absence-1)"))
    #expect(show.notes.contains { $0.rule == "S5" && $0.tier == 2 && $0.text.contains("nobody can") })
    // The gap is told to the lead by itself.
    #expect(scheduler.said.contains { $0.hasPrefix("tara: platform: nobody is secondary from Mon") })
  }

  @Test func theNextOneWhoIsAwayIsNotSecondary() throws {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00"))
    // Ana is primary from 4 Jan; she is away the week before that.
    try scheduler.away("ben", from: .utc("2026-12-28"), until: .utc("2027-01-04"))
    let shift = try scheduler.shifts(2, at: .utc("2026-12-29"))[0]
    #expect(try scheduler.weeks(2, from: "2026-12-28") == ["ana", "ben"])
    #expect(shift.person == "cai" && shift.explanation.contains("not the next one: ben is away until"))
  }

  @Test func aTurnThatNobodyCanTakeWholeIsSplit() throws {
    var configuration = ScheduleConfiguration.platform()
    configuration.rotations[0].members = ["ana", "ben"]
    configuration.rotations.remove(at: 1)
    var scheduler = try Scheduler(configuration, at: .utc("2026-11-25T12:00:00"))
    try scheduler.away("ana", from: .utc("2026-12-28"), until: .utc("2026-12-30"))
    try scheduler.away("ben", from: .utc("2026-12-31"), until: .utc("2027-01-02"))
    let people = try (0..<7).map { try scheduler.holder(at: .utc("2026-12-28T12:00:00") + .days($0)) }
    #expect(people == ["ben", "ben", "ben", "ana", "ana", "ana", "ana"])
  }
}
