import CivilTime
import Messages
import Scheduling
import Testing

/// What must hold of pay whatever was worked and held.
@Suite struct PayPropertyTests {
  private func random(_ dice: inout SplitMix) throws -> (scheduler: Scheduler, spans: [(Instant, Instant)]) {
    let zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham"]
    var scheduler = try Scheduler.payroll(
      zone: zones[dice.below(zones.count)], holidays: ["2026-10-07"], at: .utc("2026-12-01"))
    var spans: [(Instant, Instant)] = []
    for number in 0..<(3 + dice.below(12)) {
      let from = Instant.utc("2026-10-01") + .seconds(Int64(dice.below(30 * 86_400)))
      let until = from + .seconds(Int64(1 + dice.below(20_000)))
      spans.append((from, until))
      try scheduler.work("i-\(number)", [(from, until)])
    }
    return (scheduler, spans)
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>) func noMinuteIsBilledTwiceAndNoneIsLost(seed: UInt64) throws {
    var dice = SplitMix(seed: seed)
    let (scheduler, spans) = try random(&dice)
    let lines = try scheduler.export("2026-09-15", "2026-11-15").lines
    for (number, line) in lines.enumerated() {
      for other in lines[(number + 1)...] where other.fromAt < line.untilAt && line.fromAt < other.untilAt {
        // Lines may enclose each other only where a piece of work has a hole; their times are of different instants.
        #expect(Set(line.incidents).isDisjoint(with: other.incidents), "\(line) \(other)")
      }
    }
    // Time that is paid is the union of what was worked, less business hours and parts that rounded to nothing.
    let union = spans.sorted { $0.0 < $1.0 }.reduce(into: [(Instant, Instant)]()) { merged, span in
      if let last = merged.indices.last, span.0 <= merged[last].1 {
        merged[last].1 = max(merged[last].1, span.1)
      } else {
        merged.append(span)
      }
    }
    let worked = union.reduce(Span.zero) { $0 + ($1.1 - $1.0) }
    let paid = lines.reduce(Span.zero) { $0 + $1.time }
    #expect(paid <= worked)
    for line in lines {
      let inside = union.reduce(Span.zero) { total, span in
        let from = max(span.0, line.fromAt)
        let until = min(span.1, line.untilAt)
        return from < until ? total + (until - from) : total
      }
      #expect(line.time <= inside, "a line's time was worked within it")
    }
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>) func partsOfAPeriodAddUpToTheWhole(seed: UInt64) throws {
    var dice = SplitMix(seed: seed)
    let (scheduler, _) = try random(&dice)
    let whole = try scheduler.export("2026-09-15", "2026-11-15").lines
    let boundary = CivilDate("2026-10-01")?.adding(days: dice.below(30)).description ?? ""
    let parts = try scheduler.export("2026-09-15", boundary).lines + scheduler.export(boundary, "2026-11-15").lines
    #expect(parts.reduce(0) { $0 + hundredths($1.hours) } == whole.reduce(0) { $0 + hundredths($1.hours) })
    // A boundary changes only what lies across it.
    let at = Instant.utc(boundary)
    let apart = { (lines: [PayLine]) in lines.filter { $0.untilAt < at - .days(1) || $0.fromAt > at + .days(1) } }
    #expect(apart(parts).map(\.words) == apart(whole).map(\.words))
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>) func aWeeksStipendIsPaidWholeWhoeverSwaps(seed: UInt64) throws {
    var dice = SplitMix(seed: seed)
    var configuration = ScheduleConfiguration.platform()
    configuration.pay = ScheduleConfiguration.rates
    var scheduler = try Scheduler(configuration, at: .utc("2026-10-02T12:00:00"))
    let before = scheduler
    for _ in 0..<4 {
      let from = Instant.utc("2026-10-05") + .seconds(Int64(dice.below(20 * 86_400)))
      _ = try? scheduler.override(
        ScheduleConfiguration.engineers[dice.below(8)], from: from,
        until: from + .seconds(Int64(1 + dice.below(200_000))))
    }
    scheduler.wait(until: .utc("2026-11-03"))
    for (from, until) in [("2026-10-05", "2026-10-12"), ("2026-10-12", "2026-10-19"), ("2026-10-05", "2026-11-02")] {
      let weeks = from == "2026-10-05" && until == "2026-11-02" ? 4 : 1
      let lines = try scheduler.export(from, until).lines
      for tier: UInt32 in 1...3 {
        #expect(lines.filter { $0.tier == tier }.reduce(0) { $0 + hundredths($1.amount) } == 26_000 * weeks)
      }
    }
    var quiet = before
    quiet.wait(until: scheduler.now)
    let swapped = try scheduler.export("2026-10-05", "2026-11-02").lines.filter { $0.tier != 1 }
    #expect(
      try quiet.export("2026-10-05", "2026-11-02").lines.filter { $0.tier != 1 }.map(\.amount).sorted()
        == swapped.map(\.amount).sorted(), "an override of the primary moves nobody else's pay")
  }
}
