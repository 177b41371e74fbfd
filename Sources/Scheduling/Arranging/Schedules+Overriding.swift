import CivilTime
import Machinery
import Messages

/// Putting a person on a tier for a span, and taking that back (requirement S1).
extension Schedules {
  /// A longer one is a rotation, or a mistake in the year.
  static let overrideAtMost = Span.days(366)
  /// How many of the shifts that an override hides its answer lists.
  static let replacedAtMost = 200

  func addOverride(
    _ asked: OverrideRequest, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    try arrange(asked, kind: .unspecified, giver: nil, at: now)
  }

  /// Cover for somebody who can't, assigned by the lead (requirement S7). Without an end it lasts as long as the gap.
  func assignCover(
    _ asked: OverrideRequest, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    var request = asked
    var giver = ""
    if let board = boards[request.team], 1...3 ~= request.tier {
      let lane = board.lanes[Int(request.tier) - 1]
      let from = request.fromAt.isSet ? max(request.fromAt, now) : now
      if !request.untilAt.isSet {
        let gap = lane.shifts(from: from, until: max(lane.heldUntil, from + .milliseconds(1)), absences: board.absences)
          .first { $0.person.isEmpty }
        guard let gap, gap.untilAt < .distantFuture else {
          throw .invalid("until_at_ms", "there is no gap that would say until when: name the end")
        }
        if !request.fromAt.isSet { request.fromAt = max(gap.fromAt, now) }
        request.untilAt = gap.untilAt
      }
      giver = lane.shiftOfAnybody(at: request.fromAt.isSet ? max(request.fromAt, now) : now).person
    }
    return try arrange(request, kind: .cover, giver: giver, at: now)
  }

  private func arrange(
    _ asked: OverrideRequest, kind: ArrangementKind, giver: String?, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    var request = asked
    if !request.fromAt.isSet { request.fromAt = now }
    try check(request, at: now)
    guard let board = boards[request.team], let team = board.team else {
      throw .notFound("no team is called \(request.team)", field: "team")
    }
    try mayArrange(request.by, in: team)
    let from = max(request.fromAt, now)
    try mayHold(request.person, from: from, until: request.untilAt)
    let id = "override-\(numbering.overrides + 1)"
    let replaced = board.shifts(tier: request.tier, from: from, until: request.untilAt).prefix(Self.replacedAtMost)
      .map { $0.clipped(from: from, until: request.untilAt) }

    var draft = ScheduleDraft(self, at: now)
    draft.add(
      .overrideAdded(
        OverrideAdded(id: id, request: request, knownAt: now, kind: kind, giver: giver ?? "")))
    // Of a gap, whoever can't hold it; a gap that was nobody's has none.
    let before = replaced.map { $0.person.isEmpty ? giver ?? "" : $0.person }.distinct.filter { !$0.isEmpty }
    let instead = before.isEmpty ? "" : " instead of \(before.map(draft.name).joined(separator: ", "))"
    let by = request.by.isEmpty ? "" : ", by \(draft.name(request.by))"
    let verb = kind == .cover ? "covers as" : "is"
    let tier = ScheduleDraft.name(ofTier: request.tier)
    let zone = draft.zone(of: team)
    let words =
      "\(draft.name(request.person)) \(verb) \(tier) from "
      + "\(from.short(in: zone)) until \(request.untilAt.short(in: zone))\(instead)\(by): \(request.reason)"
    draft.publish(team.id, because: .arranged(words))
    for person in ([request.person] + replaced.map(\.person)).distinct where !person.isEmpty && person != request.by {
      draft.tell(person, of: team, words)
    }
    let warnings = draft.turnsRunning(
      request.person, tier: request.tier, team: team.id, from: from, until: request.untilAt)
    return Decision(
      draft.facts,
      answer: .overridden(OverrideReply(overrideId: id, replaced: Array(replaced), warnings: warnings)))
  }

  func removeOverride(
    _ removal: OverrideRemoval, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    try text(removal.reason, "reason", 1...500)
    try text(removal.by, "by", 0...64)
    guard let place = placeOfOverride[removal.overrideId], let board = boards[place.team],
      let arrangement = board.lanes[Int(place.tier) - 1].arrangements.first(where: { $0.id == removal.overrideId })
    else { throw .notFound("no override is called \(removal.overrideId)", field: "override_id") }
    guard !arrangement.removedAt.isSet else { return Decision([], answer: .done(Done())) }
    guard arrangement.until > now else {
      throw Refusal(
        .failedPrecondition, "it ended \(arrangement.until.rfc3339) and what it did stays", field: "override_id")
    }
    if let team = board.team { try mayArrange(removal.by, in: team) }
    var draft = ScheduleDraft(self, at: now)
    draft.add(
      .overrideRemoved(
        OverrideRemoved(id: arrangement.id, by: removal.by, reason: removal.reason, knownAt: now)))
    let by = removal.by.isEmpty ? "" : " by \(draft.name(removal.by))"
    let words =
      "\(arrangement.id) (\(draft.name(arrangement.person)) as \(ScheduleDraft.name(ofTier: place.tier))) "
      + "was taken back\(by): \(removal.reason)"
    draft.publish(place.team, because: .arranged(words))
    if let team = board.team, arrangement.person != removal.by { draft.tell(arrangement.person, of: team, words) }
    return Decision(draft.facts, answer: .done(Done()))
  }

  private func check(_ request: OverrideRequest, at now: Instant) throws(Refusal) {
    guard 1...3 ~= request.tier else {
      throw .invalid("tier", "must be 1, 2 or 3; tier 4 is the team's list of executives")
    }
    guard people[request.person] != nil else {
      throw .notFound("nobody is called \(request.person)", field: "person")
    }
    try text(request.reason, "reason", 1...500)
    try text(request.by, "by", 0...64)
    guard request.fromAt.milliseconds > 0, request.untilAt <= .distantFuture else {
      throw .invalid("until_at_ms", "must lie between 1970 and 9999")
    }
    guard request.fromAt < request.untilAt else { throw .invalid("until_at_ms", "must be after from_at_ms") }
    guard request.untilAt > now else {
      throw .invalid("until_at_ms", "lies in the past: who was on call then is not changed any more")
    }
    guard request.untilAt - request.fromAt <= Self.overrideAtMost else {
      throw .invalid("until_at_ms", "an override lasts at most 366 days")
    }
  }

  func text(_ text: String, _ field: String, _ bytes: ClosedRange<Int>) throws(Refusal) {
    guard bytes ~= text.utf8.count else {
      throw .invalid(field, "must have \(bytes.lowerBound) to \(bytes.upperBound) bytes")
    }
  }
}

extension Shift {
  /// The part of it within a span.
  func clipped(from: Instant, until: Instant) -> Shift {
    var part = self
    part.fromAt = max(fromAt, from)
    part.untilAt = min(untilAt, until)
    return part
  }
}

extension [Shift] {
  /// For how long of a span a person holds one of these.
  func time(of person: String, from: Instant, until: Instant) -> Span {
    filter { $0.person == person }.map { $0.clipped(from: from, until: until) }
      .reduce(Span.zero) { $0 + ($1.untilAt - $1.fromAt) }
  }
}
