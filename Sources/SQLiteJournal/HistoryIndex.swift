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

  let connection: Connection
  /// The last row of the journal that is indexed.
  public private(set) var through: UInt64 = 0

  /// - Parameter journalHead: the journal's head at a row; an index of another journal, or of rows that a restored one no
  ///   longer has, is made again.
  public init(directory: String, journalHead: (UInt64) -> JournalHead?) throws(JournalFailure) {
    let path = "\(directory)/history.db"
    if let (found, through) = Self.existing(path, journalHead) {
      connection = found
      self.through = through
    } else {
      for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
      connection = try Self.open(path)
      try connection.run("PRAGMA user_version=\(Self.version)")
    }
  }

  private static func existing(_ path: String, _ journalHead: (UInt64) -> JournalHead?) -> (Connection, UInt64)? {
    guard let connection = try? open(path), (try? connection.number("PRAGMA user_version")) == version,
      let value = try? connection.number("SELECT value FROM progress"),
      let chain = try? connection.text("SELECT chain FROM progress")
    else { return nil }
    let through = UInt64(value)
    guard through == 0 || journalHead(through).map({ text($0.chain) == chain }) ?? false else { return nil }
    return (connection, through)
  }

  /// An index that an older version made lacks what this one answers from.
  private static let version: Int64 = 7

  private static func text(_ chain: ChainHash) -> String { HexText.of(chain.bytes) }

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
      CREATE TABLE IF NOT EXISTS progress(
        one INTEGER PRIMARY KEY CHECK(one=1), value INTEGER NOT NULL, chain TEXT NOT NULL);
      INSERT OR IGNORE INTO progress VALUES(1, 0, '');
      \(figureTables)
      \(deedTables)
      \(auditTables)
      """)
    guard try connection.text("PRAGMA quick_check(1)") == "ok" else { throw .damaged(sequence: 0, path) }
    return connection
  }

  /// Adds what rows up to `through` said.
  public func record(
    _ lines: [Line], _ things: [Thing], _ tallies: [IncidentTally] = [], _ deeds: [RecordedDeed] = [],
    _ audited: [Audited] = [], through head: JournalHead
  ) throws(JournalFailure) {
    try connection.run("BEGIN")
    do throws(JournalFailure) {
      try insert(lines)
      let keep = try connection.prepare("INSERT OR REPLACE INTO thing(id, body) VALUES(?, ?)")
      for thing in things {
        keep.bind(1, thing.id)
        keep.bind(2, thing.body)
        _ = try keep.step()
      }
      try count(tallies)
      try insert(deeds, through: head.sequence)
      try insert(audited)
      try connection.run("UPDATE progress SET value=\(head.sequence), chain='\(Self.text(head.chain))'")
      try connection.run("COMMIT")
    } catch {
      try? connection.run("ROLLBACK")
      throw error
    }
    through = head.sequence
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
    query.bind(2, Int64(clamping: sequence))
    query.bind(3, Int64(limit))
    return try read(query)
  }

  /// Lines of rows after one and up to another, of one subject or (empty) of all, in order.
  public func lines(
    of subject: String, after sequence: UInt64, through last: UInt64, limit: Int
  ) throws(JournalFailure) -> [Line] {
    let filter = subject.isEmpty ? "seq>? AND seq<=?" : "seq>? AND seq<=? AND subject=?"
    let query = try connection.prepare(
      "SELECT seq, at, subject, person, kind, text FROM line WHERE \(filter) ORDER BY seq, part LIMIT \(limit)")
    query.bind(1, Int64(clamping: sequence))
    query.bind(2, Int64(clamping: last))
    if !subject.isEmpty { query.bind(3, subject) }
    return try read(query)
  }

  /// The rows of the first and the last line of a time, `until` not included; nil when there is none.
  public func rows(since: Instant, until: Instant) throws(JournalFailure) -> ClosedRange<UInt64>? {
    let query = try connection.prepare("SELECT min(seq), max(seq) FROM line WHERE at>=? AND at<?")
    query.bind(1, since.milliseconds)
    query.bind(2, until.milliseconds)
    guard try query.step(), query.int(0) > 0 else { return nil }
    return UInt64(query.int(0))...UInt64(query.int(1))
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
