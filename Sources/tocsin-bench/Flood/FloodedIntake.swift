import Bus
import Messages
import Wire

/// The real alert-intake in a directory of its own, with a rate limit.
final class FloodedIntake {
  private let place: Place
  private let process: ChildProcess
  let endpoint: String

  init(_ tiers: TierOptions) throws {
    place = try Place(in: tiers.on)
    endpoint = "tcp://127.0.0.1:\(try Place.freePort())"
    process = try ChildProcess(
      tiers.executable("alert-intake"),
      ["--insecure-loopback", "--listen", endpoint, "--data", "\(place.directory)/intake", "--log-level", "warning"],
      log: "\(place.directory)/intake.log")
  }

  func connection() throws -> Connection {
    try Connection(on: PollThread(name: "source"), endpoint: endpoint)
  }

  /// As compose/config has it.
  func configured() async throws -> Connection {
    let connection = try connection()
    _ = try await connection.serving(since: PollThread.now())
    let configuration = IntakeConfiguration(
      defaultTeam: "platform", defaultPolicy: "platform", rateLimit: RateLimit(perSecond: 1_000, burst: 10_000))
    _ = try await connection.call(IntakeMethods.configure, configuration, timeout: .seconds(10))
    return connection
  }

  func end() {
    process.kill()
    place.remove()
  }
}
