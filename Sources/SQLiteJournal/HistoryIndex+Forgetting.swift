import Machinery
import Messages

/// What history no longer holds. The journal does: it is what the chain of hashes proves, and loses no row.
extension HistoryIndex {
  /// Drops incidents that ended before an instant: their timelines, last states, reviews, figures and what rehearsals need; and,
  /// from before it, how often people were paged and whatever belongs to no incident. One that is open stays whole, however old
  /// it is, and so does one that was opened again; what was merged into an incident, and alerts that are part of it, stay and go
  /// with it.
  ///
  /// - Parameter limit: of incidents, their parts and stray lines at a time, because whoever asks of history waits meanwhile; an
  ///   incident and its parts go together.
  /// - Returns: how many were dropped; as many as `limit` or more: there may be more.
  @discardableResult
  public func forget(endedBefore cutoff: Instant, limit: Int = 1_000) throws(JournalFailure) -> Int {
    let ids = try ended(before: cutoff, limit: limit)
    var count = ids.count
    try connection.run("BEGIN")
    do throws(JournalFailure) {
      for table in [
        "line WHERE subject", "deed WHERE incident", "first_page WHERE incident", "incident WHERE id", "part WHERE id",
      ] {
        let delete = try connection.prepare("DELETE FROM \(table)=?")
        for id in ids { try delete.run(id) }
      }
      // Of the incident, and of its review ("review:2f-1k").
      let delete = try connection.prepare("DELETE FROM thing WHERE id=?1 OR id='review:'||?1")
      for id in ids { try delete.run(id) }
      if count < limit { count += try forgetStrays(before: cutoff, limit: limit - count) }
      try connection.run("COMMIT")
    } catch {
      try? connection.run("ROLLBACK")
      throw error
    }
    return count
  }

  /// Incidents in the order in which they opened, each followed by its parts and by theirs.
  private func ended(before cutoff: Instant, limit: Int) throws(JournalFailure) -> [String] {
    let wholes = try connection.prepare(
      "SELECT id FROM incident WHERE opened<? AND resolved<? AND merged=0 ORDER BY opened LIMIT \(limit)")
    for place in Int32(1)...2 { wholes.bind(place, cutoff.milliseconds) }
    let family = try connection.prepare(
      """
      WITH RECURSIVE family(id) AS (SELECT ? UNION SELECT part.id FROM part JOIN family ON part.whole=family.id)
      SELECT id FROM family
      """)
    var ids: [String] = []
    while ids.count < limit, try wholes.step() {
      family.bind(1, wholes.text(0))
      while try family.step() { ids.append(family.text(0)) }
    }
    wholes.reset()
    return ids
  }

  /// What is about a team or a person, and what an incident left behind that is dropped.
  private func forgetStrays(before cutoff: Instant, limit: Int) throws(JournalFailure) -> Int {
    let query = try connection.prepare(
      """
      SELECT seq, part, subject FROM line WHERE at<? AND NOT EXISTS(SELECT 1 FROM incident WHERE id=subject)
        AND NOT EXISTS(SELECT 1 FROM part WHERE id=subject) LIMIT \(limit)
      """)
    query.bind(1, cutoff.milliseconds)
    var strays: [(sequence: Int64, part: Int64, subject: String)] = []
    while try query.step() { strays.append((query.int(0), query.int(1), query.text(2))) }
    let thing = try connection.prepare("DELETE FROM thing WHERE id=?")
    let line = try connection.prepare("DELETE FROM line WHERE seq=? AND part=?")
    for stray in strays {
      try thing.run(stray.subject)
      line.bind(1, stray.sequence)
      line.bind(2, stray.part)
      _ = try line.step()
    }
    try connection.run("DELETE FROM page WHERE at<\(cutoff.milliseconds)")
    return strays.count
  }
}

extension Statement {
  /// Runs to its end with one text.
  fileprivate func run(_ text: String) throws(JournalFailure) {
    bind(1, text)
    _ = try step()
  }
}
