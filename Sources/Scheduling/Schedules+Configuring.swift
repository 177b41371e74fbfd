import CivilTime
import Machinery
import Messages

/// A new configuration: what it changes, for whom, and what it leaves uncovered.
extension Schedules {
  func configure(
    _ wanted: ScheduleConfiguration, by: String, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    try ConfigurationRules(configuration: wanted, zones: zones).check()
    try refuseToForgetHolders(wanted, at: now)
    var kept = wanted
    kept.dryRun = false
    var changes = ConfigurationChanges(from: configuration, to: kept)
    guard !changes.lines.isEmpty else {
      return Decision([], answer: .configured(ConfigureReply(applied: !wanted.dryRun)))
    }

    let configured = ScheduleFact(kind: .configured(ScheduleConfigured(configuration: kept, knownAt: now, by: by)))
    var after = self
    after.apply(configured, at: now)
    var writer = PublicationWriter(schedules: after, at: now)
    for team in kept.teams.map(\.id).sorted() where changes.concern(team) {
      guard let board = after.boards[team] else { continue }
      changes.lines += stays(board, before: boards[team], at: now, writer)
      changes.lines += writer.newGaps(of: board, until: board.horizon(at: now)).map { gap in
        "team \(team): \(writer.words(for: gap, of: board.team ?? Team()))"
      }
      writer.publish(team, board, because: changes.reschedule(team) ? .configured : .renewal)
    }
    return Decision(
      wanted.dryRun ? [] : [configured] + writer.facts,
      answer: .configured(ConfigureReply(changes: changes.lines, applied: !wanted.dryRun)))
  }

  /// Says of each tier with a new rotation until when the one who has the shift keeps it.
  private func stays(_ board: Board, before: Board?, at now: Instant, _ writer: PublicationWriter) -> [String] {
    guard let before, let team = board.team else { return [] }
    return zip(before.lanes, board.lanes).compactMap { old, new in
      guard new.eras.count > old.eras.count, let era = new.eras.last, era.from > now else { return nil }
      let shift = new.shift(at: now)
      guard shift.because == .rotation else { return nil }
      return "team \(team.id): \(shift.person) stays \(PublicationWriter.name(ofTier: new.tier)) until "
        + "\(era.from.short(in: writer.zone(of: team))), when the new rotation begins to hold"
    }
  }

  /// An override whose holder nobody knows any more would be a hole.
  private func refuseToForgetHolders(_ wanted: ScheduleConfiguration, at now: Instant) throws(Refusal) {
    let people = Set(wanted.people.map(\.id))
    for team in wanted.teams {
      for override in boards[team.id]?.lanes.flatMap(\.overrides) ?? [] {
        guard override.until > now, override.from < override.until, !people.contains(override.request.person) else {
          continue
        }
        throw Refusal(
          .failedPrecondition,
          "\(override.request.person) still holds \(override.id) of team \(team.id) until "
            + "\(override.until.rfc3339): remove it first", field: "people")
      }
    }
  }
}
