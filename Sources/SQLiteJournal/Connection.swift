import CSQLite
import Machinery

/// One connection to one database file, and its prepared statements.
final class Connection {
  let handle: OpaquePointer
  let path: String
  /// How long, in milliseconds, another connection's lock is waited for.
  private static let patience: Int32 = 2_000
  /// How many pages the write-ahead log has after the last commit, once they are counted.
  private(set) var pagesInLog: Int32 = 0

  init(_ path: String, readOnly: Bool = false) throws(JournalFailure) {
    self.path = path
    let flags = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, nil)
    guard code == SQLITE_OK, let handle else {
      sqlite3_close_v2(handle)
      throw .broken("\(path) can't be opened: \(String(cString: sqlite3_errstr(code)))")
    }
    self.handle = handle
    sqlite3_extended_result_codes(handle, 1)
    // A reader that meets the log's header half written takes the writer's lock for a moment, to read it again: whoever writes waits then.
    sqlite3_busy_timeout(handle, Self.patience)
    tocsin_sqlite_harden(handle)
    try run("PRAGMA trusted_schema=OFF")
    if readOnly { try run("PRAGMA query_only=ON") }
  }

  deinit {
    sqlite3_close_v2(handle)
  }

  /// Takes the place of automatic checkpoints.
  func countPagesInLog() {
    _ = sqlite3_wal_hook(
      handle,
      { connection, _, _, pages in
        Unmanaged<Connection>.fromOpaque(connection!).takeUnretainedValue().pagesInLog = pages
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  func run(_ sql: String) throws(JournalFailure) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    if code != SQLITE_OK { throw failure(code, sql) }
  }

  func prepare(_ sql: String) throws(JournalFailure) -> Statement {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw failure(code, sql) }
    return Statement(statement, of: self)
  }

  /// A pragma's or query's single number.
  func number(_ sql: String) throws(JournalFailure) -> Int64 {
    let statement = try prepare(sql)
    return try statement.step() ? statement.int(0) : 0
  }

  func text(_ sql: String) throws(JournalFailure) -> String {
    let statement = try prepare(sql)
    return try statement.step() ? statement.text(0) : ""
  }

  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  func failure(_ code: Int32, _ doing: String) -> JournalFailure {
    let words = "\(path): \(String(cString: sqlite3_errmsg(handle))) (\(code)) at \(doing)"
    switch code & 0xff {
    case SQLITE_FULL: return .full(words)
    case SQLITE_BUSY, SQLITE_LOCKED: return .locked(words)
    case SQLITE_CORRUPT, SQLITE_NOTADB: return .damaged(sequence: 0, words)
    default: return .broken(words)
    }
  }
}

/// A prepared statement, used again and again.
final class Statement {
  private let handle: OpaquePointer
  private unowned let connection: Connection

  init(_ handle: OpaquePointer, of connection: Connection) {
    self.handle = handle
    self.connection = connection
  }

  deinit {
    sqlite3_finalize(handle)
  }

  func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }

  func bind(_ index: Int32, _ text: String) {
    sqlite3_bind_text(handle, index, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
  }

  /// Binds without a copy: the bytes must live until the statement has been stepped.
  func bind(_ index: Int32, lending bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, bytes.count > 0 else {
      sqlite3_bind_zeroblob(handle, index, 0)
      return
    }
    sqlite3_bind_blob(handle, index, base, Int32(bytes.count), nil)
  }

  func bind(_ index: Int32, _ bytes: [UInt8]) {
    bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress, buffer.count > 0 else {
        sqlite3_bind_zeroblob(handle, index, 0)
        return
      }
      sqlite3_bind_blob(handle, index, base, Int32(buffer.count), unsafeBitCast(-1, to: sqlite3_destructor_type.self))
    }
  }

  /// True for a row, false at the end; then the statement is ready to be used again.
  func step() throws(JournalFailure) -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    let connection = self.connection
    sqlite3_reset(handle)
    if code != SQLITE_DONE { throw connection.failure(code, String(cString: sqlite3_sql(handle))) }
    return false
  }

  func reset() { sqlite3_reset(handle) }

  func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func text(_ column: Int32) -> String {
    sqlite3_column_text(handle, column).map { String(cString: $0) } ?? ""
  }

  func bytes(_ column: Int32) -> [UInt8] {
    let count = Int(sqlite3_column_bytes(handle, column))
    guard count > 0, let base = sqlite3_column_blob(handle, column) else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: base, count: count))
  }
}
