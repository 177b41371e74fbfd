import Messages
import Testing

/// Requirement S3: the schedule is published at least four weeks ahead, by itself, at every handoff.
@Suite struct PublishingAheadTests {
  @Test func fourWeeksAreAlwaysPublished() throws {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00"))
    var handoffs: [Instant] = []
    scheduler.wait(until: scheduler.now + .days(200)) { scheduler in
      guard let timeline = scheduler.timelines.last else { return }
      if timeline.publishedAt == scheduler.now { handoffs.append(scheduler.now) }
    }
    #expect(handoffs.count == 28)
    #expect(handoffs.first == .utc("2026-11-30"))
    #expect(zip(handoffs, handoffs.dropFirst()).allSatisfy { $1 - $0 == .days(7) })
    for (one, next) in zip(scheduler.timelines, scheduler.timelines.dropFirst()) {
      #expect(next.generation > one.generation)
      #expect(one.untilAt - next.publishedAt >= .days(28), "until the next one four weeks are left")
    }
    let told = scheduler.said.filter { $0.hasPrefix("#platform-alerts: platform: On call until Mon ") }
    #expect(told.count == 28, "each handoff is told once")
  }

  @Test(arguments: [(ShiftUnit.hours, UInt32(8)), (.days, 1), (.days, 10), (.weeks, 2)])
  func aTimelineHasNoHoleAndNoOverlap(unit: ShiftUnit, length: UInt32) throws {
    var scheduler = try Scheduler(
      .everywhere("Europe/Berlin", unit, length, starts: "2026-03-01", minute: 120), at: .utc("2026-03-20"))
    scheduler.wait(.days(60))
    for timeline in scheduler.timelines {
      for tier: UInt32 in 1...3 {
        let shifts = timeline.shifts.filter { $0.tier == tier }
        #expect((shifts.first?.fromAt ?? .distantFuture) <= timeline.fromAt)
        #expect((shifts.last?.untilAt ?? .unset) >= timeline.untilAt)
        #expect(zip(shifts, shifts.dropFirst()).allSatisfy { $0.untilAt == $1.fromAt })
      }
      #expect(timeline.untilAt - timeline.publishedAt >= .days(28))
    }
  }

  @Test func anOverrideIsPublishedAtOnce() throws {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00"))
    let before = scheduler.timelines.count
    try scheduler.override("hal", from: .utc("2026-12-24"), until: .utc("2026-12-27"))
    #expect(scheduler.timelines.count == before + 1)
    #expect(scheduler.timelines.last?.shifts.contains { $0.person == "hal" && $0.because == .override } == true)
  }

  @Test func aDryRunPublishesNothing() throws {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00"))
    let before = scheduler.timelines
    var configuration = ScheduleConfiguration.platform()
    configuration.rotations.removeLast()
    configuration.dryRun = true
    let reply = try scheduler.configure(configuration)
    #expect(!reply.applied && !reply.changes.isEmpty && scheduler.timelines == before)
    #expect(try scheduler.holder(3, at: scheduler.now) == "theo")
  }
}
