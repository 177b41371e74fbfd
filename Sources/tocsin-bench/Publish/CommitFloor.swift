import CFloors

/// SQLite's group commit behind a socket, in a process of its own.
final class CommitFloor {
  private let place: Place
  private let process: ChildProcess
  private let port: Int32
  private let requestBytes: Int

  init(in parent: String, requestBytes: Int, bodyBytes: Int) throws {
    place = try Place(in: parent)
    self.requestBytes = requestBytes
    process = try ChildProcess.again([
      "serve-floor-commits", "\(place.directory)/floor.db", String(requestBytes), String(bodyBytes),
    ])
    guard let port = Int32(try process.firstLine()) else { throw BenchFailure("the floor names no port") }
    self.port = port
  }

  func publish(_ connections: Int32, _ inFlight: Int32, _ count: Int32) throws -> PublishRun {
    var latencies = [UInt64](repeating: 0, count: Int(count))
    let took = floor_make_commits(port, connections, inFlight, count, Int32(requestBytes), &latencies)
    guard took > 0 else { throw BenchFailure("the floor's commits failed") }
    return PublishRun(latencies, took: took)
  }

  func end() {
    process.kill()
    place.remove()
  }
}
