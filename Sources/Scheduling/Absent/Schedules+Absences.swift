import CivilTime
import Machinery
import Messages

/// Time off, sick leave, and "I can't hold it" (requirements S7, S8).
extension Schedules {
  /// How long ahead time off is asked for.
  static let timeOffNotice = Span.days(14)
  /// Further ahead nobody knows.
  static let absenceAhead = Span.days(732)

  func requestAbsence(
    _ request: AbsenceRequest, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    guard people[request.person] != nil else {
      throw .notFound("nobody is called \(request.person)", field: "person")
    }
    try text(request.reason, "reason", 0...500)
    try text(request.by, "by", 0...64)
    try maySpeak(request.by, for: request.person)
    var absence = Absence(
      id: "absence-\(numbering.absences + 1)", kind: request.kind, person: request.person,
      fromAt: request.fromAt.isSet ? request.fromAt : now, untilAt: request.untilAt, reason: request.reason,
      by: request.by)
    switch request.kind {
    case .timeOff: try checkTimeOff(absence, at: now)
    case .sick:
      if !absence.untilAt.isSet { absence.untilAt = .distantFuture }
    case .cannotHold: try findShift(request, &absence, at: now)
    case .unspecified: throw .invalid("kind", "must be time off, sick, or can't hold")
    }
    guard absence.fromAt < absence.untilAt, absence.untilAt > now else {
      throw .invalid("until_at_ms", "must be after from_at_ms, and not over yet")
    }
    guard absence.untilAt == .distantFuture || absence.untilAt - now <= Self.absenceAhead else {
      throw .invalid("until_at_ms", "at most two years ahead")
    }
    guard absence.fromAt - now <= Self.absenceAhead else { throw .invalid("from_at_ms", "at most two years ahead") }
    var draft = ScheduleDraft(self, at: now)
    draft.add(.absenceRecorded(AbsenceRecorded(absence: absence, knownAt: now)))
    let uncovered = draft.openGaps(of: absence.person, absence: absence)
    return Decision(draft.facts, answer: .absent(AbsenceReply(absence: absence, uncovered: uncovered)))
  }

  /// An absence ends: somebody is back, or doesn't go.
  func endAbsence(_ end: AbsenceEnd, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    guard let known = absences.known(end.absenceId) else {
      throw .notFound("no absence is called \(end.absenceId)", field: "absence_id")
    }
    try text(end.by, "by", 0...64)
    try maySpeak(end.by, for: known.absence.person)
    let at = max(end.at.isSet ? end.at : now, now)
    guard known.until > at else { return Decision([], answer: .done(Done())) }
    var draft = ScheduleDraft(self, at: now)
    draft.add(.absenceEnded(AbsenceEnded(id: known.id, endAt: at, by: end.by, knownAt: now)))
    for id in draft.schedules.boards(involving: known.absence.person, after: now) {
      draft.publish(id, because: .renewal)
    }
    return Decision(draft.facts, answer: .done(Done()))
  }

  private func checkTimeOff(_ absence: Absence, at now: Instant) throws(Refusal) {
    guard absence.untilAt.isSet else { throw .invalid("until_at_ms", "time off needs an end") }
    guard absence.fromAt - now >= Self.timeOffNotice else {
      throw Refusal(
        .failedPrecondition,
        "time off is asked for two weeks ahead (S8): \(absence.person) can be away from "
          + "\((now + Self.timeOffNotice).short()) on; who is ill reports sick leave, which begins at once, and who can't "
          + "hold a shift says so to the lead", field: "from_at_ms")
    }
    let draft = ScheduleDraft(self, at: now)
    let met = boards.sorted { $0.key < $1.key }.flatMap { id, board -> [String] in
      guard let team = board.team else { return [] }
      return board.held(by: absence.person, from: absence.fromAt, until: absence.untilAt).map {
        "\(ScheduleDraft.name(ofTier: $0.tier)) of team \(id) "
          + draft.words(from: $0.fromAt, until: $0.untilAt, in: team)
      }
    }
    guard met.isEmpty else {
      throw Refusal(
        .failedPrecondition,
        "\(absence.person) holds published shifts then (S8): \(met.prefix(4).joined(separator: "; ")). It becomes "
          + "possible after a swap or the lead's cover for each", field: "from_at_ms")
    }
  }

  /// The shift that a person reports: the one under way, or their next that is promised.
  private func findShift(
    _ request: AbsenceRequest, _ absence: inout Absence, at now: Instant
  ) throws(Refusal) {
    let from = max(absence.fromAt, now)
    let held = boards.filter { request.team.isEmpty || $0.key == request.team }.values
      .flatMap { $0.held(by: request.person, from: from) }
      .filter { request.tier == 0 || $0.tier == request.tier }
    guard let shift = held.min(by: { ($0.fromAt, $0.tier) < ($1.fromAt, $1.tier) }) else {
      throw Refusal(
        .failedPrecondition,
        "\(request.person) holds no published shift\(request.team.isEmpty ? "" : " of team \(request.team)") (S7): there "
          + "is nothing to cover", field: "person")
    }
    absence.fromAt = max(shift.fromAt, from)
    if !absence.untilAt.isSet { absence.untilAt = shift.untilAt }
  }
}
