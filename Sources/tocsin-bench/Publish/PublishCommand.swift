import ArgumentParser
import Foundation

/// `publish`: how many alerts a second the real intake takes durably.
struct PublishCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish",
    abstract: "Durable publishes through the real alert-intake, against SQLite's group commit in C.",
    discussion: """
      Both sides are driven by a client in C over loopback, and store rows of the same size with synchronous=FULL. Each
      event opens an alert of its own. The intake runs alone: what it owes the escalator is kept, not paid.
      """)
  @Option(help: "Publishes of one measurement: of 1 x 1, and of the others.") var publishes = [4_000, 100_000]
  @Option(help: "Rounds, each of floor and ours.") var rounds = 3
  @Option(help: "What the intake logs: \"info\", as shipped, is two lines an alert.") var logLevel = "warning"
  @OptionGroup var tiers: TierOptions
  @OptionGroup var report: ReportOptions

  func run() async throws {
    try report.tell(measure())
  }

  func measure() throws -> Report {
    let intake = try PublishedIntake(tiers, logLevel: logLevel)
    defer { intake.end() }
    _ = try intake.publish(1, 64, 5_000)
    let floor = try CommitFloor(in: tiers.on, requestBytes: intake.eventBytes, bodyBytes: intake.meanBody)
    defer { floor.end() }
    var report = Report()
    report.remark("an event has \(intake.eventBytes) bytes, a row's body \(intake.meanBody)")
    for (connections, inFlight, target) in [(1, 1, 0.0), (1, 64, 0.4), (64, 1, 0.5)] {
      let count = Int32(connections * inFlight == 1 ? publishes[0] : publishes[publishes.count - 1])
      var ours: [PublishRun] = []
      var theirs: [PublishRun] = []
      for _ in 0..<rounds {
        theirs.append(try floor.publish(Int32(connections), Int32(inFlight), count))
        ours.append(try intake.publish(Int32(connections), Int32(inFlight), count))
      }
      add("\(connections) x \(inFlight)", .medians(ours), .medians(theirs), target, to: &report)
    }
    return report
  }

  private func add(_ name: String, _ ours: PublishRun, _ floor: PublishRun, _ target: Double, to report: inout Report) {
    report.add(
      Figure(
        name: "\(name): rate", value: ours.rate, unit: "events/s", floor: floor.rate,
        target: target > 0 ? .ratioAtLeast(target) : .none))
    report.add(Figure(name: "\(name): p50", value: ours.p50, unit: "ms", floor: floor.p50))
    report.add(Figure(name: "\(name): p99", value: ours.p99, unit: "ms", floor: floor.p99))
    report.add(Figure(name: "\(name): p99.9", value: ours.p999, unit: "ms", floor: floor.p999, target: .atMost(25)))
  }
}
