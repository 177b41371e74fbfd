import Messages
import Scheduling
import Testing

/// Requirement C3: days off after SEV-1 incidents.
@Suite struct CompDayTests {
  private let saturday = (Instant.utc("2026-11-28T10:00:00"), Instant.utc("2026-11-28T11:00:00"))
  private let long = (Instant.utc("2026-11-24T10:00:00"), Instant.utc("2026-11-24T15:00:00"))

  @Test func aWeekendSEV1GivesTheMondayAfterByItself() throws {
    var scheduler = try Scheduler.payroll(at: saturday.1)
    try scheduler.work("2f-1", [saturday], sev1: saturday, approved: false)
    let day = try #require(try scheduler.compDays().first)
    #expect(day.state == .planned && day.byItself && day.date == "2026-11-30")
    #expect(
      scheduler.said.contains {
        $0
          == "nora: platform: SEV-1 2f-1 took 1 h with work on a weekend or holiday: Mon 2026-11-30 is a comp day, the Monday after"
      })
    scheduler.wait(.days(4))
    #expect(try scheduler.compDays().map(\.state) == [.taken])
  }

  @Test func aMondayOnCallMovesToTheNextFreeDay() throws {
    var scheduler = try Scheduler(.platform(), at: saturday.1)
    // Eli is primary from Monday 30 November on, for a week.
    try scheduler.work("2f-1", by: "eli", [saturday], sev1: saturday, approved: false)
    let day = try #require(try scheduler.compDays("eli").first)
    #expect(day.date == "2026-12-07" && day.words == "the first free day from Monday 2026-11-30 on")
    #expect(try scheduler.holder(at: .utc("2026-11-30T12:00:00")) == "eli", "nobody is unseated")
  }

  @Test func whoIsPutOnCallLaterKeepsTheDayForLater() throws {
    var scheduler = try Scheduler(.platform(), at: saturday.1)
    try scheduler.work("2f-1", by: "ana", [saturday], sev1: saturday, approved: false)
    #expect(try scheduler.compDays("ana").map(\.date) == ["2026-11-30"])
    try scheduler.override("ana", from: .utc("2026-11-30"), until: .utc("2026-12-01"))
    scheduler.wait(.days(2))
    let day = try #require(try scheduler.compDays("ana").first)
    #expect(
      day.date == "2026-12-01" && day.words.hasPrefix("moved from 2026-11-30: ana is primary of team platform then"))
  }

  @Test func aDayIsUsedWithTheManagersApproval() throws {
    var scheduler = try Scheduler.payroll(at: long.1)
    try scheduler.work("2f-1", [long], sev1: long, approved: false)
    let use = CompDayUse(person: "nora", date: "2026-12-04", by: "nora")
    try scheduler.decide(.pay(.useCompDay(use)))
    let asked = try #require(try scheduler.compDays().first)
    #expect(asked.state == .requested)
    #expect(
      scheduler.said.last
        == "mia: platform: nora wants Fri 2026-12-04 as a comp day (SEV-1 2f-1 took 5 h): approve or decline \(asked.id)"
    )
    let byLead = CompDayAnswer(compDayId: asked.id, approves: true, by: "tara")
    #expect(
      scheduler.refusal(.pay(.answerCompDay(byLead)))?.message == "tara can't approve a comp day of nora (C3): mia can")
    try scheduler.decide(.pay(.answerCompDay(CompDayAnswer(compDayId: asked.id, approves: true, by: "mia"))))
    #expect(try scheduler.compDays().map(\.state) == [.planned])
    scheduler.wait(until: .utc("2026-12-05"))
    #expect(try scheduler.compDays().map(\.state) == [.taken])
    #expect(scheduler.said.contains { $0.hasPrefix("nora: platform: 2026-12-04 is your comp day") })
  }

  @Test func aCompDayNeverFallsOnAShiftOrADayOff() throws {
    var scheduler = try Scheduler(.platform(), at: long.1)
    try scheduler.work("2f-1", by: "eli", [long], sev1: long, approved: false)
    func refusal(_ date: String) -> String {
      scheduler.refusal(.pay(.useCompDay(CompDayUse(person: "eli", date: date, by: "eli"))))?.message ?? ""
    }
    #expect(
      refusal("2026-12-01").contains(
        "eli is primary of team platform then, until Mon 7 Dec 00:00 UTC (C3): a comp day never unseats a holder"))
    #expect(refusal("2026-12-12").contains("isn't a working day"))
    #expect(refusal("2027-03-01").contains("is used within 90 days (C3): until 2027-02-22"))
    #expect(refusal("2026-12-10") == "")
  }

  @Test func anUnusedDayIsRemindedOfAndLapses() throws {
    var scheduler = try Scheduler.payroll(at: long.1)
    try scheduler.work("2f-1", [long], sev1: long, approved: false)
    scheduler.wait(until: .utc("2027-02-23"))
    #expect(scheduler.said.count { $0.contains("lapses after 2027-02-22: choose a day") } == 3)
    #expect(try scheduler.compDays().map(\.state) == [.lapsed])
  }

  @Test func aRequestThatNobodyAnswersComesBack() throws {
    var scheduler = try Scheduler.payroll(at: long.1)
    try scheduler.work("2f-1", [long], sev1: long, approved: false)
    try scheduler.decide(.pay(.useCompDay(CompDayUse(person: "nora", date: "2026-12-04", by: "nora"))))
    scheduler.wait(until: .utc("2026-12-05"))
    let day = try #require(try scheduler.compDays().first)
    #expect(day.state == .earned && day.date == "" && day.words == "nobody approved 2026-12-04 in time")
    #expect(scheduler.said.contains { $0.contains("mia: platform: nora's comp day on 2026-12-04 waits for approval") })
  }

  @Test func anIncidentThatTurnsOutToBeLessTakesTheDayBackUnlessItWasTaken() throws {
    var scheduler = try Scheduler.payroll(at: long.1)
    try scheduler.work("2f-1", [long], sev1: long, approved: false)
    try scheduler.work("2f-1", generation: 2, [long], sev1: (long.0, long.0 + .hours(1)), approved: false)
    #expect(try scheduler.compDays().map(\.state) == [.withdrawn])
    try scheduler.work("2f-1", generation: 3, [long], sev1: (long.0, long.0 + .hours(9)), approved: false)
    #expect(try scheduler.compDays().map(\.state) == [.earned, .earned])
  }

  @Test func aSEV1ThatGoesOnEarnsNothingYet() throws {
    var scheduler = try Scheduler.payroll(at: long.1)
    try scheduler.work("2f-1", [long], sev1: (long.0, .unset), approved: false)
    #expect(try scheduler.compDays().isEmpty)
  }
}
