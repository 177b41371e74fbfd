import Messages
import Scheduling
import Testing

/// Requirement S10: the incoming primary's checklists, the reminders, and what the lead hears at the handoff.
@Suite struct ReadinessTests {
  private let handoff = Instant.utc("2026-11-30")

  /// Friday of a week whose primary is `out`; `next` takes over on Monday.
  private func friday() throws -> (scheduler: Scheduler, out: String, next: String) {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-20"))
    scheduler.wait(until: .utc("2026-11-27T12:00:00"))
    return (scheduler, try scheduler.holder(at: handoff - .hours(1)), try scheduler.holder(at: handoff))
  }

  private func tick(
    _ item: String, by: String, of person: String = "", at: Instant = .unset, undo: Bool = false
  ) -> ScheduleInput {
    .readiness(.tick(ReadinessTick(team: "platform", at: at, person: person, item: item, undo: undo, by: by)))
  }

  private func show(_ scheduler: Scheduler, _ person: String = "", at: Instant = .unset) throws -> ReadinessRecord {
    try scheduler.rules.showReadiness(
      ReadinessRequest(team: "platform", at: at, person: person), now: scheduler.now)
  }

  private func said(_ scheduler: Scheduler, since start: Int, to person: String) -> [String] {
    scheduler.said[start...].filter {
      $0.hasPrefix("\(person): ") && ($0.contains("(S10)") || $0.contains("ready show"))
    }
  }

  @Test func whoTakesOverHasTheProceduresThreeLists() throws {
    let (scheduler, out, next) = try friday()
    let record = try show(scheduler)
    #expect(record.person == next && record.outgoing == out && record.fromAt == handoff && !record.complete)
    #expect(record.untilAt == handoff + .days(7))
    let lists = Dictionary(grouping: record.items, by: \.list).mapValues(\.count)
    #expect(lists == ["access": 9, "access verification": 5, "before the rotation": 6])
    #expect(record.items.first { $0.id == "verify-1" }?.how == "kubectl get pods -n aion-production")
  }

  @Test func anItemIsTickedByWhoseItIsOrALead() throws {
    var (scheduler, out, next) = try friday()
    let refusal = scheduler.refusal(tick("access-1", by: out, of: next))
    #expect(refusal?.message == "\(out) can't speak for \(next): \(next) can, or a lead of their team")
    try scheduler.decide(tick("access-1", by: next))
    try scheduler.decide(tick("verify-5", by: "tara", of: next))
    try scheduler.decide(tick("before-6", by: next))
    try scheduler.decide(tick("before-6", by: next, undo: true))
    let known = scheduler.rules
    try scheduler.decide(tick("access-1", by: next))
    #expect(scheduler.rules == known, "what is ticked stays with who ticked it first")
    let ticked = try show(scheduler, next).items.filter { !$0.by.isEmpty }
    #expect(ticked.map(\.id) == ["access-1", "verify-5"] && ticked.map(\.by) == [next, "tara"])
    #expect(ticked.first?.tickedAt == scheduler.now)
    #expect(scheduler.refusal(tick("access-10", by: next))?.field == "item")
    #expect(scheduler.restored == scheduler.rules)
  }

  @Test func theListIsOpenAWeekBeforeTheShiftAndUntilItsEnd() throws {
    var (scheduler, out, next) = try friday()
    try scheduler.decide(tick("access-1", by: out))
    let later = try scheduler.holder(at: handoff + .days(8))
    #expect(later != next)
    let early = scheduler.refusal(tick("access-1", by: later))
    #expect(early?.field == "at_ms" && early?.message.contains("from Mon 30 Nov 00:00 UTC") == true)
    #expect(scheduler.refusal(tick("access-1", by: "tara"))?.message.contains("doesn't take over as primary") == true)
    scheduler.wait(until: handoff + .days(3))
    try scheduler.decide(tick("access-2", by: next))
    #expect(try show(scheduler, next).items.filter { !$0.by.isEmpty }.map(\.id) == ["access-2"])
    let over = scheduler.refusal(tick("access-1", by: out, of: out, at: .utc("2026-11-23")))
    #expect(over?.message.contains("until the shift ends (S10)") == true)
  }

