import Bus
import Foundation
import Machinery
import Messages
import SQLiteJournal

/// The real escalator, started on the state of another.
struct RestartedEscalator {
  private let tiers: TierOptions
  /// Rows after the checkpoint.
  private static let tail = 10_000

  init(_ tiers: TierOptions) {
    self.tiers = tiers
  }

  /// Seconds from the start of the process to its first SERVING.
  func restart(_ escalator: BenchEscalator) async throws -> Double {
    let place = try Place(in: tiers.on)
    defer { place.remove() }
    let data = "\(place.directory)/escalator"
    try Self.write(escalator, to: data, tailOfNews: true)
    let endpoint = "tcp://127.0.0.1:\(try Place.freePort())"
    let connection = try Connection(on: PollThread(name: "waiting"), endpoint: endpoint)
    let began = PollThread.now()
    let process = try ChildProcess(
      tiers.executable("escalator"), ["--insecure-loopback", "--listen", endpoint, "--data", data],
      log: "\(place.directory)/log")
    defer { process.kill() }
    return try await connection.serving(since: began)
  }

  /// A checkpoint of everything, and a journal that goes on after it.
  ///
  /// - Parameter tailOfNews: its rows tell of the incidents, as in ordinary life; otherwise they are probes, which change nothing.
  static func write(_ escalator: BenchEscalator, to data: String, tailOfNews: Bool = false) throws {
    let journal = try SQLiteJournal(directory: data, keepsBallast: false)
    let engine = escalator.engine
    engine.probe(Probed(wallAt: escalator.now), at: escalator.now)
    try journal.append(engine.takeBatch())
    let bodies = engine.condensed(at: escalator.now).map(escalator.tier.codec.encode)
    try CheckpointFile.write(.init(head: journal.head, bodies: bodies), in: data)
    if tailOfNews {
      let rows = escalator.rows(tail)
      guard rows.count == tail else { throw BenchFailure("all that news made only \(rows.count) of \(tail) rows") }
      for start in stride(from: 0, to: rows.count, by: 100) {
        try journal.append(Array(rows[start..<min(start + 100, rows.count)]))
      }
      return
    }
    for _ in 0..<tail / 100 {
      for _ in 0..<100 { engine.probe(Probed(wallAt: escalator.now), at: escalator.now) }
      try journal.append(engine.takeBatch())
    }
  }
}
