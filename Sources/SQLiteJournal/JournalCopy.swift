import Glibc
import Machinery
import Messages

/// A journal's copy in a backup: the same rows, chained anew as they arrive, so that a copy which ends with the tier's own hash
/// is the tier's own journal.
///
/// One file that nothing else belongs to (no write-ahead log), so it can be moved and archived as it is.
public final class JournalCopy {
  public private(set) var head: JournalHead
  private let connection: Connection
  private let insert: Statement

  /// Opens a copy to go on with it, or begins one. What is there is verified from the first row on.
  ///
  /// - Parameter directory: made if missing, for its owner only.
  public init(directory: String) throws(JournalFailure) {
    try Folder.prepare(directory)
    let path = Self.path(in: directory)
    connection = try Connection(path)
    chmod(path, 0o600)
    guard try connection.text("PRAGMA journal_mode=DELETE") == "delete" else {
      throw .locked("\(path) is in use")
    }
    try connection.run("PRAGMA synchronous=FULL")
    try SQLiteJournal.createTables(connection)
    insert = try connection.prepare("INSERT INTO record(seq, at, kind, body, crc, chain) VALUES(?, ?, ?, ?, ?, ?)")
    head = try RowReader(connection).verify(after: .empty)
  }

  /// Rows that follow the head, all of them or none.
  public func append(_ rows: [Row], writtenBy version: String) throws(JournalFailure) {
    var next = head
    try connection.run("BEGIN IMMEDIATE")
    do throws(JournalFailure) {
      for row in rows {
        next = JournalHead(
          sequence: next.sequence + 1, chain: next.chain.followed(by: row, sequence: next.sequence + 1))
        insert.bind(1, Int64(next.sequence))
        insert.bind(2, row.at.milliseconds)
        insert.bind(3, Int64(row.kind.rawValue))
        insert.bind(4, row.body)
        insert.bind(5, Int64(CRC32C.checksum(row.body)))
        insert.bind(6, next.chain.bytes)
        _ = try insert.step()
      }
      let writer = try connection.prepare("INSERT OR REPLACE INTO meta(name, value) VALUES('version', ?)")
      writer.bind(1, version)
      _ = try writer.step()
      try connection.run("COMMIT")
    } catch {
      if connection.isInTransaction { try? connection.run("ROLLBACK") }
      throw error
    }
    head = next
  }

  /// What a copy holds, every row and the whole file verified; nothing is changed but what a backup that was cut short had begun to
  /// write.
  public struct Content: Sendable {
    public var head: JournalHead
    public var lastRowAt: Instant
    /// The program that wrote the rows.
    public var version: String
    /// The rows at which there is a checkpoint that is whole and of this journal.
    public var checkpoints: [UInt64]
    /// The rows at which there is one that is neither: it is done without.
    public var damagedCheckpoints: [UInt64]
  }

  /// - Parameter row: one that must be part of it, with the hash of the chain there.
  public static func verified(in directory: String, having row: JournalHead? = nil) throws(JournalFailure) -> Content {
    let path = path(in: directory)
    guard access(path, R_OK) == 0 else { throw .broken("\(path): \(String(cString: strerror(errno)))") }
    if access("\(path)-journal", F_OK) == 0 { try rollBack(path) }
    let connection = try Connection(path, readOnly: true)
    let verdict = try connection.text("PRAGMA integrity_check(1)")
    guard verdict == "ok" else { throw .damaged(sequence: 0, "\(path): \(verdict)") }
    guard try connection.number("PRAGMA application_id") == SQLiteJournal.applicationID else {
      throw .damaged(sequence: 0, "\(path) is not a journal of Tocsin")
    }
    let reader = RowReader(connection)
    let head = try reader.verify(after: .empty)
    if let row, row.sequence > 0, try reader.chain(at: row.sequence) != row.chain {
      throw .damaged(
        sequence: row.sequence,
        "\(path) is not the journal of which the manifest tells: row \(row.sequence) is another one")
    }
    var checkpoints: [UInt64] = []
    var damaged: [UInt64] = []
    for sequence in CheckpointFile.sequences(in: directory) {
      let file = CheckpointFile.path(of: sequence, in: directory)
      if let checkpoint = CheckpointFile.read(file), checkpoint.head.sequence == sequence,
        try reader.chain(at: sequence) == checkpoint.head.chain
      {
        checkpoints.append(sequence)
      } else {
        damaged.append(sequence)
      }
    }
    return Content(
      head: head, lastRowAt: try SQLiteJournal.lastRowAt(connection) ?? .unset, version: try reader.writer,
      checkpoints: checkpoints, damagedCheckpoints: damaged)
  }

  /// Whoever opens a file to read it may not undo what a killed writer had begun, and then can't read it at all.
  private static func rollBack(_ path: String) throws(JournalFailure) {
    _ = try Connection(path).number("SELECT count(*) FROM sqlite_master")
  }

  static func path(in directory: String) -> String { "\(directory)/journal.db" }
}
