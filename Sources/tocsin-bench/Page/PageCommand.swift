import ArgumentParser
import Bus
import CFloors
import Messages

/// `page`: from an alert that a source hands in to the provider's request, through all four executables.
struct PageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "page",
    abstract: "Alert in to webhook out through the four real executables.",
    discussion: """
      The cluster gets the configuration that is shipped, with a webhook for the push channel. Every alert has a key of
      its own and gives one push page. An age counts from the instant at which the alert should have been handed in, to
      the receiver's having the whole request. The floor, in C and in the same run: what three tiers must put on disk (a row and
      an fdatasync in each of three files), and libcurl's POST to the same receiver.
      """)
  @Option(help: "Alerts one after the other, each when the page before is out.") var idle = 300
  @Option(help: "Alerts a second, afterwards.") var rate = 1_000
  @Option(help: "For so many seconds.") var seconds = 10
  @Option(help: "Configuration that the cluster gets.") var config = "compose/config"
  @OptionGroup var tiers: TierOptions
  @OptionGroup var report: ReportOptions

  func run() async throws {
    try report.tell(await measure())
  }

  func measure() async throws -> Report {
    let receiver = try PageReceiver(most: 1_000 + idle + rate * seconds)
    let cluster = try BenchCluster(tiers, config: config, pagesTo: receiver.url)
    defer { cluster.end() }
    let source = PageSource(try Connection(on: PollThread(name: "source"), endpoint: cluster.intake), receiver)
    _ = try await source.oneByOne(50)
    var report = Report()
    let floor = try floor(receiver)
    let idle = try Latencies(try await source.oneByOne(idle), atLeast: idle, "pages")
    for (name, share, most) in [("p50", 0.5, 8.0), ("p99", 0.99, 25.0)] {
      report.add(
        Figure(
          name: "idle: \(name)", value: idle.microseconds(share) / 1_000, unit: "ms",
          floor: floor.microseconds(share) / 1_000, target: .atMost(most)))
    }
    let busy = try await source.steadily(rate, seconds: seconds)
    let ages = try Latencies(busy.ages, atLeast: rate * seconds, "pages")
    report.add(Figure(name: "\(rate)/s: p50", value: ages.microseconds(0.5) / 1_000, unit: "ms"))
    report.add(Figure(name: "\(rate)/s: p99", value: ages.microseconds(0.99) / 1_000, unit: "ms", target: .atMost(250)))
    report.add(Figure(name: "\(rate)/s: p99.9", value: ages.microseconds(0.999) / 1_000, unit: "ms"))
    report.add(
      Figure(
        name: "\(rate)/s: pages out", value: Double(busy.ages.count), unit: "", target: .atLeast(Double(rate * seconds))
      ))
    report.add(
      Figure(name: "\(rate)/s: alerts taken", value: busy.rate, unit: "alerts/s", target: .atLeast(0.95 * Double(rate)))
    )
    report.add(Figure(name: "pages that came twice", value: Double(receiver.again), unit: "", target: .atMost(0)))
    return report
  }

  private func floor(_ receiver: PageReceiver) throws -> Latencies {
    let place = try Place(in: tiers.on)
    defer { place.remove() }
    var latencies = [UInt64](repeating: 0, count: idle)
    guard floor_page(receiver.url, place.directory, Int32(idle), &latencies) == 0 else {
      throw BenchFailure("the floor's pages failed")
    }
    return try Latencies(latencies, atLeast: idle, "pages of the floor")
  }
}
