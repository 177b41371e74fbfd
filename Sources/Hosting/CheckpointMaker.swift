import Dispatch
import Logging
import Machinery
import Messages
import SQLiteJournal
import Tiers

/// Writes checkpoints beside the loop: it folds the last checkpoint and the rows since into a machine of its own, so that the
/// loop neither stops nor copies anything.
final class CheckpointMaker<Rules: Machine>: @unchecked Sendable {
  // Sendable because everything but constants is touched on `queue` only, and `last` on the loop only.

  private let tier: Tier<Rules>
  private let directory: String
  private let every: UInt64
  private let log: Logger
  private let queue = DispatchQueue(label: "checkpoint", qos: .utility)
  private var last: UInt64

  init(_ tier: Tier<Rules>, directory: String, every: UInt64, last: UInt64, log: Logger) {
    self.tier = tier
    self.directory = directory
    self.every = every
    self.last = last
    self.log = log
  }

  /// Called on the loop when rows became durable.
  func consider(through sequence: UInt64, at now: Instant) {
    guard sequence >= last + every else { return }
    last = sequence
    queue.async { [self] in
      do {
        try write(through: sequence, at: now)
      } catch {
        log.error("no checkpoint: \(error)")
      }
    }
  }

  private func write(through sequence: UInt64, at now: Instant) throws {
    let engine = tier.makeEngine(ticket: Never.self)
    let reader = try SQLiteJournalReader(directory: directory)
    try Replay.fold(into: engine, from: directory, through: sequence, reader: reader, log: log)
    guard let head = try reader.head(at: sequence) else { return }
    let bodies = engine.condensed(at: now).map(tier.codec.encode)
    try CheckpointFile.write(.init(head: head, bodies: bodies), in: directory)
    log.info("checkpoint at row \(sequence): \(bodies.count) entries")
  }
}
