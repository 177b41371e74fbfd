import Foundation

/// The real gateway before the real alert-intake, with keys as they are shipped, and one source that may send.
final class EdgeGateway {
  let key: String
  let url: String
  private var intake: ChildProcess
  private let startIntake: () throws -> ChildProcess
  private let gateway: ChildProcess
  private let metrics: UInt16
  private let metricsOfIntake: UInt16

  init(_ tiers: TierOptions, in place: Place) throws {
    let (keys, folder) = ("\(place.directory)/keys", "\(place.directory)/gateway")
    let control = tiers.executable("tocsinctl")
    try ChildProcess.run(control, ["keys", "init", "--keys", keys])
    try ChildProcess.run(control, ["keys", "integration", "bench", "--keys", keys, "--to", folder])
    let lines = try String(contentsOfFile: "\(folder)/bench.http-key", encoding: .utf8).split(separator: "\n")
    key = lines.first { !$0.hasPrefix("#") }.map { String($0) } ?? ""
    let (endpoint, sources) = (try Place.freePort(), try Place.freePort())
    let figures = try Place.freePort()
    metricsOfIntake = figures
    startIntake = {
      try ChildProcess(
        tiers.executable("alert-intake"),
        [
          "--keys", keys, "--listen", "tcp://127.0.0.1:\(endpoint)", "--listen-sources", "tcp://127.0.0.1:\(sources)",
          "--data", "\(place.directory)/intake", "--metrics", "127.0.0.1:\(figures)", "--log-level", "warning",
        ], log: "\(place.directory)/intake.log")
    }
    intake = try startIntake()
    let port = try Place.freePort()
    metrics = try Place.freePort()
    url = "http://127.0.0.1:\(port)"
    gateway = try ChildProcess(
      tiers.executable("gateway"),
      [
        "--listen", "127.0.0.1:\(port)", "--intake", "tcp://127.0.0.1:\(sources)", "--integrations", folder,
        "--metrics", "127.0.0.1:\(metrics)", "--log-level", "warning",
      ], log: "\(place.directory)/gateway.log")
    for _ in 0..<200 {
      if (try? Self.get("\(url)/-/ready")) != nil { return }
      usleep(50_000)
    }
    let said = (try? String(contentsOfFile: "\(place.directory)/gateway.log", encoding: .utf8)) ?? ""
    end()
    throw BenchFailure("the gateway is not ready: \(said)")
  }

  func end() {
    gateway.kill()
    intake.kill()
  }

  /// How many events intake has on disk, by the gateway's account.
  func eventsTaken() throws -> Int {
    let text = try Self.get("http://127.0.0.1:\(metrics)/metrics")
    return text.split(separator: "\n").filter { $0.hasPrefix("tocsin_gateway_events_total{") }
      .reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? 0) }
  }

  /// Kills intake and starts it again: what is open there then, by its own account.
  func openAfterAKill() throws -> Int {
    intake.kill()
    intake = try startIntake()
    for _ in 0..<1_200 {
      if let text = try? Self.get("http://127.0.0.1:\(metricsOfIntake)/metrics"),
        let line = text.split(separator: "\n").first(where: {
          $0.hasPrefix("tocsin_open{") || $0.hasPrefix("tocsin_open ")
        }),
        let open = line.split(separator: " ").last.flatMap({ Double($0) })
      {
        return Int(open)
      }
      usleep(50_000)
    }
    throw BenchFailure("alert-intake is not back within a minute after it was killed")
  }

  private static func get(_ url: String) throws -> String {
    let process = Process()
    let words = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["curl", "-sf", "--max-time", "5", url]
    process.standardOutput = words
    try process.run()
    let said = words.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw BenchFailure("\(url) does not answer") }
    return String(decoding: said, as: UTF8.self)
  }
}
