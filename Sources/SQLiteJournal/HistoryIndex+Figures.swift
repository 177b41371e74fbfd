import Machinery
import Messages

/// What reports are made of: a row an incident, and a row for what a person was paged in a quarter of an hour (requirement E10).
extension HistoryIndex {
  static let figureTables = """
    CREATE TABLE IF NOT EXISTS incident(
      id TEXT PRIMARY KEY, opened INTEGER NOT NULL, team TEXT NOT NULL, service TEXT NOT NULL, class TEXT NOT NULL,
      severity INTEGER NOT NULL, acknowledged INTEGER, resolved INTEGER, merged INTEGER NOT NULL DEFAULT 0,
      targets INTEGER NOT NULL DEFAULT 0, duties INTEGER NOT NULL DEFAULT 0, pages INTEGER NOT NULL DEFAULT 0,
      alerts INTEGER NOT NULL DEFAULT 1, touched INTEGER NOT NULL DEFAULT 0,
      again INTEGER NOT NULL DEFAULT 0, maximums INTEGER NOT NULL DEFAULT 0,
      escalations INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS incident_opened ON incident(opened);
    CREATE TABLE IF NOT EXISTS part(id TEXT PRIMARY KEY, whole TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS part_whole ON part(whole);
    CREATE TABLE IF NOT EXISTS page(
      at INTEGER NOT NULL, person TEXT NOT NULL, team TEXT NOT NULL, count INTEGER NOT NULL,
      PRIMARY KEY(at, person, team)) WITHOUT ROWID;
    """

  /// Within the transaction of the rows that said so.
  func count(_ tallies: [IncidentTally]) throws(JournalFailure) {
    guard !tallies.isEmpty else { return }
    let counter = FigureCounter(connection)
    for tally in tallies { try counter.count(tally) }
  }

  /// - Parameter team: empty: all.
  public func figures(
    from: Instant, until: Instant, team: String, byWeek: Bool, noisiest: Int
  ) throws(JournalFailure) -> HistoryFigures {
    HistoryFigures(
      incidents: try incidents(from, until, team, byWeek: byWeek), noise: try noise(from, until, team, noisiest),
      pages: try pages(from, until, team))
  }

  private func incidents(
    _ from: Instant, _ until: Instant, _ team: String, byWeek: Bool
  ) throws(JournalFailure) -> [IncidentFigures] {
    // 1970-01-05 was the first Monday.
    let week = byWeek ? "(opened-345600000)/604800000*604800000+345600000" : "0"
    let query = try ask(
      """
      SELECT team, \(week), severity, count(*), count(acknowledged), coalesce(avg(acknowledged-opened), 0), count(resolved),
        coalesce(avg(resolved-opened), 0), sum(targets), sum(duties),
        sum(maximums), sum(escalations>0), sum(escalations)
      FROM incident WHERE opened>=? AND opened<? AND merged=0 AND (?='' OR team=?) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      """, from, until, team)
    var found: [IncidentFigures] = []
    while try query.step() {
      found.append(
        IncidentFigures(
          team: query.text(0), weekAt: Instant(milliseconds: query.int(1)),
          severity: Severity(rawValue: UInt32(query.int(2))) ?? .unspecified, incidents: UInt64(query.int(3)),
          acknowledged: UInt64(query.int(4)), meanAcknowledge: Span(milliseconds: query.int(5)),
          resolved: UInt64(query.int(6)), meanResolve: Span(milliseconds: query.int(7)),
          targetsMissed: UInt64(query.int(8)), dutiesMissed: UInt64(query.int(9)),
          maximumsMissed: UInt64(query.int(10)), escalated: UInt64(query.int(11)), escalations: UInt64(query.int(12))))
    }
    return found
  }

  private func noise(
    _ from: Instant, _ until: Instant, _ team: String, _ limit: Int
  ) throws(JournalFailure) -> [NoiseFigures] {
    let query = try ask(
      """
      SELECT team, service, class, count(*), sum(alerts), sum(touched=0 AND resolved IS NOT NULL), sum(pages), sum(again)
      FROM incident WHERE opened>=? AND opened<? AND merged=0 AND (?='' OR team=?)
      GROUP BY 1, 2, 3 ORDER BY 5 DESC, 1, 2, 3 LIMIT \(limit)
      """, from, until, team)
    var found: [NoiseFigures] = []
    while try query.step() {
      found.append(
        NoiseFigures(
          team: query.text(0), service: query.text(1), alertClass: query.text(2), incidents: UInt64(query.int(3)),
          alerts: UInt64(query.int(4)), untouched: UInt64(query.int(5)), pages: UInt64(query.int(6)),
          firedAgain: UInt64(query.int(7))))
    }
    return found
  }

  private func pages(_ from: Instant, _ until: Instant, _ team: String) throws(JournalFailure) -> [HistoryFigures.Pages]
  {
    let query = try ask(
      "SELECT person, team, at, count FROM page WHERE at>=? AND at<? AND (?='' OR team=?)",
      FigureCounter.quarter(of: from),
      until, team)
    var found: [HistoryFigures.Pages] = []
    while try query.step() {
      found.append(
        HistoryFigures.Pages(
          person: query.text(0), team: query.text(1), at: Instant(milliseconds: query.int(2)),
          count: UInt64(query.int(3))))
    }
    return found
  }

  func ask(_ words: String, _ from: Instant, _ until: Instant, _ team: String) throws(JournalFailure)
    -> Statement
  {
    let query = try connection.prepare(words)
    query.bind(1, from.milliseconds)
    query.bind(2, until.milliseconds)
    query.bind(3, team)
    query.bind(4, team)
    return query
  }
}
