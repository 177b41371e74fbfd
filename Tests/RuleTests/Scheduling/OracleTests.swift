import CivilTime
import Glibc
import Messages
import Scheduling
import Testing

/// Requirement S5 over the zones of the tz database and the years 2020 to 2040: random rotations with time off, sick leave,
/// overrides and swaps against an oracle that only knows who is a member, who is eligible and who is away.
///
/// A sample runs always; `TOCSIN_CALENDARS=all` runs every zone with every year.
@Suite struct OracleTests {
  struct Case: Sendable, CustomStringConvertible {
    var zone: String
    var year: Int
    var description: String { "\(zone) \(year)" }
  }
  static let cases: [Case] = {
    let zones = SystemZones.all.names
    if getenv("TOCSIN_CALENDARS").map({ String(cString: $0) }) == "all" {
      return zones.flatMap { zone in (2020...2040).map { Case(zone: zone, year: $0) } }
    }
    var dice = SplitMix(seed: 2_026)
    let random = (0..<60).map { _ in Case(zone: zones[dice.below(zones.count)], year: 2020 + dice.below(21)) }
    return random + CoverageTests.zones.map { Case(zone: $0, year: 2026) }
  }()

  @Test(arguments: cases) func everyInstantHasOneHolderOrNobodyWhoCouldHoldIt(calendar: Case) throws {
    var dice = SplitMix(
      seed: UInt64(calendar.year) &* 1_000 &+ UInt64(calendar.zone.utf8.reduce(7) { $0 &* 31 &+ Int($1) } & 0xffff))
    let start = Instant.utc("\(calendar.year)-01-05T09:30:00") + .days(Int64(dice.below(300)))
    var run = Run(scheduler: try Scheduler(configuration(calendar, &dice), at: start))
    for _ in 0..<10 {
      run.act(&dice)
      run.scheduler.wait(.hours(Int64(1 + dice.below(150))))
    }
    try run.check(from: run.scheduler.now, until: run.scheduler.now + .days(120))
    try run.checkTimeline()
    try run.checkCalendar()
    try run.checkThePast()
  }

  private func configuration(_ calendar: Case, _ dice: inout SplitMix) -> ScheduleConfiguration {
    let units: [(ShiftUnit, UInt32)] = [(.weeks, 1), (.weeks, 2), (.days, 1), (.days, 3), (.hours, 12), (.hours, 8)]
    let (unit, length) = units[dice.below(units.count)]
    var configuration = ScheduleConfiguration.everywhere(
      calendar.zone, unit, length, starts: "\(calendar.year - 1)-12-0\(1 + dice.below(9))",
      minute: UInt32(dice.below(48) * 30), members: Array(ScheduleConfiguration.engineers.prefix(2 + dice.below(5))))
    configuration.rotations[1] = Rotation(id: "secondary", team: "platform", tier: 2, follows: "primary")
    configuration.people.append(ScheduleConfiguration.person("nora"))
    return configuration
  }

  private struct Run {
    var scheduler: Scheduler
    /// What the oracle knows: who said that they are away, and when.
    var away: [(person: String, from: Instant, until: Instant)] = []
    var remembered: [(tier: UInt32, at: Instant, person: String)] = []

    var members: [String] { scheduler.rules.configuration.rotations[0].members }

    mutating func act(_ dice: inout SplitMix) {
      let person = members[dice.below(members.count)]
      let from = scheduler.now + .hours(Int64(1 + dice.below(1_500)))
      let until = from + .hours(Int64(1 + dice.below(300)))
      switch dice.below(4) {
      case 0:
        if (try? scheduler.away(person, from: from, until: until)) != nil { away.append((person, from, until)) }
      case 1:
        if (try? scheduler.away(person, .sick, until: until)) != nil { away.append((person, scheduler.now, until)) }
      case 2:
        _ = try? scheduler.override(
          dice.below(8) == 0 ? "nora" : person, tier: UInt32(1 + dice.below(3)), from: from, until: until)
      default:
        guard let shift = try? scheduler.shifts(1, at: from)[0], !shift.person.isEmpty else { return }
        let request = SwapRequest(
          giver: shift.person, takers: [person], fromAt: max(shift.fromAt, scheduler.now + .hours(1)),
          untilAt: shift.untilAt,
          reason: "trade", by: shift.person)
        if let swap = try? scheduler.swap(request) { _ = try? scheduler.answer(swap, person) }
      }
      for tier: UInt32 in 1...3 {
        let at = scheduler.now - .hours(Int64(dice.below(100)))
        if let person = try? scheduler.holder(tier, at: at) { remembered.append((tier, at, person)) }
      }
    }

