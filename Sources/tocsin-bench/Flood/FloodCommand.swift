import ArgumentParser
import Bus
import Foundation
import Messages
import Wire

/// `flood`: what one source that sends without end does to the others (requirement I5).
struct FloodCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flood",
    abstract: "One source sends 20,000 alerts a second while 20 others send 5 each.",
    discussion: """
      The real alert-intake alone, with the rate limit that compose/config ships. The others' time for an answer OK is measured
      without the flood (the floor) and with it; whatever was answered OK must be open at the end. The flood comes from a
      process of its own.
      """)
  @Option(help: "How long each of the two measurements takes, in seconds.") var seconds = 60
  @Option(help: "What the flooding source sends a second.") var rate = 20_000
  @OptionGroup var tiers: TierOptions
  @OptionGroup var report: ReportOptions

  static let sources = 20
  static let each = 5

  func run() async throws {
    try await measure().print(asJSON: report.json)
  }

  func measure() async throws -> Report {
    let intake = try FloodedIntake(tiers)
    defer { intake.end() }
    let connection = try await intake.configured()
    let quiet = Latencies(try await others(intake, from: "before"))
    let flood = try ChildProcess.again(["flood-source", intake.endpoint, String(rate), String(seconds)])
    // It has begun when it says so.
    guard try flood.firstLine() == "begins" else { throw BenchFailure("the flood did not begin") }
    let flooded = Latencies(try await others(intake, from: "during"))
    let words = try flood.firstLine().split(separator: " ").compactMap { Int($0) }
    guard words.count == 2 else { throw BenchFailure("the flood says nothing of how it went") }
    let (taken, refused) = (words[0], words[1])
    let known = try await connection.call(
      IntakeMethods.listAlerts, ListAlertsRequest(limit: 1), timeout: .seconds(30))
    let expected = taken + 2 * Self.sources * Self.each * seconds
    guard known.open == UInt64(expected) else {
      throw BenchFailure("\(expected) were answered OK, and \(known.open) are open")
    }
    var report = Report()
    report.add(
      Figure(
        name: "others during a flood: p99", value: flooded.microseconds(0.99) / 1_000, unit: "ms",
        floor: quiet.microseconds(0.99) / 1_000, target: .ratioAtMost(2)))
    report.add(
      Figure(
        name: "others during a flood: p50", value: flooded.microseconds(0.5) / 1_000, unit: "ms",
        floor: quiet.microseconds(0.5) / 1_000))
    report.add(
      Figure(name: "flood: answered", value: Double(taken + refused) / Double(seconds), unit: "answers/s"))
    report.add(Figure(name: "flood: taken", value: Double(taken) / Double(seconds), unit: "alerts/s"))
    return report
  }

  /// Nanoseconds until each answer OK.
  private func others(_ intake: FloodedIntake, from name: String) async throws -> [UInt64] {
    try await withThrowingTaskGroup(of: [UInt64].self) { group in
      for source in 0..<Self.sources {
        let connection = try intake.connection()
        group.addTask {
          var took: [UInt64] = []
          for number in 0..<seconds * Self.each {
            let due = 1_000_000_000 / UInt64(Self.each)
            let event = Event(
              action: .trigger, source: "other-\(source)", dedupKey: "\(name)-\(number)", severity: .sev3,
              summary: "a quiet source has something to say")
            let began = PollThread.now()
            _ = try await connection.call(IntakeMethods.publish, event, timeout: .seconds(30))
            let took1 = PollThread.now() - began
            took.append(took1)
            if took1 < due { try await Task.sleep(nanoseconds: due - took1) }
          }
          return took
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }
}
