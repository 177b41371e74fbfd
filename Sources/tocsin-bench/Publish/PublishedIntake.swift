import CFloors
import Messages
import Wire

/// The real alert-intake in a directory of its own, and events for it.
final class PublishedIntake {
  private let place: Place
  private let process: ChildProcess
  private let endpoint: String
  private var event: [UInt8]
  private let numberAt: Int
  private var published: UInt64 = 0

  init(_ tiers: TierOptions) throws {
    place = try Place(in: tiers.on)
    endpoint = "tcp://127.0.0.1:\(try Place.freePort())"
    process = try ChildProcess(
      tiers.executable("alert-intake"),
      ["--listen", endpoint, "--data", "\(place.directory)/intake", "--log-level", "warning"],
      log: "\(place.directory)/intake.log")
    (event, numberAt) = Self.makeEvent()
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

  /// About 400 bytes on the wire, as alerts are.
  private static func makeEvent() -> ([UInt8], Int) {
    let number = "000000000000"
    let event = Event(
      action: .trigger, source: "prometheus", dedupKey: "bench/\(number)", severity: .sev2,
      summary: "5xx of aion-web-api above 2 % for five minutes", alertClass: "high_error_rate",
      service: "aion-web-api",
      labels: [
        Label(name: "namespace", value: "aion-production"), Label(name: "pod", value: "aion-web-api-7c9d8b5f6-x2x7k"),
        Label(name: "region", value: "eu-central-1"), Label(name: "job", value: "aion-web-api"),
        Label(name: "prometheus", value: "monitoring/k8s"),
      ],
      details: "The rate of answers with status 5xx has been above the threshold for five minutes.",
      occurredAt: Instant(milliseconds: 1_800_000_000_000))
    let bytes = event.encoded()
    let digits = Array(number.utf8)
    let place = bytes.indices.first { bytes[$0...].starts(with: digits) }
    guard let place else { preconditionFailure("the event holds no number") }
    return (bytes, place)
  }
}
