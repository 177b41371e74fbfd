import ArgumentParser
import Bus
import Messages

/// `page`: from an alert that a source hands in to the provider's request, through all four executables.
struct PageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "page",
    abstract: "Alert in to webhook out through the four real executables.",
    discussion: """
      The cluster gets the configuration that is shipped, with a webhook for the push channel. Every alert has a key of
      its own and gives one push page. An age counts from the instant at which the alert should have been handed in, to
      the receiver's having the whole request.
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
    let idle = Latencies(try await source.oneByOne(idle))
    report.add(Figure(name: "idle: p50", value: idle.microseconds(0.5) / 1_000, unit: "ms", target: .atMost(8)))
    report.add(Figure(name: "idle: p99", value: idle.microseconds(0.99) / 1_000, unit: "ms", target: .atMost(25)))
    let busy = try await source.steadily(rate, seconds: seconds)
    let ages = Latencies(busy.ages)
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
}
