import Machinery
import Messages

/// What history no longer holds. The journal does: it is what the chain of hashes proves, and loses no row.
extension HistoryIndex {
  /// Drops incidents that ended before an instant: their timelines, last states, reviews, figures and what rehearsals need; and,
  /// from before it, how often people were paged and whatever belongs to no incident any more. One that is open stays whole,
  /// however old it is, and so does one that was opened again.
  ///
  /// - Parameter limit: of incidents at a time, because whoever asks of history waits meanwhile.
  /// - Returns: how many were dropped; as many as `limit`: there may be more.
  @discardableResult
  public func forget(endedBefore cutoff: Instant, limit: Int = 1_000) throws(JournalFailure) -> Int {
    var ids: [String] = []
    let query = try connection.prepare(
      """
      SELECT id FROM incident WHERE opened<? AND (resolved<? OR (merged=1 AND opened<?)) ORDER BY opened LIMIT \(limit)
      """)
    for place in Int32(1)...3 { query.bind(place, cutoff.milliseconds) }
    while try query.step() { ids.append(query.text(0)) }
    try connection.run("BEGIN")
    do throws(JournalFailure) {
      for table in ["line WHERE subject", "deed WHERE incident", "first_page WHERE incident", "incident WHERE id"] {
        let delete = try connection.prepare("DELETE FROM \(table)=?")
        for id in ids { try delete.run(id) }
      }
      // Of the incident, and of its review ("review:2f-1k").
      let delete = try connection.prepare("DELETE FROM thing WHERE id=?1 OR id='review:'||?1")
      for id in ids { try delete.run(id) }
      if ids.count < limit { try forgetStrays(before: cutoff) }
      try connection.run("COMMIT")
    } catch {
      try? connection.run("ROLLBACK")
      throw error
    }
    return ids.count
  }

  /// Alerts that were part of a dropped incident have lines and a last state of their own.
  private func forgetStrays(before cutoff: Instant) throws(JournalFailure) {
    let strays =
      "SELECT DISTINCT subject FROM line WHERE at<\(cutoff.milliseconds) AND subject NOT IN (SELECT id FROM incident)"
    try connection.run("DELETE FROM thing WHERE id IN (\(strays))")
    try connection.run(
      "DELETE FROM line WHERE at<\(cutoff.milliseconds) AND subject NOT IN (SELECT id FROM incident)")
    try connection.run("DELETE FROM page WHERE at<\(cutoff.milliseconds)")
  }
}

extension Statement {
  /// Runs to its end with one text.
  fileprivate func run(_ text: String) throws(JournalFailure) {
    bind(1, text)
    _ = try step()
  }
}
