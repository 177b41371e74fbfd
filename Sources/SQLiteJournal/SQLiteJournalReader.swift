import Machinery

/// Reads a journal that somebody else writes: a page of rows at a time, each in a short transaction of its own, so that the
/// write-ahead log is never pinned.
public final class SQLiteJournalReader {
  let connection: Connection

  public init(directory: String) throws(JournalFailure) {
    connection = try Connection("\(directory)/journal.db", readOnly: true)
  }

  /// Verified rows after a sequence number, at most `limit` and with bodies of at most so many bytes; the first comes whatever
  /// its size.
  public func rows(
    after sequence: UInt64, limit: Int, bytesAtMost: Int = .max
  ) throws(JournalFailure) -> [StoredRow] {
    try RowReader(connection).rows(after: sequence, limit: limit, bytesAtMost: bytesAtMost)
  }

  /// Which program wrote last.
  public var writer: String {
    get throws(JournalFailure) { try RowReader(connection).writer }
  }

  /// The chain's hash at a row.
  public func head(at sequence: UInt64) throws(JournalFailure) -> JournalHead? {
    guard sequence > 0 else { return .empty }
    let statement = try connection.prepare("SELECT chain FROM record WHERE seq=?")
    statement.bind(1, Int64(clamping: sequence))
    return try statement.step() ? JournalHead(sequence: sequence, chain: ChainHash(bytes: statement.bytes(0))) : nil
  }
}
