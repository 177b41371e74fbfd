import Messages
import Scheduling
import Testing

/// Who held a team's tiers in a past time, or would have by an edited configuration: what a rehearsal pages by (requirement E10).
@Suite struct PastTimelineTests {
  private let from = Instant.utc("2026-11-09T05:00:00")
  private let until = Instant.utc("2026-12-02T07:00:00")

  /// With an override that ran and one that was taken back before.
  private func scheduler() throws -> Scheduler {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-10-05"))
    scheduler.wait(until: .utc("2026-11-12T12:00:00"))
    try scheduler.override("hal", until: scheduler.now + .hours(8))
    let other = try scheduler.override("gus", from: scheduler.now + .days(3), until: scheduler.now + .days(4))
    scheduler.wait(.hours(2))
    try scheduler.removeOverride(other.overrideId)
    scheduler.wait(until: until)
    return scheduler
  }

  private func timeline(
    _ scheduler: Scheduler, _ configuration: ScheduleConfiguration? = nil
  ) throws(Refusal) -> Timeline {
    try scheduler.rules.pastTimeline(
      PastTimelineRequest(team: "platform", fromAt: from, untilAt: until, configuration: configuration),
      now: scheduler.now)
  }

  private func holder(_ timeline: Timeline, _ tier: UInt32 = 1, at instant: Instant) -> String {
    timeline.shifts.first { $0.tier == tier && $0.fromAt <= instant && instant < $0.untilAt }?.person ?? "?"
  }

  @Test func thePastIsAsItWas() throws {
    let scheduler = try scheduler()
    let timeline = try timeline(scheduler)
    for hour in 0..<Int64(24 * 23) {
      let at = from + .hours(hour)
      for tier: UInt32 in 1...3 {
        #expect(holder(timeline, tier, at: at) == (try scheduler.holder(tier, at: at)), "tier \(tier) \(at.rfc3339)")
      }
    }
    #expect(holder(timeline, at: .utc("2026-11-12T13:00:00")) == "hal")
    #expect(timeline.lead == "tara" && timeline.executives == ["vera"] && timeline.calendar == .office)
    #expect(
      Set(timeline.people.map(\.id)).isSuperset(of: ScheduleConfiguration.engineers),
      "whoever helped can do so again, though they held nothing")
  }

  @Test func editedRotationsWouldHaveHadIt() throws {
    let scheduler = try scheduler()
    var edited = ScheduleConfiguration.platform()
    edited.rotations[0].members = ["cai", "dee"]
    let timeline = try timeline(scheduler, edited)
    let weeks = (0..<4).map { holder(timeline, at: .utc("2026-11-09T12:00:00") + .days(7 * $0)) }
    #expect(weeks == ["dee", "cai", "dee", "cai"], "week 57 since the start")
    #expect(holder(timeline, at: .utc("2026-11-12T13:00:00")) == "dee", "an override belongs to what it overrode")
    #expect(try self.timeline(scheduler).shifts != timeline.shifts, "nothing is changed")
  }

  @Test func whereTheRotationsAreTheSameThePastStaysAndOnlyTheTeamIsTheEditedOne() throws {
    let scheduler = try scheduler()
    var edited = ScheduleConfiguration.platform()
    edited.teams[0].lead = "theo"
    edited.teams[0].executives = []
    let timeline = try timeline(scheduler, edited)
    #expect(timeline.shifts == (try self.timeline(scheduler)).shifts)
    #expect(timeline.lead == "theo" && timeline.executives == [])
  }

  @Test func aRotationThatBeginsLaterHasBegunWholeCyclesBefore() throws {
    let scheduler = try scheduler()
    var edited = ScheduleConfiguration.platform(starts: "2027-01-04")
    edited.rotations[0].members = ["cai", "dee", "eli"]
    let timeline = try timeline(scheduler, edited)
    // On 2027-01-04 cai begins; three weeks before too.
    let weeks = (0..<4).map { holder(timeline, at: .utc("2026-11-09T12:00:00") + .days(7 * $0)) }
    #expect(weeks == ["dee", "eli", "cai", "dee"])
    var hourly = edited
    hourly.rotations[0].unit = .hours
    hourly.rotations[0].length = 8
    let shifts = try self.timeline(scheduler, hourly)
    let day = [1, 9, 17].map { holder(shifts, at: .utc("2026-11-10") + .hours($0)) }
    #expect(day == ["cai", "dee", "eli"])
  }

  @Test func whoIsNotReadyIsRefusedAsWhenItIsApplied() throws {
    let scheduler = try scheduler()
    var edited = ScheduleConfiguration.platform()
    edited.people.append(ScheduleConfiguration.person("nora"))
    edited.rotations[0].members.append("nora")
    do throws(Refusal) {
      _ = try timeline(scheduler, edited)
      Issue.record("nora is taken")
    } catch { #expect(error.status == .failedPrecondition && error.message.contains("nora")) }
  }

  @Test func whatCannotBeMeantIsRefusedByField() throws {
    let scheduler = try scheduler()
    var hourly = ScheduleConfiguration.everywhere("UTC", .hours, 1, starts: "2025-10-06", minute: 0)
    hourly.rotations[0].members = ["ana"]
    for (field, request) in [
      ("from_at_ms", PastTimelineRequest(team: "platform")),
      ("until_at_ms", PastTimelineRequest(team: "platform", fromAt: until, untilAt: until)),
      ("until_at_ms", PastTimelineRequest(team: "platform", fromAt: until - .days(367), untilAt: until)),
      ("team", PastTimelineRequest(team: "data", fromAt: from, untilAt: until)),
      (
        "configuration.teams",
        PastTimelineRequest(team: "platform", fromAt: from, untilAt: until, configuration: ScheduleConfiguration())
      ),
      (
        "until_at_ms",
        PastTimelineRequest(team: "platform", fromAt: until - .days(200), untilAt: until, configuration: hourly)
      ),
    ] {
      do throws(Refusal) {
        _ = try scheduler.rules.pastTimeline(request, now: scheduler.now)
        Issue.record("\(field) is taken")
      } catch { #expect(error.field == field, "\(error)") }
    }
  }
}
