import ArgumentParser
import Foundation
import Messages

/// `handover`: what stands between a page that is owed and the provider's answer.
struct HandoverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "handover",
    abstract: "Pages handed over to a webhook of nginx that answers after 20 ms, against a bare libcurl loop in C.",
    discussion: """
      All sides ask the same nginx for the same answer over as many connections, in turn. The providers' code alone runs in
      this process; the notifier is the real executable, which gets its pages by the protocol, keeps its ledger on disk and
      tells an escalator of each. An age counts from the instant at which a page should have been handed to the notifier until
      nginx has answered. Needs nginx and its module echo (Debian: nginx-light, libnginx-mod-http-echo).
      """)
  @Option(help: "Pages of one measurement of a rate.") var pages = 20_000
  @Option(help: "Rounds, each of floor and ours.") var rounds = 3
  @Option(help: "Pages a second, afterwards.") var rate = 1_000
  @Option(help: "For so many seconds.") var seconds = 10
  @Option(help: "Pages a second, beside them, to a provider that never answers.") var hanging = 1_000
  @Option(help: "The server's executable.") var nginx = "/usr/sbin/nginx"
  @Option(help: "Only what is named: floor, providers, notifier, ages; for profiles.") var only: [Part] = []
  @OptionGroup var tiers: TierOptions
  @OptionGroup var report: ReportOptions

  enum Part: String, CaseIterable, ExpressibleByArgument { case floor, providers, notifier, ages }

  /// As many as the notifier opens to one host (`Conversations.perHost`).
  static let connections = 128

  func run() async throws {
    try report.tell(await measure())
  }

  func measure() async throws -> Report {
    let place = try Place(in: tiers.on)
    defer { place.remove() }
    let server = try AnsweringServer(nginx, in: place)
    defer { server.end() }
    let notifier = try await BenchNotifier(tiers, in: place, pagesTo: server)
    defer { notifier.end() }
    var report = Report()
    try await measureRates(server, notifier, place, &report)
    if wants(.ages) { try await measureAges(server, notifier, &report) }
    return report
  }

  /// Why it can't be measured here; nil when it can.
  var obstacle: String? {
    access(nginx, X_OK) == 0
      ? nil : "there is no \(nginx): apt-get install nginx-light libnginx-mod-http-echo"
  }

  private func wants(_ part: Part) -> Bool { only.isEmpty || only.contains(part) }

  private func measureRates(
    _ server: AnsweringServer, _ notifier: BenchNotifier, _ place: Place, _ report: inout Report
  ) async throws {
    let providers = try ProviderLoad(notifier.route, connections: Self.connections)
    var rates: [Part: [Double]] = [:]
    for round in 0...rounds {
      let count = round == 0 ? pages / 10 : pages
      let name = "r\(round)"
      for part in Part.allCases where part != .ages && wants(part) {
        let rate =
          switch part {
          case .floor: try server.floor(requests: count, connections: Self.connections)
          case .providers: try await providers.rate(of: count)
          case .notifier: try await notifier.rate(of: count, called: name, at: server)
          case .ages: 0.0
          }
        if round > 0 { rates[part, default: []].append(rate) }
      }
    }
    let floor = rates[.floor].map(\.median)
    let named = [(Part.providers, "the providers' code alone"), (.notifier, "the notifier")]
    for (part, name) in named {
      guard let rate = rates[part]?.median else { continue }
      report.add(
        Figure(
          name: "\(name): rate", value: rate, unit: "pages/s", floor: floor,
          target: floor == nil ? .none : .ratioAtLeast(0.5)))
    }
    if let rate = rates[.notifier]?.median {
      report.add(Figure(name: "the notifier: goal", value: rate, unit: "pages/s", target: .atLeast(5_000)))
    }
    let most = Figure.words(Double(Self.connections) / AnsweringServer.delay)
    report.remark(
      "\(Self.connections) connections to a server that answers after 20 ms carry \(most) requests a second")
  }

  private func measureAges(
    _ server: AnsweringServer, _ notifier: BenchNotifier, _ report: inout Report
  ) async throws {
    let alone = try await notifier.ages(rate, seconds: seconds, hanging: 0, called: "alone", at: server)
    try add("\(rate)/s", alone, beside: nil, to: &report)
    let beside = try await notifier.ages(rate, seconds: seconds, hanging: hanging, called: "beside", at: server)
    try add("\(rate)/s, and \(hanging)/s to one that hangs", beside, beside: alone, to: &report)
  }

  private func add(_ name: String, _ ages: [UInt64], beside alone: [UInt64]?, to report: inout Report) throws {
    let sorted = try Latencies(ages, atLeast: rate * seconds, "pages")
    let other = alone.map { Latencies($0) }
    report.add(
      Figure(
        name: "\(name): p50", value: sorted.microseconds(0.5) / 1_000, unit: "ms",
        floor: other.map { $0.microseconds(0.5) / 1_000 }))
    report.add(
      Figure(
        name: "\(name): p99", value: sorted.microseconds(0.99) / 1_000, unit: "ms",
        floor: other.map { $0.microseconds(0.99) / 1_000 }, target: .atMost(250)))
    if let other {
      // A floor of a few milliseconds doubles by chance.
      let allowed = max(50, 2 * other.microseconds(0.99) / 1_000)
      report.add(
        Figure(
          name: "\(name): p99, no slower than alone", value: sorted.microseconds(0.99) / 1_000, unit: "ms",
          floor: other.microseconds(0.99) / 1_000, target: .atMost(allowed)))
    }
    report.add(
      Figure(
        name: "\(name): pages out", value: Double(ages.count), unit: "", target: .atLeast(Double(rate * seconds))))
  }
}
