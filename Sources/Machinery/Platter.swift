import Messages

/// What a disk holds of a `MemoryJournal`: rows with their CRC and chain, and where each batch ended. A value, so that a
/// crash can take away what was not flushed and a test can keep a copy.
public struct Platter: Sendable {
  private struct Kept: Sendable {
    var row: Row
    var checksum: UInt32
    var chain: ChainHash
  }
  private var kept: [Kept] = []
  /// How many rows there were after each batch.
  public private(set) var batchEnds: [Int] = []
  /// How many rows were said to be durable: kept beside the rows, as the lock file of the journal on disk does.
  private(set) var noted = 0

  public init() {}

  public var head: JournalHead { head(afterBatches: batchEnds.count) }

  func head(afterBatches count: Int) -> JournalHead {
    let rows = count == 0 ? 0 : batchEnds[count - 1]
    return rows == 0 ? .empty : JournalHead(sequence: UInt64(rows), chain: kept[rows - 1].chain)
  }

  /// How many rows that were said to be durable are gone. While there are any, a tier must not start by itself.
  public var lostRows: Int { max(0, noted - kept.count) }

  /// Somebody knows of the loss and goes on without those rows.
  public mutating func acceptLoss() { noted = min(noted, kept.count) }

  mutating func note(flushedBatches count: Int) { noted = max(noted, count == 0 ? 0 : batchEnds[count - 1]) }

  mutating func append(_ rows: [Row]) {
    for row in rows {
      let chain = (kept.last?.chain ?? .genesis).followed(by: row, sequence: UInt64(kept.count + 1))
      kept.append(Kept(row: row, checksum: CRC32C.checksum(row.body), chain: chain))
    }
    batchEnds.append(kept.count)
  }

  mutating func keepBatches(_ count: Int) {
    batchEnds.removeLast(batchEnds.count - count)
    kept.removeLast(kept.count - (batchEnds.last ?? 0))
  }

  func rows(after sequence: UInt64, through: UInt64, limit: Int) throws(JournalFailure) -> [StoredRow] {
    var found: [StoredRow] = []
    var number = Int(sequence)
    while number < Int(through), found.count < limit {
      let one = kept[number]
      let chain = (number == 0 ? ChainHash.genesis : kept[number - 1].chain)
        .followed(by: one.row, sequence: UInt64(number + 1))
      guard CRC32C.checksum(one.row.body) == one.checksum, chain == one.chain else {
        throw .damaged(sequence: UInt64(number + 1), "row \(number + 1) is not what was written")
      }
      found.append(StoredRow(sequence: UInt64(number + 1), row: one.row))
      number += 1
    }
    return found
  }
}
