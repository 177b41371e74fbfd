import ArgumentParser
import Bus
import Foundation
import Messages
import Wire

/// `surge`: many incidents that all move on to their next tier at the same instant.
struct SurgeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "surge",
    abstract: "How long it takes until all pages of a second in which everything escalates are at the notifier.",
    discussion: """
      The real escalator takes over so many open SEV-2 incidents, whose second tier is due some seconds later, all at the
      same instant, and hands their pages to the real notifier. Counted from that instant until the notifier has every
      page on disk.
      """)
  @Option(help: "How many incidents.") var incidents = 6_000
  @Option(help: "Configuration that both get.") var config = "compose/config"
  @OptionGroup var tiers: TierOptions
  @OptionGroup var report: ReportOptions

  /// Room for the two processes to start, and for the state to be made.
  private static let lead = Span.seconds(20)

  func run() async throws {
    try report.tell(await measure())
  }

  func measure() async throws -> Report {
    let place = try Place(in: tiers.on)
    defer { place.remove() }
    let due = Self.now() + Self.lead
    let escalator = try BenchEscalator(config: config, at: due - .minutes(15), apart: .zero)
    escalator.open(incidents)
    escalator.goOn(to: due - Self.lead)
    try RestartedEscalator.write(escalator, to: "\(place.directory)/escalator")

    let tiersUp = try await TakenOver(place, tiers, config: config)
    defer { tiersUp.end() }
    let connection = tiersUp.notifier
    try tiersUp.startEscalator()
    let before = try await pages(at: connection)
    guard Self.now() < due else { throw BenchFailure("the state took longer to make than \(Self.lead.words)") }
    let took = try await handedOver(to: connection, besides: before, since: due)
    var report = Report()
    report.add(Figure(name: "\(incidents) at once: at the notifier", value: took, unit: "s", target: .atMost(2)))
    return report
  }

  /// Pages that still have something to come: each has a text message and a call to come.
  private func pages(at connection: Connection) async throws -> Int {
    Int(try await connection.call(HealthMethods.check, HealthRequest(), timeout: .seconds(5)).open)
  }

  private func handedOver(to connection: Connection, besides before: Int, since due: Instant) async throws -> Double {
    while Self.now() < due + .seconds(60) {
      try await Task.sleep(nanoseconds: 10_000_000)
      if try await pages(at: connection) >= before + incidents {
        return Double((Self.now() - due).milliseconds) / 1_000
      }
    }
    throw BenchFailure("only \(try await pages(at: connection) - before) pages came within a minute")
  }

  private static func now() -> Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }
}
