import CivilTime
import Messages
import Testing

/// Requirement S5: every instant has exactly one holder per tier, whatever clocks and calendars do.
@Suite struct CoverageTests {
  static let zones = [
    "UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Santiago",
    "America/Nuuk", "Africa/Casablanca", "Africa/Cairo", "Asia/Kathmandu", "Asia/Gaza", "Australia/Lord_Howe",
    "Pacific/Chatham", "Antarctica/Troll",
  ]

  @Test(arguments: zones) func everyInstantOfFiveYearsHasExactlyOneHolderPerTier(zone: String) throws {
    let from = Instant.utc("2024-01-01")
    let until = Instant.utc("2029-01-01")
    var dice = SplitMix(seed: 5)
    for (unit, length, minute) in [(ShiftUnit.weeks, 1, 0), (.days, 1, 150), (.days, 3, 90), (.hours, 8, 30)] {
      let scheduler = try Scheduler(
        .everywhere(zone, unit, UInt32(length), starts: "2023-12-18", minute: UInt32(minute)), at: .utc("2023-12-01"))
      for tier: UInt32 in 1...3 {
        var at = from
        var step = 0
        while at < until {
          let end = min(at + .days(365), until)
          let shifts = try scheduler.show(from: at, until: end, tier: tier)
          #expect(shifts.allSatisfy { !$0.person.isEmpty && $0.fromAt < $0.untilAt && $0.because == .rotation })
          #expect((shifts.first?.fromAt ?? .distantFuture) <= at && (shifts.last?.untilAt ?? .unset) >= end)
          for (one, next) in zip(shifts, shifts.dropFirst()) {
            #expect(one.untilAt == next.fromAt && one.person != next.person, "\(zone) \(unit) \(one.untilAt.rfc3339)")
          }
          // What the pager is told at any instant is what the calendar shows.
          for shift in shifts where dice.below(20) == 0 || step < 3 {
            step += 1
            for instant in [shift.fromAt, shift.untilAt - .milliseconds(1)] {
              #expect(try scheduler.shifts(tier, at: instant) == [shift])
            }
          }
          at = end
        }
      }
    }
  }

  @Test(arguments: ["2024-02-29T12:00:00", "2028-02-29T23:59:59", "2024-12-31T23:59:59", "2027-01-01T00:00:00"])
  func leapDaysAndYearEndsAreDaysLikeOthers(text: String) throws {
    for zone in Self.zones {
      let scheduler = try Scheduler(
        .everywhere(zone, .days, 1, starts: "2023-12-18", minute: 0), at: .utc("2023-12-01"))
      let shift = try scheduler.shifts(1, at: .utc(text))[0]
      #expect(!shift.person.isEmpty && shift.fromAt <= .utc(text) && .utc(text) < shift.untilAt)
      let local = SystemZones.rules(zone).local(shift.fromAt)
      #expect(local.date.adding(days: 1) == SystemZones.rules(zone).local(shift.untilAt).date)
    }
  }

  @Test func handoffsAgreeWithPythonsZoneinfo() throws {
    let isSame = SystemZones.version == SystemZones.referenceVersion()
    var schedulers: [String: Scheduler] = [:]
    var checked = 0
    for row in SystemZones.reference("handoffs.csv") {
      let handoff = Instant(milliseconds: try #require(Int64(row[5])) * 1_000)
      guard isSame || handoff < .utc("2025-01-01") else { continue }
      let key = row[0...3].joined(separator: ",")
      let scheduler =
        try schedulers[key]
        ?? Scheduler(
          .everywhere(
            row[0], row[1] == "weeks" ? .weeks : .days, 1, starts: row[2], minute: try #require(UInt32(row[3]))),
          at: .utc("2019-01-01"))
      schedulers[key] = scheduler
      let shift = try scheduler.shifts(1, at: handoff)[0]
      let number = try #require(Int(row[4]))
      #expect(shift.fromAt == handoff && shift.person == ScheduleConfiguration.engineers[number % 8], "\(row)")
      checked += 1
    }
    #expect(checked > 1_000)
  }

  // MARK: Gaps

  @Test func aGapIsToldToTheLeadWhenItArisesAndOnce() throws {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-24T09:00:00"))
    #expect(scheduler.said.allSatisfy { !$0.hasPrefix("tara: platform: nobody") })
    var configuration = ScheduleConfiguration.platform()
    configuration.rotations.removeLast()
    let reply = try scheduler.configure(configuration)
    #expect(reply.changes.contains { $0.contains("nobody is tertiary") })
    let told = scheduler.said.filter { $0.hasPrefix("tara: platform: nobody") }
    #expect(
      told == [
        "tara: platform: nobody is tertiary from Mon 28 Dec 00:00 UTC on (tier 3 has no rotation)"
      ])
    scheduler.wait(.days(120))
    #expect(scheduler.said.filter { $0.hasPrefix("tara: platform: nobody") } == told)
    #expect(try scheduler.holder(3, at: scheduler.now) == "")
    #expect(scheduler.timelines.last?.shifts.contains { $0.tier == 3 && $0.because == .nobody } == true)
  }

  @Test func aRotationThatBeginsLaterLeavesAGapUntilThen() throws {
    let scheduler = try Scheduler(.platform(starts: "2026-12-07"), at: .utc("2026-11-24T09:00:00"))
    let told = scheduler.said.filter { $0.hasPrefix("tara: platform: nobody") }
    #expect(told.count == 3)
    #expect(
      told.first
        == "tara: platform: nobody is primary from Tue 24 Nov 09:00 UTC until Mon 7 Dec 00:00 UTC "
        + "(rotation primary begins Mon 7 Dec 00:00 UTC)")
  }

  @Test func withoutALeadTheChannelIsToldOfAGap() throws {
    var configuration = ScheduleConfiguration.platform()
    configuration.teams[0].lead = ""
    configuration.rotations.removeLast()
    let scheduler = try Scheduler(configuration, at: .utc("2026-11-24T09:00:00"))
    #expect(scheduler.said.contains { $0.hasPrefix("#platform-alerts: platform: nobody is tertiary") })
  }
}
