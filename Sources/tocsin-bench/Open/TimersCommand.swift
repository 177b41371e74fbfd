import ArgumentParser
import Bus
import CFloors
import Foundation
import Messages
import SQLiteJournal

/// `timers`: whether the real escalator's timers ring in time while very much is open.
struct TimersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "timers",
    abstract: "How late the real escalator's timers are with many open incidents.",
    discussion: """
      The real escalator takes over so many open SEV-2 incidents, of which some reach their acknowledgement target each second;
      that makes a reminder and a heads-up, which the real notifier takes. Afterwards its journal says when each missed target was
      written down, and the bench knows when it was due. `open` measures the same of the engine alone. The floor, in the same
      run: as many timers by the kernel's timerfd, in C.
      """)
  @Option(help: "How many open incidents.") var incidents = 100_000
  @Option(help: "Targets that are due in a second.") var perSecond = 200
  @Option(help: "For how many seconds.") var seconds = 10
  @Option(help: "Configuration that both get.") var config = "compose/config"
  @OptionGroup var tiers: TierOptions
  @OptionGroup var report: ReportOptions

  /// Room for the state to be made and for the two processes to start.
  private static let lead = Span.seconds(45)
  /// Of a SEV-2 in the shipped policy.
  private static let target = Span.minutes(10)

  func validate() throws {
    guard (1...1_000).contains(perSecond), seconds > 0,
      incidents / perSecond < Int((Self.target - Self.lead).milliseconds / 1_000)
    else {
      throw ValidationError(
        "all of them must be open before the first target is due: fewer --incidents, or more --per-second")
    }
  }

  func run() async throws {
    try report.tell(await measure())
  }

  func measure() async throws -> Report {
    let place = try Place(in: tiers.on)
    defer { place.remove() }
    let due = Self.now() + Self.lead
    let apart = Span.milliseconds(Int64(1_000 / perSecond))
    let start = due - Self.target
    let state = try BenchEscalator(config: config, at: start, apart: apart)
    state.open(incidents)
    state.goOn(to: due - Self.lead)
    try RestartedEscalator.write(state, to: "\(place.directory)/escalator")
    let tiersUp = try await TakenOver(place, tiers, config: config)
    defer { tiersUp.end() }
    let escalator = try Connection(on: PollThread(name: "asking"), endpoint: try tiersUp.startEscalator())
    _ = try await escalator.serving(since: PollThread.now())
    guard Self.now() < due else { throw BenchFailure("the state took longer to make than \(Self.lead.words)") }
    let end = due + .seconds(Int64(seconds))
    while Self.now() < end + .seconds(2) { try await Task.sleep(nanoseconds: 100_000_000) }

    let floor = try Latencies.timers(perSecond: perSecond, seconds: min(seconds, 5))
    let late = Latencies(
      try missed(state, in: "\(place.directory)/escalator").compactMap { number, at in
        let wasDue = start + .milliseconds(apart.milliseconds * Int64(number)) + Self.target
        guard due <= wasDue, wasDue < end else { return nil }
        return UInt64(max(0, (at - wasDue).milliseconds)) * 1_000_000
      })
    guard late.count >= perSecond * seconds - 1 else {
      throw BenchFailure("only \(late.count) of \(perSecond * seconds) targets were written down as missed")
    }
    let name = "\(incidents) open, \(perSecond) timers a second in the escalator: late"
    var report = Report()
    for (words, share, target) in [("p50", 0.5, nil), ("p99.9", 0.999, 100.0), ("worst", 1, nil)] {
      report.add(
        Figure(
          name: "\(name), \(words)", value: late.microseconds(share) / 1_000, unit: "ms",
          floor: floor.microseconds(share) / 1_000, target: target.map { .atMost($0) } ?? .none))
    }
    return report
  }

  /// Incidents by number, and when the escalator wrote down that nobody acknowledged in time.
  private func missed(_ state: BenchEscalator, in data: String) throws -> [(number: Int, at: Instant)] {
    let reader = try SQLiteJournalReader(directory: data)
    var found: [(number: Int, at: Instant)] = []
    var sequence: UInt64 = 0
    while true {
      let rows = try reader.rows(after: sequence, limit: 10_000)
      guard let last = rows.last else { return found }
      sequence = last.sequence
      for row in rows {
        let entry = try state.tier.codec.decode(row.row.body)
        for case .targetMissed(let missed) in entry.facts.map(\.kind) {
          guard let number = Int(missed.incidentId.dropFirst(3), radix: 36) else { continue }
          found.append((number, entry.at))
        }
      }
    }
  }

  private static func now() -> Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }
}

extension Latencies {
  /// How late the kernel's timers are.
  static func timers(perSecond: Int, seconds: Int) throws -> Latencies {
    var late = [UInt64](repeating: 0, count: perSecond * seconds)
    guard floor_timers(Int32(perSecond), Int32(late.count), &late) == 0 else {
      throw BenchFailure("the floor's timers failed")
    }
    return Latencies(late)
  }
}
