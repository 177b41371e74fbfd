import Messages
import Scheduling
import Testing

/// Requirements S7 and S8: time off, sick leave, and shifts that somebody can't hold.
@Suite struct TimeOffTests {
  private func scheduler() throws -> Scheduler { try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00")) }

  @Test func timeOffIsAskedTwoWeeksAheadAndNotWhereSomethingIsPublished() throws {
    var scheduler = try scheduler()
    func ask(_ from: String, _ until: String) -> ScheduleInput {
      .requestAbsence(
        AbsenceRequest(person: "fay", kind: .timeOff, fromAt: .utc(from), untilAt: .utc(until), reason: "", by: "fay"))
    }
    let early = try #require(scheduler.refusal(ask("2026-12-01", "2026-12-05")))
    #expect(
      early.message.hasPrefix("time off is asked for two weeks ahead (S8): fay can be away from Wed 9 Dec 12:00 UTC on")
    )
    let met = try #require(scheduler.refusal(ask("2026-12-11", "2026-12-20")))
    #expect(
      met.message == "fay holds published shifts then (S8): primary of team platform from Mon 7 Dec 00:00 UTC until "
        + "Mon 14 Dec 00:00 UTC. It becomes possible after a swap or the lead's cover for each")
    try scheduler.override("ana", from: .utc("2026-12-11"), until: .utc("2026-12-14"))
    #expect(scheduler.refusal(ask("2026-12-11", "2026-12-20")) == nil)
    let mine = AbsenceRequest(
      person: "fay", kind: .timeOff, fromAt: .utc("2027-03-01"), untilAt: .utc("2027-03-05"), by: "ben")
    #expect(
      scheduler.refusal(.requestAbsence(mine))?.message == "ben can't speak for fay: fay can, or a lead of their team")
  }

  /// "ci" is a machine, or somebody who has left: who isn't among the people is an operator only with a key for that.
  @Test func aKeyOfNobodySpeaksForNobody() throws {
    let scheduler = try scheduler()
    func refusal(_ by: String) -> Refusal? {
      let absence = AbsenceRequest(
        person: "fay", kind: .timeOff, fromAt: .utc("2027-03-01"), untilAt: .utc("2027-03-05"), by: by)
      return scheduler.refusal(.inOwnName(.requestAbsence(absence), of: by))
    }
    let denied = try #require(refusal("ci"))
    #expect(denied.status == .permissionDenied && denied.field == "by")
    #expect(denied.message.hasPrefix("nobody here is called ci, and its key acts as ci only"))
    #expect(refusal("ben")?.message == "ben can't speak for fay: fay can, or a lead of their team")
    #expect(refusal("fay") == nil && refusal("tara") == nil)
    let operators = AbsenceRequest(
      person: "fay", kind: .timeOff, fromAt: .utc("2027-03-01"), untilAt: .utc("2027-03-05"), by: "ci")
    #expect(scheduler.refusal(.requestAbsence(operators)) == nil)
    let change = ChangeEvent(team: "platform", summary: "deployed 4.2", by: "ci")
    #expect(scheduler.refusal(.inOwnName(.handoff(.record(change)), of: "ci")) == nil)
  }

  @Test func anOverrideElevenMonthsAheadPromisesNothingThatIsPlannedBeforeIt() throws {
    var scheduler = try scheduler()
    try scheduler.override("hal", from: .utc("2027-10-18"), until: .utc("2027-10-25"))
    #expect(try scheduler.weeks(2, from: "2027-02-22") == ["ana", "ben"])
    try scheduler.away("ana", from: .utc("2027-02-22"), until: .utc("2027-03-01"))
    #expect(try scheduler.weeks(2, from: "2027-02-22") == ["ben", "ana"])
    let hal = AbsenceRequest(
      person: "hal", kind: .timeOff, fromAt: .utc("2027-10-19"), untilAt: .utc("2027-10-20"), by: "hal")
    #expect(scheduler.refusal(.requestAbsence(hal))?.message.hasPrefix("hal holds published shifts then (S8)") == true)
  }

  @Test func theAbsenceOfSomebodyWhoseLastShiftIsOverPublishesNothing() throws {
    var configuration = ScheduleConfiguration.platform()
    configuration.people.append(ScheduleConfiguration.person("nora"))
    configuration.training += ScheduleConfiguration.trained("nora")
    var scheduler = try Scheduler(configuration, at: .utc("2026-11-25T12:00:00"))
    try scheduler.override("nora", until: scheduler.now + .hours(4))
    scheduler.wait(.hours(5))
    let before = scheduler.timelines.count
    try scheduler.away("nora", .sick)
    scheduler.wait(.hours(1))
    try scheduler.decide(.endAbsence(AbsenceEnd(absenceId: "absence-1", by: "nora")))
    #expect(scheduler.timelines.count == before)
    #expect(scheduler.restored == scheduler.rules)
  }

  @Test func nobodyOnTimeOffIsPutOnCall() throws {
    var scheduler = try scheduler()
    try scheduler.away("ana", from: .utc("2027-01-11"), until: .utc("2027-01-20"))
    let override = OverrideRequest(
      team: "platform", tier: 1, person: "ana", fromAt: .utc("2027-01-15"), untilAt: .utc("2027-01-16"), reason: "x",
      by: "tara"
    )
    let refusal = try #require(scheduler.refusal(.addOverride(override)))
    #expect(
      refusal.message.hasPrefix("ana is away until Wed 20 Jan 00:00 UTC (absence-1) and time off beats everything (S8)")
    )
  }

  @Test func sickLeaveStartsAtOnceAndTheLeadIsPaged() throws {
    var scheduler = try scheduler()
    let reply = try scheduler.away("dee", .sick)
    #expect(reply.absence?.fromAt == scheduler.now && reply.absence?.untilAt == .distantFuture)
    #expect(reply.uncovered.first?.shift?.tier == 1)
    let gap = try scheduler.shifts(1, at: scheduler.now)[0]
    #expect(gap.person == "" && gap.because == .nobody)
    #expect(
      gap.explanation == "dee is on sick leave (absence-1); nobody covers yet (rotation primary, week 48)")
    #expect(scheduler.timelines.last?.shifts.first { $0.tier == 1 && $0.fromAt == scheduler.now }?.person == "")
    #expect(
      scheduler.said.contains(
        "page -> tara: platform: dee can't be primary from Wed 25 Nov 12:00 UTC until Mon 30 Nov 00:00 UTC: find cover")
    )
    #expect(scheduler.said.contains { $0.hasSuffix("Pages go to the next tier until somebody covers.") })
    #expect(scheduler.timelines.last?.people.contains { $0.id == "dee" } == true, "she can still say what she did")
    // What isn't published yet goes to others until she is back.
    #expect(try scheduler.weeks(30, from: "2027-01-04").contains("dee") == false)
    scheduler.wait(.days(2))
    try scheduler.decide(.endAbsence(AbsenceEnd(absenceId: "absence-1", by: "dee")))
    #expect(try scheduler.holder(at: scheduler.now) == "dee" && scheduler.weeks(30, from: "2027-01-04").contains("dee"))
    #expect(try scheduler.holder(at: scheduler.now - .hours(1)) == "", "what was, stays")
    #expect(scheduler.said.contains { $0.hasPrefix("page is over -> tara") })
  }

  @Test func whoCannotHoldAShiftIsSkippedFromThatInstantUntilTheLeadCovers() throws {
    var scheduler = try scheduler()
    let reply = try scheduler.away("dee", .cannotHold)
    #expect(reply.absence?.untilAt == .utc("2026-11-30"))
    #expect(try scheduler.holder(at: scheduler.now) == "")
    scheduler.wait(.minutes(7))
    let engineer = OverrideRequest(team: "platform", tier: 1, person: "hal", reason: "laptop broke", by: "ben")
    #expect(scheduler.refusal(.assignCover(engineer))?.status == .permissionDenied)
    let cover = OverrideRequest(team: "platform", tier: 1, person: "hal", reason: "laptop broke", by: "tara")
    try scheduler.decide(.assignCover(cover))
    let shift = try scheduler.shifts(1, at: scheduler.now)[0]
    #expect(shift.person == "hal" && shift.because == .cover && shift.untilAt == .utc("2026-11-30"))
    #expect(shift.explanation == "covers for dee, override-1 by tara: laptop broke")
    #expect(scheduler.said.contains { $0.hasPrefix("page is over -> tara") })
    #expect(try scheduler.holder(at: .utc("2026-11-30")) == "eli", "the rest of the schedule is untouched")
  }

  @Test func aLeadMayReportItForSomebodyAndAReportNeedsAShift() throws {
    var scheduler = try scheduler()
    try scheduler.away("dee", .cannotHold, by: "tara")
    #expect(try scheduler.holder(at: scheduler.now) == "")
    let none = AbsenceRequest(person: "mia", kind: .cannotHold, by: "mia")
    #expect(scheduler.refusal(.requestAbsence(none))?.status == .notFound)
    let cai = AbsenceRequest(person: "cai", kind: .cannotHold, by: "cai")
    #expect(
      scheduler.refusal(.requestAbsence(cai))?.message
        == "cai holds no published shift (S7): there is nothing to cover")
  }
}
