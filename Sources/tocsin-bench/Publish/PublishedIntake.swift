import CFloors

/// The real alert-intake in a directory of its own, and events for it.
final class PublishedIntake {
  private let place: Place
  private let process: ChildProcess
  private let endpoint: String
  private var event: [UInt8]
  private let numberAt: Int
  private var published: UInt64 = 0

  init(_ tiers: TierOptions, logLevel: String) throws {
    place = try Place(in: tiers.on)
    endpoint = "tcp://127.0.0.1:\(try Place.freePort())"
    process = try ChildProcess(
      tiers.executable("alert-intake"),
      ["--insecure-loopback", "--listen", endpoint, "--data", "\(place.directory)/intake", "--log-level", logLevel],
      log: "\(place.directory)/intake.log")
    (event, numberAt) = BenchEvent.make(source: "prometheus", severity: .sev2)
  }

  var eventBytes: Int { event.count }

  /// How large a row of what was published is.
  var meanBody: Int { Int(floor_mean_body("\(place.directory)/intake/journal.db")) }

  func publish(_ connections: Int32, _ inFlight: Int32, _ count: Int32) throws -> PublishRun {
    var latencies = [UInt64](repeating: 0, count: Int(count))
    let took = load_publishes(
      endpoint, connections, inFlight, count, &event, Int32(event.count), Int32(numberAt), published, &latencies)
    guard took > 0 else { throw BenchFailure("a publish was refused, or not answered within 10 s") }
    published += UInt64(count)
    return PublishRun(latencies, took: took)
  }

  func end() {
    process.kill()
    place.remove()
  }
}
