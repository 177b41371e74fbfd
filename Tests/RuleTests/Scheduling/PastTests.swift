import Machinery
import Messages
import Scheduling
import Testing

/// Requirement S9: the past answers as it was, and as it was known.
@Suite struct PastTests {
  @Test func anAnswerIsAsItWasKnownThen() throws {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-02"))
    let dinner = Instant.utc("2026-11-25T19:00:00")
    scheduler.wait(until: .utc("2026-11-23T09:00:00"))
    let before = scheduler.now
    let reply = try scheduler.override("hal", from: dinner - .hours(1), until: dinner + .hours(4))
    scheduler.wait(.hours(1))
    let between = scheduler.now
    scheduler.wait(.hours(1))
    try scheduler.removeOverride(reply.overrideId)
    #expect(try scheduler.holder(at: dinner) == "dee")
    #expect(try scheduler.holder(at: dinner, knownAt: before - .milliseconds(1)) == "dee")
    #expect(try scheduler.holder(at: dinner, knownAt: before) == "hal")
    #expect(try scheduler.holder(at: dinner, knownAt: between) == "hal")
    #expect(try scheduler.holder(at: dinner, knownAt: scheduler.now) == "dee")
    #expect(try scheduler.holder(at: dinner, knownAt: .utc("2026-11-01")) == "", "nothing was configured yet")
  }

  @Test func anOverrideThatRanIsHistoryEvenWhenItIsTakenBack() throws {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-02"))
    scheduler.wait(until: .utc("2026-11-25T12:00:00"))
    let reply = try scheduler.override("hal", until: scheduler.now + .hours(8))
    scheduler.wait(.hours(2))
    try scheduler.removeOverride(reply.overrideId)
    #expect(try scheduler.holder(at: scheduler.now - .hours(1)) == "hal")
    #expect(try scheduler.holder(at: scheduler.now) == "dee")
    scheduler.wait(.days(30))
    #expect(try scheduler.holder(at: .utc("2026-11-25T13:00:00")) == "hal")
  }

  private struct Remembered {
    var tier: UInt32
    var at: Instant
    var knownAt: Instant
    var shifts: [Shift]
  }

  /// Whatever is edited later: who was on call stays, and so does what was said at any time about any time.
  @Test(arguments: 1...20 as ClosedRange<UInt64>) func noEditChangesThePast(seed: UInt64) throws {
    var dice = SplitMix(seed: seed)
    var scheduler = try Scheduler(.platform(), at: .utc("2026-01-05"))
    var remembered: [Remembered] = []
    var overrides: [String] = []
    let people = ScheduleConfiguration.engineers
    for _ in 0..<40 {
      scheduler.wait(.hours(Int64(1 + dice.below(200))))
      switch dice.below(6) {
      case 0:
        var configuration = ScheduleConfiguration.platform()
        let rotation = dice.below(2) * 2
        configuration.rotations[rotation].members = Array(people.prefix(1 + dice.below(8)))
        configuration.rotations[rotation].offset = 0
        configuration.rotations[rotation].unit = dice.below(2) == 0 ? .days : .weeks
        try scheduler.configure(configuration)
      case 1...2:
        let from = scheduler.now + .hours(Int64(dice.below(300)))
        let made = try? scheduler.override(
          people[dice.below(8)], tier: UInt32(1 + dice.below(3)), from: from,
          until: from + .hours(Int64(1 + dice.below(100))))
        if let made { overrides.append(made.overrideId) }
      case 3:
        let from = scheduler.now + .days(Int64(14 + dice.below(90)))
        _ = try? scheduler.away(people[dice.below(8)], from: from, until: from + .days(Int64(1 + dice.below(20))))
      case 4:
        let ill = try scheduler.away(people[dice.below(8)], .sick)
        scheduler.wait(.hours(Int64(1 + dice.below(60))))
        try scheduler.decide(.endAbsence(AbsenceEnd(absenceId: ill.absence?.id ?? "")))
      default:
        if let id = overrides.popLast() { try? scheduler.removeOverride(id) }
      }
      for memory in remembered {
        let then = try scheduler.shifts(memory.tier, at: memory.at, knownAt: memory.knownAt)
        #expect(then == memory.shifts, "as it was known")
        guard memory.at <= memory.knownAt else { continue }
        #expect(
          try scheduler.shifts(memory.tier, at: memory.at).map(\.person) == memory.shifts.map(\.person), "as it was")
      }
      for _ in 0..<3 {
        let tier = UInt32(1 + dice.below(3))
        let at = scheduler.now + .hours(Int64(dice.below(400)) - 200)
        guard at > .utc("2026-01-05") else { continue }
        remembered.append(
          Remembered(
            tier: tier, at: at, knownAt: scheduler.now,
            shifts: try scheduler.shifts(tier, at: at, knownAt: scheduler.now)))
      }
      scheduler.wait(.milliseconds(1))
    }
    check(scheduler)
  }

  /// The same records, and the fewest of them, make the same scheduler.
  private func check(_ scheduler: Scheduler) {
    var replayed = Schedules(zones: SystemZones.all)
    for (fact, at) in scheduler.facts { replayed.apply(fact, at: at) }
    #expect(replayed == scheduler.rules)
    #expect(scheduler.restored == scheduler.rules)
  }
}
