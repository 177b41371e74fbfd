import CivilTime
import Messages
import Scheduling
import Testing

/// Nights that go wrong in more than one way.
@Suite struct StoryTests {
  @Test func theIncomingPrimaryFallsIllAnHourBeforeTheHandoff() throws {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00"))
    scheduler.wait(until: .utc("2026-11-29T23:00:00"))
    try scheduler.away("eli", .sick)
    #expect(try scheduler.holder(at: scheduler.now) == "dee", "the shift under way isn't touched")
    #expect(try scheduler.holder(at: .utc("2026-11-30")) == "" && scheduler.holder(2, at: .utc("2026-11-30")) == "fay")
    #expect(scheduler.said.contains { $0.hasPrefix("page -> tara: platform: eli can't be") })
    // Eli was secondary until midnight and primary from then on: both are open, both are named.
    let open = try #require(
      scheduler.said.last { $0.hasPrefix("tara: platform: nobody is primary from Mon 30 Nov 00:00") })
    #expect(open.contains("eli is on sick leave"))
    scheduler.wait(.minutes(20))
    try scheduler.decide(
      .assignCover(
        OverrideRequest(
          team: "platform", tier: 1, person: "ana", fromAt: .utc("2026-11-30"), untilAt: .utc("2026-12-07"),
          reason: "eli is ill", by: "tara")))
    #expect(try scheduler.holder(at: .utc("2026-11-30")) == "ana")
    scheduler.wait(.hours(1))
    #expect(
      scheduler.said.contains {
        $0.hasPrefix("#platform-alerts: platform: On call until Mon 7 Dec") && $0.contains("primary ana")
      })
  }

  @Test func aSwapWhoseGiverLeavesTheTeamStaysWithTheTaker() throws {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00"))
    let swap = try scheduler.swap(
      SwapRequest(
        giver: "hal", takers: ["cai"], fromAt: .utc("2026-12-21"), untilAt: .utc("2026-12-28"), returnTier: 1,
        returnFromAt: .utc("2027-01-11"), returnUntilAt: .utc("2027-01-18"), reason: "trade", by: "hal"))
    try scheduler.answer(swap, "cai")
    var configuration = ScheduleConfiguration.platform()
    configuration.people.removeAll { $0.id == "hal" }
    configuration.training.removeAll { $0.person == "hal" }
    configuration.rotations[0].members.removeAll { $0 == "hal" }
    // What he took in return is still his: leaving would be a hole.
    let refusal = try #require(scheduler.refusal(.configure(configuration, by: "ops")))
    #expect(refusal.message.contains("hal can't leave yet (S12)"))
    let held = try scheduler.rules.show(
      ShowRequest(team: "platform", fromAt: scheduler.now, untilAt: .utc("2027-02-01")), now: scheduler.now
    ).shifts.filter { $0.person == "hal" && $0.fromAt < .utc("2027-01-18") }
    for shift in held {
      try scheduler.override("ana", tier: shift.tier, from: shift.fromAt, until: shift.untilAt)
    }
    try scheduler.configure(configuration)
    #expect(try scheduler.holder(at: .utc("2026-12-22")) == "cai", "what he gave stays given")
    #expect(try scheduler.holder(at: .utc("2027-01-12")) == "ana")
  }

  @Test(arguments: [
    ("Europe/Berlin", "2027-03-28", 120, Span.hours(-1)), ("Europe/Berlin", "2026-10-25", 120, .hours(1)),
    ("America/New_York", "2027-03-14", 150, .hours(-1)), ("Australia/Lord_Howe", "2027-04-04", 90, .minutes(30)),
  ])
  func aHandoffInTheNightOfAClockChange(zone: String, sunday: String, minute: Int, change: Span) throws {
    var configuration = ScheduleConfiguration.platform()
    configuration.rotations[0].timeZone = zone
    configuration.rotations[0].handoffWeekday = 7
    configuration.rotations[0].handoffMinute = UInt32(minute)
    let rules = SystemZones.rules(zone)
    let date = try #require(CivilDate(sunday))
    let handoff = rules.instant(of: LocalTime(date, minute: minute))
    var scheduler = try Scheduler(configuration, at: handoff - .days(10))
    var heard: [Instant] = []
    var seen = 0
    scheduler.wait(until: handoff + .days(8)) { scheduler in
      let words = scheduler.said.dropFirst(seen)
      if words.contains(where: { $0.contains("On call until") }) { heard.append(scheduler.now) }
      seen = scheduler.said.count
    }
    let before = try scheduler.shifts(1, at: handoff - .milliseconds(1))[0]
    let after = try scheduler.shifts(1, at: handoff)[0]
    #expect(before.untilAt == handoff && after.fromAt == handoff && before.person != after.person)
    #expect((after.untilAt - after.fromAt) + (before.untilAt - before.fromAt) == .days(14) + change)
    #expect(heard.contains(handoff), "announced at that instant")
  }

  @Test func aPersonOnCallInTwoTeamsIsMissedInBoth() throws {
    var configuration = ScheduleConfiguration.platform()
    configuration.teams.append(Team(id: "data", calendar: .office, lead: "theo"))
    var rotation = ScheduleConfiguration.weekly("data-primary", 1, ["dee", "hal"], "2026-11-23")
    rotation.team = "data"
    configuration.rotations.append(rotation)
    var scheduler = try Scheduler(configuration, at: .utc("2026-11-25T12:00:00"))
    func holder(_ team: String) throws -> String? {
      try scheduler.rules.onCall(OnCallRequest(team: team, tier: 1), now: scheduler.now).shifts.first?.person
    }
    #expect(try holder("platform") == "dee" && holder("data") == "dee")
    let reply = try scheduler.away("dee", .sick)
    #expect(Set(reply.uncovered.map(\.team)) == ["platform", "data"])
    #expect(try holder("platform") == "" && holder("data") == "")
    #expect(scheduler.said.contains { $0.hasPrefix("page -> tara: platform: dee can't be primary") })
    #expect(scheduler.said.contains { $0.hasPrefix("page -> theo: data: dee can't be primary") })
    // Covered in one team, it is still open in the other.
    try scheduler.decide(
      .assignCover(
        OverrideRequest(team: "data", tier: 1, person: "hal", untilAt: .utc("2026-11-30"), reason: "x", by: "theo")))
    #expect(try holder("platform") == "" && holder("data") == "hal")
    #expect(
      scheduler.said.contains { $0.hasPrefix("page is over -> theo") } == false, "dee is away for longer than that")
  }

  @Test func whenNobodyEligibleIsLeftItIsAGapThatIsToldAndNotSomebody() throws {
    var configuration = ScheduleConfiguration.platform()
    configuration.rotations[0].members = ["ana", "ben"]
    var scheduler = try Scheduler(configuration, at: .utc("2026-11-25T12:00:00"))
    try scheduler.train("ana", .productionAccess, lost: true)
    try scheduler.away("ben", .sick)
    let shift = try scheduler.shifts(1, at: .utc("2027-02-01"))[0]
    #expect(shift.person == "" && shift.untilAt == .distantFuture)
    #expect(
      shift.explanation.contains("ana is not eligible: needs production access")
        && shift.explanation.contains("ben is on sick leave"))
    #expect(scheduler.said.contains { $0.hasPrefix("tara: platform: nobody is primary from Mon 28 Dec 00:00 UTC on") })
    let show = try scheduler.rules.show(
      ShowRequest(team: "platform", fromAt: .utc("2027-01-25"), untilAt: .utc("2027-02-01")), now: scheduler.now)
    #expect(show.notes.contains { $0.rule == "S5" && $0.tier == 1 })
    try scheduler.train("ana", .productionAccess)
    #expect(try scheduler.holder(at: .utc("2027-02-01")) == "ana")
  }
}
