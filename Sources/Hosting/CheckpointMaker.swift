import Bus
import Logging
import Machinery
import Messages
import SQLiteJournal
import Synchronization
import Tiers

/// Writes checkpoints beside the loop: it folds the last checkpoint and the rows since into a machine of its own, so that the
/// loop neither stops nor copies anything. It gives way to the loop, unless the one before took so long that rows pile up.
///
/// Making one costs as much as there is in it, so the next waits for as many rows: what a row costs then doesn't grow with
/// what is open, and a restart folds at most twice what is open.
final class CheckpointMaker<Rules: Machine>: @unchecked Sendable {
  // Sendable because `last` is touched on the loop only, and there is one thread at a time.

  private let tier: Tier<Rules>
  private let directory: String
  private let every: UInt64
  private let log: Logger
  private var last: UInt64
  /// How many rows after the last one make the next; `.max` while one is being made.
  private let pause: Atomic<UInt64>

  /// - Parameters:
  ///   - every: at least so many rows lie between two checkpoints.
  ///   - last: the newest one there is.
  init(_ tier: Tier<Rules>, directory: String, every: UInt64, last: Checkpoint?, log: Logger) {
    self.tier = tier
    self.directory = directory
    self.every = every
    self.last = last?.head.sequence ?? 0
    self.log = log
    pause = Atomic(max(every, UInt64(last?.count ?? 0)))
  }

  /// Called on the loop when rows became durable.
  ///
  /// - Parameter isScarce: the disk is nearly full, which may last: then only so often that a restart doesn't take for ever.
  func consider(through sequence: UInt64, isScarce: Bool, at now: Instant) {
    let pause = pause.load(ordering: .relaxed)
    guard pause != .max, sequence >= last + (isScarce ? 8 * pause : pause) else { return }
    let isBehind = sequence >= last + 2 * pause
    last = sequence
    self.pause.store(.max, ordering: .relaxed)
    let began = detachThread(named: "checkpoint", givesWay: !isBehind) { [self] in
      var next = pause
      do {
        next = max(every, try write(through: sequence, givesWay: !isBehind, at: now))
      } catch {
        log.error("no checkpoint: \(error)")
      }
      self.pause.store(next, ordering: .relaxed)
    }
    guard !began else { return }
    log.error("no checkpoint: the system has no thread for it")
    self.pause.store(pause, ordering: .relaxed)
  }

  /// - Returns: how many entries it has.
  private func write(through sequence: UInt64, givesWay: Bool, at now: Instant) throws -> UInt64 {
    let erasures = tier.contactKeys?.erasures
    let engine = tier.makeEngine(ticket: Never.self)
    let reader = try SQLiteJournalReader(directory: directory)
    let last = CheckpointFile.newest(in: directory) { log.error("\($0)") }
    try Replay.fold(into: engine, from: last, through: sequence, reader: reader, givesWay: givesWay)
    guard let head = try reader.head(at: sequence) else { return 0 }
    let bodies = engine.condensed(at: now).map(tier.codec.encode)
    guard tier.contactKeys?.erasures == erasures else {
      throw HostFailure("somebody was erased meanwhile; the next one comes as soon")
    }
    try tier.contactKeys?.keep()
    try CheckpointFile.write(.init(head: head, bodies: bodies), in: directory)
    log.info("checkpoint at row \(sequence): \(bodies.count) entries")
    return UInt64(bodies.count)
  }
}
