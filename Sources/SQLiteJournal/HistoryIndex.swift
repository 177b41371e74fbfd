import Glibc
import Machinery
import Messages

/// What happened, by subject, person and time: a second database, derived from the journal and disposable. It is never
/// consulted by rules; if it is damaged it is deleted and made again.
public final class HistoryIndex {
  /// One line of history.
  public struct Line: Hashable, Sendable {
    public var sequence: UInt64
    public var at: Instant
    public var subject: String
    public var person: String
    public var kind: String
    public var text: String

    public init(sequence: UInt64, at: Instant, subject: String, person: String, kind: String, text: String) {
      self.sequence = sequence
      self.at = at
      self.subject = subject
      self.person = person
      self.kind = kind
      self.text = text
    }
  }
  /// The last state of something that left the rules' memory.
  public struct Thing: Hashable, Sendable {
    public var id: String
    public var body: [UInt8]

    public init(id: String, body: [UInt8]) {
      self.id = id
      self.body = body
    }
  }

  private let connection: Connection
  /// The last row of the journal that is indexed.
  public private(set) var through: UInt64 = 0

  public init(directory: String) throws(JournalFailure) {
    let path = "\(directory)/history.db"
    do throws(JournalFailure) {
      connection = try Self.open(path)
    } catch {
      for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
      connection = try Self.open(path)
    }
    through = UInt64(try connection.number("SELECT value FROM progress"))
  }

  private static func open(_ path: String) throws(JournalFailure) -> Connection {
    let connection = try Connection(path)
    chmod(path, 0o600)
    try connection.run(
      """
      PRAGMA journal_mode=WAL;
      PRAGMA synchronous=OFF;
      CREATE TABLE IF NOT EXISTS line(
        seq INTEGER NOT NULL, part INTEGER NOT NULL, at INTEGER NOT NULL, subject TEXT NOT NULL, person TEXT NOT NULL,
        kind TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY(seq, part)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS line_subject ON line(subject, seq, part);
      CREATE INDEX IF NOT EXISTS line_person ON line(person, seq) WHERE person<>'';
      CREATE INDEX IF NOT EXISTS line_at ON line(at);
      CREATE TABLE IF NOT EXISTS thing(id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS progress(one INTEGER PRIMARY KEY CHECK(one=1), value INTEGER NOT NULL);
      INSERT OR IGNORE INTO progress VALUES(1, 0);
      """)
    guard try connection.text("PRAGMA quick_check(1)") == "ok" else { throw .damaged(sequence: 0, path) }
    return connection
  }

  /// Adds what rows up to `through` said.
  public func record(_ lines: [Line], _ things: [Thing], through: UInt64) throws(JournalFailure) {
    try connection.run("BEGIN")
    do throws(JournalFailure) {
      try insert(lines)
      let keep = try connection.prepare("INSERT OR REPLACE INTO thing(id, body) VALUES(?, ?)")
      for thing in things {
        keep.bind(1, thing.id)
        keep.bind(2, thing.body)
        _ = try keep.step()
      }
      try connection.run("UPDATE progress SET value=\(through)")
      try connection.run("COMMIT")
    } catch {
      try? connection.run("ROLLBACK")
      throw error
    }
    self.through = through
  }

  private func insert(_ lines: [Line]) throws(JournalFailure) {
    let insert = try connection.prepare("INSERT OR REPLACE INTO line VALUES(?, ?, ?, ?, ?, ?, ?)")
    var part: Int64 = 0
    var last: UInt64 = 0
    for line in lines {
      part = line.sequence == last ? part + 1 : 0
      last = line.sequence
      insert.bind(1, Int64(line.sequence))
      insert.bind(2, part)
      insert.bind(3, line.at.milliseconds)
      insert.bind(4, line.subject)
      insert.bind(5, line.person)
      insert.bind(6, line.kind)
      insert.bind(7, line.text)
      _ = try insert.step()
    }
  }

  public func lines(subject: String, after sequence: UInt64 = 0, limit: Int = 10_000) throws(JournalFailure) -> [Line] {
    let query = try connection.prepare(
      "SELECT seq, at, subject, person, kind, text FROM line WHERE subject=? AND seq>? ORDER BY seq, part LIMIT ?")
    query.bind(1, subject)
    query.bind(2, Int64(sequence))
    query.bind(3, Int64(limit))
    return try read(query)
  }

  public func lines(after sequence: UInt64, limit: Int = 10_000) throws(JournalFailure) -> [Line] {
    let query = try connection.prepare(
      "SELECT seq, at, subject, person, kind, text FROM line WHERE seq>? ORDER BY seq, part LIMIT ?")
    query.bind(1, Int64(sequence))
    query.bind(2, Int64(limit))
    return try read(query)
  }

  public func thing(_ id: String) throws(JournalFailure) -> [UInt8]? {
    let query = try connection.prepare("SELECT body FROM thing WHERE id=?")
    query.bind(1, id)
    guard try query.step() else { return nil }
    return query.bytes(0)
  }

  private func read(_ query: Statement) throws(JournalFailure) -> [Line] {
    var found: [Line] = []
    while try query.step() {
      found.append(
        Line(
          sequence: UInt64(query.int(0)), at: Instant(milliseconds: query.int(1)), subject: query.text(2),
          person: query.text(3), kind: query.text(4), text: query.text(5)))
    }
    return found
  }
}
