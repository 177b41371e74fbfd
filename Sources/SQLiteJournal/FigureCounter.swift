import Machinery
import Messages

/// Writes what was counted; each statement is prepared once.
final class FigureCounter {
  private let connection: Connection
  private var statements: [String: Statement] = [:]

  init(_ connection: Connection) {
    self.connection = connection
  }

  func count(_ tally: IncidentTally) throws(JournalFailure) {
    switch tally {
    case .opened(let opening): try open(opening)
    case .severity(let id, let severity): try change("severity=min(severity, ?)", Int64(severity.rawValue), id)
    case .team(let id, let team):
      let update = try statement("UPDATE incident SET team=? WHERE id=?")
      update.bind(1, team)
      update.bind(2, id)
      _ = try update.step()
    case .acknowledged(let id, let at):
      try change("acknowledged=coalesce(acknowledged, ?)", at.milliseconds, id)
      try change("touched=?", 1, id)
    case .resolved(let id, let at, let byPerson):
      try change("resolved=?", at.milliseconds, id)
      if byPerson { try change("touched=?", 1, id) }
    case .reopened(let id): try change("resolved=nullif(?, 0)", 0, id)
    case .firedAgain(let id):
      try change("resolved=nullif(?, 0)", 0, id)
      try change("alerts=alerts+?", 1, id)
      try change("again=again+?", 1, id)
    case .merged(let id, let whole): try merge(id, into: whole)
    case .joined(let id): try change("alerts=alerts+?", 1, id)
    case .part(let id, let whole): try notePart(id, of: whole)
    case .targetMissed(let id): try change("targets=?", 1, id)
    case .maximumMissed(let id): try change("maximums=?", 1, id)
    case .escalated(let id): try change("escalations=escalations+?", 1, id)
    case .dutyMissed(let id): try change("duties=duties+?", 1, id)
    case .paged(let id, let person, let at):
      try change("pages=pages+?", 1, id)
      let insert = try statement(
        """
        INSERT INTO page SELECT ?, ?, team, 1 FROM incident WHERE id=?
        ON CONFLICT(at, person, team) DO UPDATE SET count=count+1
        """)
      insert.bind(1, Self.quarter(of: at).milliseconds)
      insert.bind(2, person)
      insert.bind(3, id)
      _ = try insert.step()
      try noteFirstPage(of: person, in: id, at: at)
    }
  }

  /// By which a rehearsal knows how long whoever answered took.
  private func noteFirstPage(of person: String, in id: String, at instant: Instant) throws(JournalFailure) {
    let insert = try statement("INSERT OR IGNORE INTO first_page VALUES(?, ?, ?)")
    insert.bind(1, id)
    insert.bind(2, person)
    insert.bind(3, instant.milliseconds)
    _ = try insert.step()
  }

  /// The hour class of a page is the same throughout a quarter of an hour, in every zone.
  static func quarter(of instant: Instant) -> Instant {
    Instant(milliseconds: instant.milliseconds / 900_000 * 900_000)
  }

  private func open(_ opening: IncidentOpening) throws(JournalFailure) {
    let insert = try statement(
      "INSERT OR REPLACE INTO incident(id, opened, team, service, class, severity) VALUES(?, ?, ?, ?, ?, ?)")
    insert.bind(1, opening.id)
    insert.bind(2, opening.at.milliseconds)
    insert.bind(3, opening.team)
    insert.bind(4, opening.service)
    insert.bind(5, opening.alertClass)
    insert.bind(6, Int64(opening.severity.rawValue))
    _ = try insert.step()
  }

  private func merge(_ id: String, into whole: String) throws(JournalFailure) {
    let update = try statement(
      """
      UPDATE incident SET (alerts, pages, targets, maximums, duties, touched, again, escalations) = (
        SELECT incident.alerts+part.alerts, incident.pages+part.pages, max(incident.targets, part.targets),
          max(incident.maximums, part.maximums), incident.duties+part.duties, max(incident.touched, part.touched),
          incident.again+part.again, incident.escalations+part.escalations FROM incident part WHERE part.id=?)
      WHERE id=? AND EXISTS(SELECT 1 FROM incident WHERE id=?)
      """)
    update.bind(1, id)
    update.bind(2, whole)
    update.bind(3, id)
    _ = try update.step()
    try change("merged=?", 1, id)
    try notePart(id, of: whole)
  }

  private func notePart(_ id: String, of whole: String) throws(JournalFailure) {
    let insert = try statement("INSERT OR REPLACE INTO part VALUES(?, ?)")
    insert.bind(1, id)
    insert.bind(2, whole)
    _ = try insert.step()
  }

  private func change(_ what: String, _ value: Int64, _ id: String) throws(JournalFailure) {
    let update = try statement("UPDATE incident SET \(what) WHERE id=?")
    update.bind(1, value)
    update.bind(2, id)
    _ = try update.step()
  }

  private func statement(_ words: String) throws(JournalFailure) -> Statement {
    if let known = statements[words] { return known }
    let statement = try connection.prepare(words)
    statements[words] = statement
    return statement
  }
}
