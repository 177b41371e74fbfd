import Machinery
import Messages

/// What a rehearsal lets happen again: a row for what a source or a person did, and one for each person's first page of an
/// incident.
extension HistoryIndex {
  static let deedTables = """
    CREATE TABLE IF NOT EXISTS deed(
      incident TEXT NOT NULL, seq INTEGER NOT NULL, part INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL,
      PRIMARY KEY(incident, seq, part)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS first_page(
      incident TEXT NOT NULL, person TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(incident, person)) WITHOUT ROWID;
    """

  /// Those that rows up to `sequence` say. They are in order, and no row is told in two parts.
  func insert(_ deeds: [RecordedDeed], through sequence: UInt64) throws(JournalFailure) {
    guard !deeds.isEmpty else { return }
    let insert = try connection.prepare("INSERT OR REPLACE INTO deed VALUES(?, ?, ?, ?, ?)")
    for (part, deed) in deeds.enumerated() {
      insert.bind(1, deed.incident)
      insert.bind(2, Int64(sequence))
      insert.bind(3, Int64(part))
      insert.bind(4, deed.at.milliseconds)
      insert.bind(5, deed.body)
      _ = try insert.step()
    }
  }

  /// A team's incidents that opened within a time, in the order in which they did.
  ///
  /// - Parameter deedsAtMost: so many are read and one more, by which the reader knows that there are too many.
  public func recorded(
    from: Instant, until: Instant, team: String, deedsAtMost: Int
  ) throws(JournalFailure) -> [RecordedIncident] {
    let query = try ask(
      """
      SELECT incident.id, deed.at, deed.body FROM incident JOIN deed ON deed.incident=incident.id
      WHERE opened>=? AND opened<? AND (?='' OR team=?) ORDER BY opened, incident.id, seq, part LIMIT \(deedsAtMost + 1)
      """, from, until, team)
    var found: [RecordedIncident] = []
    while try query.step() {
      let id = query.text(0)
      if found.last?.id != id { found.append(RecordedIncident(id: id)) }
      found[found.count - 1].deeds.append(
        RecordedDeed(incident: id, at: Instant(milliseconds: query.int(1)), body: query.bytes(2)))
    }
    let pages = try connection.prepare("SELECT person, at FROM first_page WHERE incident=?")
    for index in found.indices {
      pages.bind(1, found[index].id)
      while try pages.step() { found[index].firstPages[pages.text(0)] = Instant(milliseconds: pages.int(1)) }
    }
    return found
  }
}
