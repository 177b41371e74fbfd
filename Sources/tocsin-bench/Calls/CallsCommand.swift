import ArgumentParser
import Bus
import CFloors
import Messages

/// `calls`: what a call between two processes costs.
struct CallsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calls",
    abstract: "Unary echo between two processes, async on both sides, against libzmq and protobuf-c in C.",
    discussion: """
      "on the loop" are tasks that prefer the client's own executor; "anywhere" are tasks of the concurrent pool, whose
      every call crosses threads twice.
      """)
  @Option(help: "Calls in flight.") var inFlight: [Int] = [1, 16, 64, 256]
  @Option(help: "Bytes of payload each way.") var payload = 256
  @Option(help: "Rounds, each of floor and ours.") var rounds = 5
  @Option(help: "Seconds that one measurement takes, roughly.") var seconds = 1.0
  @Option(help: "Instead: start so many calls at once from one client, and wait for all.") var burst: [Int] = []
  @Option(help: "Measure only this shape, without the floor: on-the-loop or anywhere; for profiles.") var only:
    CallLoad.Shape?
  @OptionGroup var report: ReportOptions

  func run() async throws {
    try report.tell(await measure())
  }

  func measure() async throws -> Report {
    let echo = try ChildProcess.again(["serve-echo"])
    defer { echo.kill() }
    let connection = try Connection(on: PollThread(name: "caller"), endpoint: try echo.firstLine())
    var report = Report()
    for count in burst {
      let took = try await CallLoad(connection, payload).burst(of: count)
      report.add(Figure(name: "\(count) calls at once, all answered", value: took * 1_000, unit: "ms"))
    }
    guard burst.isEmpty else { return report }
    let floorEndpoint = "tcp://127.0.0.1:\(try Place.freePort())"
    let floor = try ChildProcess.again(["serve-floor-calls", floorEndpoint])
    defer { floor.kill() }
    for count in inFlight { try await measure(count, CallLoad(connection, payload), floorEndpoint, &report) }
    return report
  }

  private func measure(_ inFlight: Int, _ load: CallLoad, _ floor: String, _ report: inout Report) async throws {
    var runs: [CallLoad.Shape: [CallRun]] = [:]
    for round in 0...rounds {
      for shape in only.map({ [$0] }) ?? CallLoad.Shape.allCases {
        let calls = Int(Double(shape.guess(inFlight)) * (round == 0 ? 0.2 : seconds))
        let run = try await load.run(shape, inFlight: inFlight, calls: calls, floor: floor)
        if round > 0 { runs[shape, default: []].append(run) }
      }
    }
    let floor = CallRun.medians(runs[.floor] ?? [])
    for shape in [CallLoad.Shape.onTheLoop, .anywhere] {
      guard let runs = runs[shape] else { continue }
      let ours = CallRun.medians(runs)
      let name = "\(inFlight) in flight, \(shape.rawValue)"
      report.add(
        Figure(name: "\(name): rate", value: ours.rate, unit: "calls/s", floor: floor.rate, target: Self.rate(inFlight))
      )
      report.add(
        Figure(
          name: "\(name): p50", value: ours.p50, unit: "us", floor: floor.p50,
          target: inFlight == 1 ? .ratioAtMost(1.7) : .none))
      report.add(Figure(name: "\(name): p99", value: ours.p99, unit: "us", floor: floor.p99))
    }
  }

  private static func rate(_ inFlight: Int) -> Figure.Target {
    switch inFlight {
    case 64: .ratioAtLeast(0.55)
    case 256: .ratioAtLeast(0.6)
    default: .none
    }
  }
}
