import ArgumentParser
import Foundation

/// `edge`: how many alerts a second the gateway takes by HTTP, each on intake's disk before its 2xx.
struct EdgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edge",
    abstract: "Alerts by HTTP through gateway and intake, against an nginx that answers 200 to the same requests.",
    discussion: """
      wrk sends the same bodies to both, in turn: one event a request (/events), and webhooks of Alertmanager with many alerts
      each. Each alert is one that intake doesn't know yet, and an answer that isn't 2xx fails the run. nginx has one process,
      writes nothing and looks at nothing. At the end intake is killed and started again: it must have each alert that was
      answered 2xx. Needs Debian's wrk and nginx-light.
      """)
  @Option(help: "Seconds of one measurement.") var seconds = 10
  @Option(help: "Rounds, each of floor and ours.") var rounds = 3
  @Option(help: "Connections of senders with one alert a request, and with many.") var connections = [64, 16]
  @Option(help: "Alerts of one webhook.") var batch = 100
  @Option(help: "Threads of wrk.") var threads = 2
  @Option(help: "The load's executable.") var wrk = "/usr/bin/wrk"
  @Option(help: "The server's executable.") var nginx = "/usr/sbin/nginx"
  @OptionGroup var tiers: TierOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    try report.tell(measure())
  }

  /// Why it can't be measured here; nil where it can.
  var obstacle: String? {
    [(wrk, "wrk"), (nginx, "nginx-light")].first { !FileManager.default.isExecutableFile(atPath: $0.0) }
      .map { "\($0.0) is missing: install \($0.1)" }
  }

  func measure() throws -> Report {
    let place = try Place(in: tiers.on)
    defer { place.remove() }
    let bare = try BareServer(nginx, in: place)
    defer { bare.end() }
    let gateway = try EdgeGateway(tiers, in: place)
    defer { gateway.end() }
    let load = try WrkLoad(wrk, threads: threads, in: place)
    var report = Report()
    let kinds = [
      ("one alert a request", "/events", 1, connections[0], 8_000.0),
      ("\(batch) alerts a request", "/alertmanager", batch, connections[connections.count - 1], 20_000),
    ]
    for (name, path, alerts, connections, goal) in kinds {
      let body = WrkLoad.Body(path: path, alerts: alerts, key: gateway.key)
      _ = try load.run(gateway.url, body, connections: connections, seconds: 2)
      var (ours, theirs): ([WrkLoad.Outcome], [WrkLoad.Outcome]) = ([], [])
      for _ in 0..<rounds {
        theirs.append(try load.run(bare.url, body, connections: connections, seconds: seconds))
        ours.append(try load.run(gateway.url, body, connections: connections, seconds: seconds))
      }
      add(name, ours, theirs, goal, to: &report)
    }
    let known = try gateway.eventsTaken()
    report.remark(
      "the gateway counts \(known) events that intake has on disk; wrk counted \(load.alertsAnswered(by: gateway.url)) answered"
    )
    let answered = load.alertsAnswered(by: gateway.url)
    guard known >= answered else { throw BenchFailure("more was answered 2xx than intake has taken") }
    let open = try gateway.openAfterAKill()
    report.remark("killed and started again, intake has \(open) alerts; \(answered) were answered 2xx")
    guard open >= answered else {
      throw BenchFailure("\(answered) alerts were answered 2xx, and after a kill intake has \(open)")
    }
    return report
  }

  private func add(
    _ name: String, _ ours: [WrkLoad.Outcome], _ theirs: [WrkLoad.Outcome], _ goal: Double, to report: inout Report
  ) {
    report.add(
      Figure(
        name: "\(name): rate", value: ours.map(\.alertsPerSecond).median, unit: "alerts/s",
        floor: theirs.map(\.alertsPerSecond).median, target: .atLeast(goal)))
    report.add(
      Figure(name: "\(name): p50", value: ours.map(\.p50).median, unit: "ms", floor: theirs.map(\.p50).median))
    report.add(
      Figure(name: "\(name): p99", value: ours.map(\.p99).median, unit: "ms", floor: theirs.map(\.p99).median))
  }
}
