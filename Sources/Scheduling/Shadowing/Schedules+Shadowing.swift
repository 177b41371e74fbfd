import CivilTime
import Machinery
import Messages

/// Shadow weeks, and the first solo week (requirement P4).
extension Schedules {
  func assignShadow(_ request: ShadowRequest, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer>
  {
    guard people[request.person] != nil else { throw .notFound("nobody is called \(request.person)", field: "person") }
    let tier = request.tier == 0 ? 1 : request.tier
    guard 1...3 ~= tier else { throw .invalid("tier", "must be 1, 2 or 3") }
    guard let board = boards[request.team], let team = board.team else {
      throw .notFound("no team is called \(request.team)", field: "team")
    }
    try text(request.by, "by", 0...64)
    guard let turns = board.lanes[Int(tier) - 1].rotations.first else {
      throw Refusal(.failedPrecondition, "tier \(tier) of team \(team.id) has no rotation to shadow", field: "tier")
    }
    let asked = max(request.fromAt.isSet ? request.fromAt : now, now)
    guard asked - now <= Self.absenceAhead else { throw .invalid("from_at_ms", "at most two years ahead") }
    let slot = turns.slot(at: asked) ?? turns.slot(0)
    let from = slot.from == asked || asked < turns.start ? slot.from : slot.until
    let local = turns.zone.local(from)
    let until = turns.zone.instant(
      of: LocalTime(local.date.adding(days: 7), minute: local.minuteOfDay))
    if let other = board.shadows.first(where: { $0.person == request.person && $0.fromAt < until && from < $0.untilAt })
    {
      throw Refusal(.alreadyExists, "\(request.person) shadows then already (\(other.id))", field: "from_at_ms")
    }
    let held = board.held(by: request.person, from: from, until: until)
    guard held.isEmpty else {
      throw Refusal(
        .failedPrecondition, "\(request.person) is on call then: who shadows a week doesn't hold it", field: "person")
    }
    let shadow = Shadow(
      id: "shadow-\(numbering.shadows + 1)", team: team.id, tier: tier, person: request.person, fromAt: from,
      untilAt: until)
    var draft = ScheduleDraft(self, at: now)
    draft.add(.shadowAssigned(ShadowAssigned(shadow: shadow, by: request.by)))
    let words =
      "\(draft.name(shadow.person)) shadows the \(ScheduleDraft.name(ofTier: tier)) "
      + draft.words(from: from, until: until, in: team) + ": copies of every page, no duty"
    draft.publish(team.id, because: .arranged(words))
    draft.tell(shadow.person, of: team, words)
    return Decision(draft.facts, answer: .shadowed(ShadowReply(shadow: shadow)))
  }

  func removeShadow(_ removal: ShadowRemoval, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer>
  {
    guard let team = teamOfShadow[removal.shadowId],
      let shadow = boards[team]?.shadows.first(where: { $0.id == removal.shadowId })
    else { throw .notFound("no shadow week is called \(removal.shadowId)", field: "shadow_id") }
    try text(removal.reason, "reason", 0...500)
    try text(removal.by, "by", 0...64)
    guard shadow.untilAt > now else {
      throw Refusal(.failedPrecondition, "it is over and recorded", field: "shadow_id")
    }
    var draft = ScheduleDraft(self, at: now)
    draft.add(.shadowEnded(ShadowEnded(id: shadow.id, endAt: max(now, shadow.fromAt))))
    draft.publish(team, because: .renewal)
    return Decision(draft.facts, answer: .done(Done()))
  }

  mutating func applyShadow(_ fact: ScheduleFact) {
    switch fact.kind {
    case .shadowAssigned(let assigned):
      guard let shadow = assigned.shadow else { return }
      boards[shadow.team]?.shadows.append(shadow)
      teamOfShadow[shadow.id] = shadow.team
      numbering.shadows += 1
      shadowEnds.set(shadow.id, to: shadow.untilAt)
    case .shadowEnded(let ended):
      guard let team = teamOfShadow[ended.id] else { return }
      boards[team]?.shadows.removeAll { $0.id == ended.id }
      teamOfShadow[ended.id] = nil
      shadowEnds.set(ended.id, to: nil)
    default: break
    }
  }

  static func note(of shadow: Shadow) -> String {
    "\(shadow.id), \(ScheduleDraft.name(ofTier: shadow.tier)) of team \(shadow.team)"
  }
}

extension ScheduleDraft {
  /// A shadow week is over: it is recorded by itself as the first or the second.
  mutating func completeShadow(_ id: String) {
    guard let team = schedules.teamOfShadow[id],
      let shadow = schedules.boards[team]?.shadows.first(where: { $0.id == id })
    else { return add(.shadowEnded(ShadowEnded(id: id, endAt: now))) }
    let hasFirst = schedules.training.record(of: shadow.person, .shadowRotation1).map { !$0.lost } ?? false
    record(
      TrainingRecord(
        person: shadow.person, item: hasFirst ? .shadowRotation2 : .shadowRotation1,
        completedOn: TimeZoneRules.utc.local(shadow.untilAt).date.description, note: Schedules.note(of: shadow),
        by: "tocsin"))
    add(.shadowEnded(ShadowEnded(id: id, endAt: now)))
    if schedules.boards[team]?.team != nil { publish(team, because: .renewal) }
  }

  /// Whoever has been primary for a week's worth of time has done the solo rotation.
  mutating func completeSoloWeeks(of team: String) {
    guard let board = schedules.boards[team] else { return }
    let members = board.lanes[0].rotations.flatMap(\.rotation.members).distinct
    let firstTimers = members.filter { schedules.training.eligibility(of: $0).isFirstTimer }
    guard !firstTimers.isEmpty else { return }
    let from = max(now - .days(183), Instant(milliseconds: 1))
    let shifts = board.shifts(tier: 1, from: from, until: now)
    // An hour less is a week in which the clocks went forward.
    for person in firstTimers where shifts.time(of: person, from: from, until: now) >= .hours(167) {
      record(
        TrainingRecord(
          person: person, item: .soloRotation, completedOn: TimeZoneRules.utc.local(now).date.description,
          note: "primary of team \(team) for a week", by: "tocsin"))
    }
  }
}
