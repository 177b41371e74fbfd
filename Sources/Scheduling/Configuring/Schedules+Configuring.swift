import CivilTime
import Machinery
import Messages

/// A new configuration: what it changes, for whom, from when, and what it leaves uncovered.
///
/// What was published stays (requirement S3): a changed tier is generated anew from the end of what was published. Nobody
/// who may not be on call enters a rotation (P3), and nobody leaves who still holds something (S12).
extension Schedules {
  func configure(
    _ wanted: ScheduleConfiguration, by: String, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    try ConfigurationRules(configuration: wanted, zones: zones).check()
    try refuseToForgetRates(wanted)
    var kept = wanted
    kept.dryRun = false
    var changes = ConfigurationChanges(from: configuration, to: kept)
    guard !changes.lines.isEmpty else {
      return Decision([], answer: .configured(ConfigureReply(applied: !wanted.dryRun)))
    }
    var draft = ScheduleDraft(self, at: now)
    for var record in kept.newTraining(since: configuration) {
      if record.by.isEmpty { record.by = by.isEmpty ? "configuration" : by }
      draft.add(.trainingRecorded(TrainingRecorded(record: record, knownAt: now)))
    }
    try refuseTheIneligible(kept, draft.schedules.training)
    draft.add(
      .configured(ScheduleConfigured(configuration: kept, knownAt: now, by: by, eras: eras(of: kept, at: now))))
    try refuseToForgetHolders(kept, draft.schedules, at: now)
    for team in kept.teams.map(\.id).sorted() where changes.concern(team) {
      guard let board = draft.schedules.boards[team] else { continue }
      changes.lines += holdsFrom(board, before: boards[team], at: now, draft)
      changes.lines += board.news(among: board.gaps(from: now)).prefix(20).map { gap in
        "team \(team): \(draft.words(for: gap, of: board.team ?? Team()))"
      }
      changes.lines += board.notes.map { "team \(team): \($0.rule) can't be met: \($0.text)" }
      draft.publish(team, because: changes.reschedule(team) ? .configured : .renewal)
    }
    return Decision(
      wanted.dryRun ? [] : draft.facts,
      answer: .configured(ConfigureReply(changes: changes.lines, applied: !wanted.dryRun)))
  }

  /// From when each changed tier is generated anew.
  private func eras(of wanted: ScheduleConfiguration, at now: Instant) -> [EraBegun] {
    let teams = Set(wanted.teams.map(\.id))
    let rotations = Self.rotationsByPlace(wanted)
    return teams.union(boards.keys).sorted().flatMap { id -> [EraBegun] in
      let board = boards[id] ?? Board()
      return board.lanes.compactMap { lane in
        let place = Place(team: id, tier: lane.tier)
        let isGiven = teams.contains(id)
        guard lane.eras.isEmpty || lane.rotations.map(\.rotation) != (isGiven ? rotations[place] ?? [] : []) else {
          return nil
        }
        return EraBegun(team: id, tier: lane.tier, fromAt: isGiven ? max(lane.publishedUntil, now) : now)
      }
    }
  }

  /// Rotations of each tier in their order, those that follow with the times and members of what they follow.
  static func rotationsByPlace(_ configuration: ScheduleConfiguration) -> [Place: [Rotation]] {
    let byID = Dictionary(configuration.rotations.map { ($0.id, $0) }) { $1 }
    var found: [Place: [Rotation]] = [:]
    for rotation in configuration.rotations {
      var whole = rotation
      if let leader = byID[rotation.follows] {
        whole = leader
        whole.id = rotation.id
        whole.tier = rotation.tier
        whole.follows = rotation.follows
        whole.weekdays = rotation.weekdays
        whole.fromMinute = rotation.fromMinute
        whole.untilMinute = rotation.untilMinute
      }
      found[Place(team: rotation.team, tier: rotation.tier), default: []].append(whole)
    }
    return found
  }

  /// Says of each changed tier from when the change holds, and what stays until then.
  private func holdsFrom(_ board: Board, before: Board?, at now: Instant, _ draft: ScheduleDraft) -> [String] {
    guard let before, let team = board.team else { return [] }
    return zip(before.lanes, board.lanes).compactMap { old, new in
      guard new.eras.count > old.eras.count, let era = new.eras.last, era.from > now else { return nil }
      return "team \(team.id): \(ScheduleDraft.name(ofTier: new.tier)) is published until "
        + "\(era.from.short(in: draft.zone(of: team))) and stays; the change holds from then"
    }
  }

  /// Whoever enters a rotation must be eligible; whoever lost that while in it stays until somebody covers (P3).
  private func refuseTheIneligible(_ wanted: ScheduleConfiguration, _ training: TrainingBook) throws(Refusal) {
    let before = Dictionary(configuration.rotations.map { ($0.id, Set($0.members)) }) { $1 }
    for (index, rotation) in wanted.rotations.enumerated() {
      for (place, member) in rotation.members.enumerated() where before[rotation.id]?.contains(member) != true {
        let eligibility = training.eligibility(of: member)
        guard eligibility.isEligible else {
          throw Refusal(
            .failedPrecondition, eligibility.refusal, field: "rotations[\(index)].members[\(place)]")
        }
      }
    }
  }

  /// A shift whose holder nobody knows any more would be a hole (S12).
  private func refuseToForgetHolders(
    _ wanted: ScheduleConfiguration, _ after: Schedules, at now: Instant
  ) throws(Refusal) {
    let people = Set(wanted.people.map(\.id))
    let leaving = configuration.people.map(\.id).filter { !people.contains($0) }
    guard !leaving.isEmpty else { return }
    for person in leaving {
      let held = wanted.teams.map(\.id).sorted().flatMap { team -> [String] in
        guard let board = after.boards[team], let known = board.team else { return [] }
        let draft = ScheduleDraft(self, at: now)
        return board.promised(of: person, from: now).map {
          "\(ScheduleDraft.name(ofTier: $0.tier)) of team \(team) "
            + draft.words(from: $0.fromAt, until: $0.untilAt, in: known)
        }
      }
      guard let first = held.first else { continue }
      let more = held.count > 1 ? " and \(held.count - 1) more" : ""
      throw Refusal(
        .failedPrecondition,
        "\(person) can't leave yet (S12): still holds \(first)\(more). Arrange a swap, cover or an override for each first",
        field: "people")
    }
  }
}