  @Test func whatIsMissingIsRemindedOfADayAndAnHourBeforeAndGoesToTheLead() throws {
    var (scheduler, _, next) = try friday()
    for number in 1...9 { try scheduler.decide(tick("access-\(number)", by: next)) }
    for number in 1...5 { try scheduler.decide(tick("verify-\(number)", by: next)) }
    try scheduler.confirmTestPages(of: next)
    let start = scheduler.said.count
    scheduler.wait(until: handoff - .hours(24) - .milliseconds(1))
    #expect(said(scheduler, since: start, to: next).isEmpty)
    scheduler.wait(until: handoff - .hours(24))
    #expect(said(scheduler, since: start, to: next).count == 1)
    for number in 1...4 { try scheduler.decide(tick("before-\(number)", by: next)) }
    scheduler.wait(until: handoff - .hours(1))
    #expect(
      said(scheduler, since: start, to: next).last == """
        \(next): platform: you are primary from Mon 30 Nov 00:00 UTC until Mon 7 Dec 00:00 UTC. Still to be done before: \
        before the rotation: Review monitoring dashboards, Check battery: laptop, phone, backup phone (tocsinctl ready show)
        """)
    #expect(said(scheduler, since: start, to: "tara").isEmpty)
    scheduler.wait(until: handoff)
    #expect(
      said(scheduler, since: start, to: "tara") == [
        "tara: platform: \(next) took over as primary and isn't ready (S10): before the rotation: "
          + "Review monitoring dashboards, Check battery: laptop, phone, backup phone"
      ])
    #expect(try scheduler.holder(at: scheduler.now) == next, "the rotation turns on time in any case")
    scheduler.wait(.days(1))
    #expect(said(scheduler, since: start, to: next).count == 2 && said(scheduler, since: start, to: "tara").count == 1)
    #expect(scheduler.restored == scheduler.rules)
  }

  @Test func nobodyHearsOfACompleteList() throws {
    var (scheduler, _, next) = try friday()
    for item in try show(scheduler, next).items { try scheduler.decide(tick(item.id, by: next)) }
    #expect(try !show(scheduler, next).complete, "no test page is confirmed")
    try scheduler.confirmTestPages(of: next)
    #expect(try show(scheduler, next).complete)
    let start = scheduler.said.count
    scheduler.wait(until: handoff + .hours(1))
    #expect(said(scheduler, since: start, to: next).isEmpty && said(scheduler, since: start, to: "tara").isEmpty)
  }

  @Test func whoComesInBySwapOrOverrideIsRemindedInstead() throws {
    var (scheduler, out, next) = try friday()
    let other = try #require(ScheduleConfiguration.engineers.first { $0 != out && $0 != next })
    scheduler.wait(until: handoff - .hours(2))
    let start = scheduler.said.count
    try scheduler.override(other, from: handoff, until: handoff + .days(7))
    scheduler.wait(until: handoff)
    #expect(said(scheduler, since: start, to: other).count == 1, "an hour before")
    #expect(said(scheduler, since: start, to: next).isEmpty)
    #expect(said(scheduler, since: start, to: "tara").last?.contains("\(other) took over") == true)
    #expect(scheduler.restored == scheduler.rules)
  }

  @Test func aTickCountsForAShiftThatBeginsWithinAWeek() throws {
    var (scheduler, out, _) = try friday()
    try scheduler.decide(tick("access-1", by: out))
    let other = try #require(ScheduleConfiguration.engineers.last { $0 != out })
    try scheduler.override(other, from: scheduler.now + .hours(1), until: scheduler.now + .hours(3))
    scheduler.wait(.hours(4))
    let record = try show(scheduler, out)
    #expect(record.fromAt == scheduler.now - .hours(1) && record.outgoing == other)
    #expect(record.items.filter { !$0.by.isEmpty }.map(\.id) == ["access-1"])
  }

  @Test func anOutageMakesOneReminderOfTwo() throws {
    var (scheduler, _, next) = try friday()
    let start = scheduler.said.count
    scheduler.now = handoff - .minutes(30)
    scheduler.wait(.minutes(1))
    #expect(said(scheduler, since: start, to: next).count == 1)
  }

  @Test func oldTicksAreForgottenAfterThirteenMonths() throws {
    var (scheduler, out, _) = try friday()
    try scheduler.decide(tick("access-1", by: out))
    let shift = Instant.utc("2026-11-23")
    scheduler.wait(.days(399))
    #expect(try show(scheduler, at: shift).items.contains { $0.by == out })
    scheduler.wait(.days(2))
    #expect(try show(scheduler, at: shift).items.allSatisfy(\.by.isEmpty))
    #expect(scheduler.restored == scheduler.rules)
  }
}
