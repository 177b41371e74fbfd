import Machinery
import Messages

/// The audit's records by their rows, made from the journal as everything here: what is looked up fast, and never what is believed.
extension HistoryIndex {
  /// A record, and what it can be found by.
  public struct Audited: Hashable, Sendable {
    public var sequence: UInt64
    public var at: Instant
    public var record: AuditRecord
    /// As it stands in its row.
    public var body: [UInt8]

    public init(sequence: UInt64, at: Instant, record: AuditRecord, body: [UInt8]) {
      self.sequence = sequence
      self.at = at
      self.record = record
      self.body = body
    }
  }
  /// A record as it was found.
  public struct FoundRecord: Hashable, Sendable {
    public var sequence: UInt64
    public var at: Instant
    public var body: [UInt8]
  }

  static let auditTables = """
    CREATE TABLE IF NOT EXISTS audit(
      seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, principal TEXT NOT NULL, actor TEXT NOT NULL, method TEXT NOT NULL,
      text TEXT NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL);
    CREATE INDEX IF NOT EXISTS audit_at ON audit(at);
    """

  func insert(_ audited: [Audited]) throws(JournalFailure) {
    guard !audited.isEmpty else { return }
    let insert = try connection.prepare("INSERT OR REPLACE INTO audit VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
    for one in audited {
      insert.bind(1, Int64(one.sequence))
      insert.bind(2, one.at.milliseconds)
      insert.bind(3, one.record.principal)
      insert.bind(4, one.record.by)
      insert.bind(5, one.record.method)
      insert.bind(
        6,
        ([one.record.what] + one.record.changes.map { "\($0.name) \($0.before) \($0.after)" }).joined(separator: "\n"))
      insert.bind(7, Int64(one.record.status))
      insert.bind(8, one.body)
      _ = try insert.step()
    }
  }

  /// In the order of their rows: the first that match, or the last.
  public func audited(_ request: AuditRequest, limit: Int) throws(JournalFailure) -> [FoundRecord] {
    let query = try connection.prepare(
      """
      SELECT seq, at, body FROM audit
      WHERE seq>?1 AND (?2='' OR principal=?2 OR actor=?2) AND (?3='' OR instr(lower(method), lower(?3))>0)
        AND (?4='' OR instr(lower(text), lower(?4))>0) AND at>=?5 AND (?6=0 OR at<?6) AND (?7=0 OR status<>0)
      ORDER BY seq \(request.newest ? "DESC" : "") LIMIT \(limit)
      """)
    query.bind(1, Int64(clamping: request.after))
    query.bind(2, request.by)
    query.bind(3, request.method)
    query.bind(4, request.what)
    query.bind(5, request.sinceAt.milliseconds)
    query.bind(6, request.untilAt.milliseconds)
    query.bind(7, request.refusedOnly ? Int64(1) : 0)
    var found: [FoundRecord] = []
    while try query.step() {
      found.append(
        FoundRecord(
          sequence: UInt64(query.int(0)), at: Instant(milliseconds: query.int(1)), body: query.bytes(2)))
    }
    return request.newest ? found.reversed() : found
  }
}