    func isAway(_ person: String, at instant: Instant) -> Bool {
      away.contains { $0.person == person && $0.from <= instant && instant < $0.until }
    }

    func check(from: Instant, until: Instant) throws {
      let show = try scheduler.rules.show(
        ShowRequest(team: "platform", fromAt: from, untilAt: until), now: scheduler.now)
      for tier: UInt32 in 1...3 {
        let shifts = show.shifts.filter { $0.tier == tier }
        #expect((shifts.first?.fromAt ?? .distantFuture) <= from && (shifts.last?.untilAt ?? .unset) >= until)
        #expect(zip(shifts, shifts.dropFirst()).allSatisfy { $0.untilAt == $1.fromAt })
        for shift in shifts {
          for at in [shift.fromAt, shift.untilAt - .milliseconds(1)] where at >= from {
            #expect(try scheduler.shifts(tier, at: at) == [shift])
            #expect(!isAway(shift.person, at: at), "\(shift)")
            #expect(shift.person != "nora", "nora may not be on call")
            guard shift.person.isEmpty else { continue }
            // Somebody promised is away, or nobody could.
            let primary = tier == 2 ? try scheduler.holder(1, at: at) : ""
            let could = members.filter { !isAway($0, at: at) && $0 != primary }
            let words = shift.explanation
            #expect(
              could.isEmpty || words.contains("nobody covers yet") || (tier == 2 && words.hasPrefix("nobody can"))
                || at < show.publishedUntilAt, "\(could) could hold \(shift)")
          }
        }
      }
    }

    /// What the escalator was handed is what anybody is told, on both sides of every boundary.
    func checkTimeline() throws {
      let timeline = try #require(scheduler.timelines.last)
      for shift in timeline.shifts where shift.untilAt > scheduler.now {
        for at in [max(shift.fromAt, scheduler.now), shift.untilAt - .milliseconds(1)] {
          #expect(try scheduler.holder(shift.tier, at: at) == shift.person)
        }
      }
    }

    /// What a calendar shows is what the escalator was handed and what anybody is told, on both sides of every boundary
    /// (requirement S12).
    func checkCalendar() throws {
      let timeline = try #require(scheduler.timelines.last)
      let now = scheduler.now
      let until = try scheduler.rules.show(ShowRequest(team: "platform"), now: now).publishedUntilAt
      let shown = try scheduler.rules.show(ShowRequest(team: "platform", fromAt: now, untilAt: until), now: now).shifts
      let feed = try scheduler.rules.feed(FeedRequest(team: "platform", fromAt: now, untilAt: until), now: now)
      let standing = FeedReader.events(feed).filter { $0["STATUS"] == "CONFIRMED" }
      #expect(standing.count == shown.count)
      for shift in shown {
        let event = standing.first { $0["UID"] == "platform-\(shift.tier)-\(shift.fromAt.milliseconds)@tocsin" }
        let holder = shift.person.isEmpty ? "NOBODY" : "On call: \(shift.person)\\,"
        #expect(event?["SUMMARY"]?.hasPrefix(holder) == true, "\(shift)")
        #expect(event?["DTSTART"] == FeedReader.time(shift.fromAt), "\(shift)")
        #expect(event?["DTEND"] == FeedReader.time(shift.untilAt), "\(shift)")
        for at in [max(shift.fromAt, now), shift.untilAt - .milliseconds(1)] {
          #expect(try scheduler.holder(shift.tier, at: at) == shift.person)
        }
        guard shift.fromAt < timeline.untilAt, timeline.fromAt < shift.untilAt else { continue }
        #expect(timeline.shifts.contains(shift), "\(shift)")
      }
    }

    func checkThePast() throws {
      for memory in remembered { #expect(try scheduler.holder(memory.tier, at: memory.at) == memory.person) }
    }
  }
}
