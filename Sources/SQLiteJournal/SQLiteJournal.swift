import CSQLite
import Glibc
import Machinery
import Messages

/// A journal in one SQLite file: WAL, `synchronous=FULL`, a CRC and a hash chain over the rows.
///
/// Exactly one connection writes and checkpoints (Debian's SQLite 3.40.1 has the WAL-reset bug, which needs two), and a lock
/// file keeps a second process out. Readers open the file read-only (`SQLiteJournalReader`).
public final class SQLiteJournal: Journal {
  static let applicationID: Int64 = 0x746f_6373  // "tocs"
  static let format: Int64 = 1
  /// The write-ahead log is folded back whenever it has grown by so many pages of 4 KiB: often, because appending waits
  /// for it, and 4 MiB take some 10 ms.
  static let checkpointPages: Int32 = 1_024
  /// The same on a full disk: a log that begins anew needs no more of the reserve, which then holds some thousands of answers more.
  static let checkpointPagesWhenFull: Int32 = 64
  static let quickCheckBytes: Int64 = 256 * 1_024 * 1_024

  public private(set) var head = JournalHead.empty
  public let path: String
  /// Whether rows were lost before this opening: somebody has accepted that, or has restored a backup.
  public private(set) var hasLostRows = false
  /// Whether this is the first opening after a backup was restored.
  public private(set) var isRestored = false
  /// When the last row was written that is there.
  public private(set) var lastRowAt: Instant?
  private let lock: LockFile
  let connection: Connection
  private let insert: Statement
  let begin: Statement
  private let commit: Statement
  private let ballast: Ballast?
  /// How many pages the write-ahead log had when it was last folded back.
  private var pagesAtCheckpoint: Int32 = 0

  /// - Parameters:
  ///   - directory: made if missing, for its owner only.
  ///   - verifiedThrough: rows up to here are covered by a checkpoint and need not be verified again.
  ///   - acceptsLoss: go on although the file ends before rows that were committed (an operator has seen that).
  /// - Throws: a full disk only after the reserve has been given up.
  public init(
    directory: String, verifiedThrough: JournalHead = .empty, acceptsLoss: Bool = false, keepsBallast: Bool = true
  ) throws(JournalFailure) {
    try Folder.prepare(directory)
    path = "\(directory)/journal.db"
    lock = try LockFile("\(directory)/journal.lock")
    let reserve = Ballast(directory: directory)
    connection = try reserve.spent { () throws(JournalFailure) in try Self.open("\(directory)/journal.db") }
    begin = try connection.prepare("BEGIN IMMEDIATE")
    commit = try connection.prepare("COMMIT")
    insert = try connection.prepare("INSERT INTO record(seq, at, kind, body, crc, chain) VALUES(?, ?, ?, ?, ?, ?)")
    ballast = keepsBallast ? reserve : nil
    ballast?.restore()
    head = try RowReader(connection).verify(after: verifiedThrough)
    lastRowAt = try Self.lastRowAt(connection)
    isRestored = try RestoredMark.isOn(connection)
    hasLostRows = isRestored || head.sequence < lock.noted
    guard head.sequence >= lock.noted || acceptsLoss else {
      throw .damaged(
        sequence: head.sequence + 1,
        "\(path) ends at row \(head.sequence), but row \(lock.noted) was committed: rows are lost. Restore a backup, or go on without them with --accept-loss"
      )
    }
    // An earlier process may have ended because a flush failed, and the kernel then calls its pages clean: what is folded
    // back and flushed now is on disk whatever became of them.
    do throws(JournalFailure) {
      try checkpointWriteAheadLog(force: true)
    } catch .full {
      _ = ballast?.release()
    }
  }

  /// Of SQLite itself.
  public static var libraryVersion: String { String(cString: sqlite3_libversion()) }

  /// Which program wrote last, for those who find rows that they don't know.
  public var writer: String {
    get throws(JournalFailure) { try RowReader(connection).writer }
  }

  /// The program that writes from now on. Not before it has read what is there: the name of a newer one is what an older
  /// one must report.
  public func claim(version: String) throws(JournalFailure) {
    guard try connection.text("SELECT value FROM meta WHERE name='version'") != version else { return }
    let writer = try connection.prepare("INSERT OR REPLACE INTO meta(name, value) VALUES('version', ?)")
    writer.bind(1, version)
    _ = try writer.step()
  }

  public func append(_ rows: [Row]) throws(JournalFailure) {
    guard !rows.isEmpty else { return }
    var next = head
    do throws(JournalFailure) {
      _ = try begin.step()
      for row in rows {
        next = JournalHead(
          sequence: next.sequence + 1, chain: next.chain.followed(by: row, sequence: next.sequence + 1))
        try write(row, next)
      }
      // The start that skips what the lost rows may have used is on disk with it.
      if isRestored { try RestoredMark.remove(connection) }
      _ = try commit.step()
    } catch {
      if connection.isInTransaction { try? connection.run("ROLLBACK") }
      throw error
    }
    head = next
    isRestored = false
    lock.note(next.sequence)
  }

