import Machinery
import Messages
import Processes
import SQLiteJournal

/// Folds a tier's state from its newest checkpoint and the rows after it. Reading and decoding happen on a thread of their own,
/// some chunks ahead of the folding: a restart then takes the longer of the two, not their sum.
enum Replay {
  private static var chunk: Int { 2_048 }

  /// - Parameters:
  ///   - newest: the newest checkpoint; passed over when it goes beyond `through`.
  ///   - givesWay: nobody waits for it.
  static func fold<Rules, Ticket>(
    into engine: Engine<Rules, Ticket>, from newest: Checkpoint?, through: UInt64 = .max, reader: SQLiteJournalReader,
    givesWay: Bool = false
  ) throws {
    let checkpoint = newest.flatMap { $0.head.sequence <= through ? $0 : nil }
    let begin = checkpoint?.head.sequence ?? engine.decidedThrough
    let decode = engine.codec.decode
    let entries = ReadAhead<(Entry<Rules.Fact>, UInt64?)>(givesWay: givesWay) { ahead in
      var chunk: [(Entry<Rules.Fact>, UInt64?)] = []
      func add(_ entry: Entry<Rules.Fact>, _ sequence: UInt64?) {
        chunk.append((entry, sequence))
        guard chunk.count == Self.chunk else { return }
        ahead(chunk)
        chunk.removeAll(keepingCapacity: true)
      }
      try checkpoint?.forEach { add(try decode($0), nil) }
      var last = begin
      while last < through {
        let rows = try reader.rows(
          after: last, limit: Int(min(10_000, through - last)), bytesAtMost: 8 * 1_024 * 1_024)
        guard let end = rows.last else { break }
        for stored in rows {
          do {
            add(try decode(stored.row.body), stored.sequence)
          } catch {
            throw HostFailure(
              "row \(stored.sequence) can't be read: \(error); \(try reader.writer) wrote here, this is version \(tocsinVersion)"
            )
          }
        }
        last = end.sequence
      }
      ahead(chunk)
    }
    engine.continueAfter(begin)
    try entries.forEach { entry, sequence in engine.replay(entry, sequence: sequence) }
  }
}
