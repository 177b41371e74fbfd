import ArgumentParser
import CFloors
import Foundation

/// `open`: whether anything grows with what is open.
struct OpenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open",
    abstract: "Memory, cost per event and lateness of timers with many open incidents, and a restart with the most.",
    discussion: """
      The escalator's rules in its real engine, in this process; every entry is encoded, and then dropped instead of
      written, so that what is measured is not the disk. Incidents are as they are after a page and a post were handed
      over. The restart is the real escalator's, on a checkpoint and a tail of 10,000 rows of news about those incidents, until it
      says SERVING; rows that the checkpoint covers are left out of the journal, because a restart does not read them.
      """)
  @Option(help: "How many open incidents.") var incidents: [Int] = [1_000, 100_000, 1_000_000]
  @Option(help: "Events of one measurement of their cost.") var events = 20_000
  @Option(help: "Seconds during which timers are watched, 1,000 a second due.") var seconds = 5
  @Option(help: "Configuration whose policy is used.") var config = "compose/config"
  @OptionGroup var tiers: TierOptions
  @OptionGroup var report: ReportOptions

  func run() async throws {
    try report.tell(await measure())
  }

  func measure() async throws -> Report {
    var report = Report()
    var costAtFew: Double?
    let kernel = try Latencies.timers(perSecond: 1_000, seconds: min(seconds, 2))
    for count in incidents.sorted() {
      let before = Memory.resident()
      let escalator = try BenchEscalator(config: config)
      escalator.open(count)
      let name = "\(count) open"
      report.add(
        Figure(
          name: "\(name): memory an incident", value: Double(Memory.resident() - before) / Double(count), unit: "bytes",
          target: count >= 100_000 ? .atMost(1_024) : .none))
      let cost = escalator.costOfEvents(events)
      report.add(
        Figure(
          name: "\(name): cost an event", value: cost, unit: "us", floor: costAtFew,
          target: count == incidents.max() && costAtFew != nil ? .ratioAtMost(2) : .none))
      costAtFew = costAtFew ?? cost
      let late = try Latencies(
        await escalator.lateness(seconds: seconds), atLeast: min(count, 1_000 * seconds) * 9 / 10, "timers")
      report.add(
        Figure(
          name: "\(name): timers late, p99.9", value: late.microseconds(0.999) / 1_000, unit: "ms",
          floor: kernel.microseconds(0.999) / 1_000, target: .atMost(100)))
      guard count == incidents.max() else { continue }
      let restart = try await RestartedEscalator(tiers).restart(escalator)
      report.add(
        Figure(name: "\(name): restart until SERVING", value: restart, unit: "s", target: .atMost(10)))
    }
    report.remark(
      "the cost of an event has as its floor the cost with the fewest open, a timer's the kernel's timerfd in C")
    return report
  }
}

/// What the kernel says of this process.
enum Memory {
  /// Bytes.
  static func resident() -> Int {
    floor_give_back_memory()
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
  }
}
