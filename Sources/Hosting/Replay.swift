import Logging
import Machinery
import Messages
import SQLiteJournal

/// Folds a tier's state from its newest checkpoint and the rows after it.
enum Replay {
  /// - Returns: the checkpoint's head, so that rows up to it need not be verified again.
  @discardableResult
  static func fold<Rules, Ticket>(
    into engine: Engine<Rules, Ticket>, from directory: String, through: UInt64 = .max,
    checkpoint: CheckpointFile.Content? = nil, reader: SQLiteJournalReader, log: Logger
  ) throws -> UInt64 {
    let checkpoint = checkpoint ?? CheckpointFile.newest(in: directory) { log.error("\($0)") }
    if let checkpoint, checkpoint.head.sequence <= through {
      for body in checkpoint.bodies { try engine.replay(body, sequence: nil) }
      engine.continueAfter(checkpoint.head.sequence)
    }
    while engine.decidedThrough < through {
      let limit = Int(min(10_000, through - engine.decidedThrough))
      let rows = try reader.rows(after: engine.decidedThrough, limit: limit)
      if rows.isEmpty { break }
      for stored in rows {
        do {
          try engine.replay(stored.row.body, sequence: stored.sequence)
        } catch {
          throw HostFailure(
            "row \(stored.sequence) can't be read: \(error); \(try reader.writer) wrote here, this is version \(tocsinVersion)"
          )
        }
      }
    }
    return engine.decidedThrough
  }
}