  public func rows(after sequence: UInt64, limit: Int) throws(JournalFailure) -> [StoredRow] {
    try RowReader(connection).rows(after: sequence, limit: limit)
  }

  /// Folds the write-ahead log back into the file when it has grown. Blocks this owner, nobody else. What counts is what
  /// was added since the last time: the file itself does not shrink when the log begins anew.
  public func checkpointWriteAheadLog(force: Bool = false) throws(JournalFailure) {
    if connection.pagesInLog < pagesAtCheckpoint { pagesAtCheckpoint = 0 }
    let most = ballast?.isDrawnOn == true ? Self.checkpointPagesWhenFull : Self.checkpointPages
    guard force || connection.pagesInLog - pagesAtCheckpoint >= most else { return }
    var pages: Int32 = 0
    let code = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_PASSIVE, &pages, nil)
    if code != SQLITE_OK, code != SQLITE_BUSY { throw connection.failure(code, "wal_checkpoint") }
    pagesAtCheckpoint = max(0, pages)
  }

  /// Gives up a portion of the reserve, so that a full disk can take a little more.
  ///
  /// - Returns: whether there was one.
  public func giveUpReserve() -> Bool { ballast?.release() ?? false }

  /// Bytes of the disk that are the reserve's although they are free.
  public var reserveGivenUp: UInt64 { ballast?.givenUp ?? 0 }

  /// Makes the reserve whole again once there is room.
  public func restoreReserve() {
    ballast?.restore()
  }

  /// Within a transaction.
  func write(_ row: Row, _ place: JournalHead) throws(JournalFailure) {
    insert.bind(1, Int64(place.sequence))
    insert.bind(2, row.at.milliseconds)
    insert.bind(3, Int64(row.kind.rawValue))
    insert.bind(5, Int64(CRC32C.checksum(row.body)))
    let result: Result<Void, JournalFailure> = row.body.withUnsafeBytes { body in
      place.chain.bytes.withUnsafeBytes { chain in
        insert.bind(4, lending: body)
        insert.bind(6, lending: chain)
        do throws(JournalFailure) {
          return .success(_ = try insert.step())
        } catch {
          return .failure(error)
        }
      }
    }
    try result.get()
  }

  // MARK: Opening

  private static func open(_ path: String) throws(JournalFailure) -> Connection {
    let connection = try Connection(path)
    chmod(path, 0o600)
    try configure(connection)
    try createTables(connection)
    try check(connection, path)
    return connection
  }

  private static func configure(_ connection: Connection) throws(JournalFailure) {
    guard try connection.text("PRAGMA journal_mode=WAL") == "wal" else {
      throw .broken("\(connection.path): the file system can't do write-ahead logging")
    }
    try connection.run("PRAGMA synchronous=FULL")
    guard try connection.number("PRAGMA synchronous") == 2 else {
      throw .broken("\(connection.path): synchronous=FULL was not taken")
    }
    try connection.run("PRAGMA wal_autocheckpoint=0")
    connection.countPagesInLog()
    try connection.run("PRAGMA journal_size_limit=67108864")
    try connection.run("PRAGMA cache_size=-16384")
  }

  static func lastRowAt(_ connection: Connection) throws(JournalFailure) -> Instant? {
    let statement = try connection.prepare("SELECT at FROM record ORDER BY seq DESC LIMIT 1")
    return try statement.step() ? Instant(milliseconds: statement.int(0)) : nil
  }

  static func createTables(_ connection: Connection) throws(JournalFailure) {
    let application = try connection.number("PRAGMA application_id")
    guard application == 0 || application == applicationID else {
      throw .damaged(sequence: 0, "\(connection.path) is not a journal of Tocsin")
    }
    if application == 0 { try connection.run("PRAGMA application_id=\(applicationID)") }
    try connection.run(
      """
      CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS record(
        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL,
        chain BLOB NOT NULL);
      INSERT OR IGNORE INTO meta(name, value) VALUES('format', '\(format)');
      """)
    let found = try connection.number("SELECT CAST(value AS INTEGER) FROM meta WHERE name='format'")
    guard found <= format else {
      throw .tooNew(
        "\(connection.path) has format \(found), written by \(try RowReader(connection).writer); this program knows \(format)"
      )
    }
  }

  private static func check(_ connection: Connection, _ path: String) throws(JournalFailure) {
    var status = stat()
    guard stat(path, &status) == 0, Int64(status.st_size) < quickCheckBytes else { return }
    let verdict = try connection.text("PRAGMA quick_check(1)")
    guard verdict == "ok" else { throw .damaged(sequence: 0, "\(path): \(verdict)") }
  }
}
