import ArgumentParser
import Configuration
import Foundation
import Messages

/// What every command can be told: where the cluster is, and how to answer.
struct GlobalOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Ports of a local cluster: N+1 to N+11 (TOCSIN_BASE_PORT, else 7100).", valueName: "n"))
  var basePort: UInt16?

  @Option(
    help: ArgumentHelp(
      "Address of alert-intake for operators, such as tcp://10.0.0.5:7111 (or TOCSIN_INTAKE; the others likewise). Of several intakes each, in the order of their numbers: repeat it, and in TOCSIN_INTAKE put spaces between them.",
      valueName: "endpoint"))
  var intake: [String] = []

  @Option(help: ArgumentHelp("Address of the scheduler (or TOCSIN_SCHEDULER).", valueName: "endpoint"))
  var scheduler: String?

  @Option(help: ArgumentHelp("Address of the escalator (or TOCSIN_ESCALATOR).", valueName: "endpoint"))
  var escalator: String?

  @Option(help: ArgumentHelp("Address of the notifier (or TOCSIN_NOTIFIER).", valueName: "endpoint"))
  var notifier: String?

  @Option(
    help: ArgumentHelp(
      "Your key: a file, with the file tiers beside it (TOCSIN_KEY_FILE).", valueName: "file"))
  var keyFile: String?

  @Option(name: .shortAndLong, help: "How to answer: table or json.")
  var output: OutputFormat = .table

  @Option(help: ArgumentHelp("How long to wait for an answer.", valueName: "span"))
  var timeout: SpanArgument = SpanArgument(span: .seconds(5))

  @Flag(help: "Show and read times in UTC instead of your time zone.")
  var utc = false

  mutating func validate() throws {
    guard timeout.span >= .milliseconds(1), timeout.span <= .minutes(10) else {
      throw ValidationError("--timeout is from 1s to 10m")
    }
    if let text = ProcessInfo.processInfo.environment["TOCSIN_BASE_PORT"], basePort == nil, UInt16(text) == nil {
      throw ValidationError("TOCSIN_BASE_PORT is a port number, not \"\(SafeText.line(text))\"")
    }
    guard intake.count <= Int(Peer.intakesAtMost) else {
      throw ValidationError("there are at most \(Peer.intakesAtMost) intakes")
    }
    guard port <= UInt16.max - 11 else { throw ValidationError("--base-port is at most 65524") }
  }

  private var port: UInt16 {
    basePort ?? ProcessInfo.processInfo.environment["TOCSIN_BASE_PORT"].flatMap { UInt16($0) } ?? 7_100
  }

  /// The option, the environment, or the place behind the base port: the first that says something.
  var endpoints: [Tier: String] {
    let given: [Tier: String?] = [.scheduler: scheduler, .escalator: escalator, .notifier: notifier]
    let environment = ProcessInfo.processInfo.environment
    func named(_ tier: Tier) -> String? { environment["TOCSIN_\(tier.variable)"].flatMap { $0.isEmpty ? nil : $0 } }
    var endpoints: [Tier: String] = [:]
    for tier in Tier.allCases {
      endpoints[tier] = (given[tier] ?? nil) ?? named(tier) ?? "tcp://127.0.0.1:\(port + tier.port)"
    }
    let intakes = intake.isEmpty ? named(.intake)?.split(separator: " ").map(String.init) ?? [] : intake
    for (index, endpoint) in intakes.enumerated() { endpoints[.intake(number: UInt32(index) + 1)] = endpoint }
    return endpoints
  }

  var cluster: Cluster { Cluster(endpoints: endpoints, timeout: timeout.span, key: givenKey) }

  private var givenKey: String? {
    keyFile ?? ProcessInfo.processInfo.environment["TOCSIN_KEY_FILE"].flatMap { $0.isEmpty ? nil : $0 }
  }
  /// Where one's own key is.
  var keyFolder: String? { givenKey.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } }
  var times: Times { Times(isUTC: utc) }
}

/// Tables for people, JSON for scripts.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case table, json
}
