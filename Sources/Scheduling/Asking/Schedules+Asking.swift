import CivilTime
import Messages

/// Questions about the schedule: all go through `Lane.shift(at:absences:)`, so that calendar, pager and history cannot
/// disagree.
extension Schedules {
  static let shownAtMost = Span.days(732)
  static let shiftsShownAtMost = 5_000

  /// Who is on call for a team at any instant, why, until when, and who follows (requirement S9).
  public func onCall(_ request: OnCallRequest, now: Instant) throws(Refusal) -> OnCallReply {
    let at = request.at.isSet ? request.at : now
    try check(at, "at_ms")
    guard request.tier <= 4 else { throw .invalid("tier", "must be 1 to 4, or 0 for all") }
    let board = try board(request.team, knownAt: request.knownAt)
    var reply = OnCallReply(at: at)
    for tier in request.tier == 0 ? 1...4 : request.tier...request.tier {
      let shifts = board.shifts(tier: tier, at: at)
      reply.shifts += shifts
      if let until = shifts.first?.untilAt, until < .distantFuture { reply.next += board.shifts(tier: tier, at: until) }
    }
    reply.shadows = board.shadows(at: at).filter { request.tier == 0 || $0.tier == request.tier }
    if !request.knownAt.isSet, !request.at.isSet, request.tier <= 1, let copy = copy(board, of: request.team, at: at) {
      reply.shadows.append(copy)
    }
    reply.people = named((reply.shifts + reply.next).map(\.person) + reply.shadows.map(\.person))
    return reply
  }

  /// A team's tiers 1 to 3 between two instants, whole shifts, gaps named.
  public func show(_ request: ShowRequest, now: Instant) throws(Refusal) -> ShowReply {
    let from = request.fromAt.isSet ? request.fromAt : now
    let until = request.untilAt.isSet ? request.untilAt : from + Board.notice
    try check(from, "from_at_ms")
    try check(until, "until_at_ms")
    guard from < until else { throw .invalid("until_at_ms", "must be after from_at_ms") }
    guard until - from <= Self.shownAtMost else { throw .invalid("until_at_ms", "at most two years at a time") }
    let board = try board(request.team, knownAt: request.knownAt)
    let shifts = board.shifts(from: from, until: until)
    guard shifts.count <= Self.shiftsShownAtMost else {
      throw Refusal(
        .outOfRange, "\(shifts.count) shifts: ask for a shorter span", field: "until_at_ms")
    }
    let shadows = board.shadows.filter { $0.fromAt < until && from < $0.untilAt }
    return ShowReply(
      shifts: shifts, people: named(shifts.map(\.person) + shadows.map(\.person)),
      timeZone: board.team?.calendar?.timeZone ?? "",
      publishedUntilAt: board.publishedUntil ?? .unset,
      notes: board.notes.filter { $0.fromAt < until && from < $0.untilAt }, shadows: shadows)
  }

  /// Everybody who is configured; for one team, those who belong to it or have a part in its schedule.
  public func listPeople(_ request: ListPeopleRequest) throws(Refusal) -> ListPeopleReply {
    let all = configuration
    guard !request.team.isEmpty else {
      return ListPeopleReply(people: all.people, teams: all.teams, rotations: all.rotations)
    }
    guard let team = boards[request.team]?.team else {
      throw .notFound("no team is called \(request.team)", field: "team")
    }
    let rotations = all.rotations.filter { $0.team == team.id }
    let involved = Set(team.people + rotations.flatMap(\.members))
    return ListPeopleReply(
      people: all.people.filter { $0.team == team.id || involved.contains($0.id) }, teams: [team],
      rotations: rotations)
  }

  /// Absences that are not over, oldest first.
  public func listAbsences(_ request: ListAbsencesRequest, now: Instant) throws(Refusal) -> ListAbsencesReply {
    let members =
      request.team.isEmpty ? nil : Set(try listPeople(ListPeopleRequest(team: request.team)).people.map(\.id))
    let from = request.fromAt.isSet ? request.fromAt : now
    let found = absences.all.filter { known in
      known.until > from && known.from < known.until
        && (request.person.isEmpty || known.absence.person == request.person)
        && (members?.contains(known.absence.person) ?? true)
    }
    return ListAbsencesReply(
      absences: found.sorted { ($0.from, $0.id) < ($1.from, $1.id) }.map { known in
        var absence = known.absence
        absence.fromAt = known.from
        absence.untilAt = known.until
        return absence
      })
  }

  private func board(_ team: String, knownAt: Instant) throws(Refusal) -> Board {
    guard let board = boards[team] else { throw .notFound("no team is called \(team)", field: "team") }
    return knownAt.isSet ? board.known(at: knownAt, training) : board
  }

  /// As people are called in words to others.
  func name(of person: String) -> String {
    guard !person.isEmpty else { return "nobody" }
    return everyone[person].flatMap { $0.name.isEmpty ? nil : $0.name } ?? person
  }

  private func named(_ people: [String]) -> [Person] { people.distinct.compactMap { everyone[$0] } }

  /// What calendars can tell of.
  func check(_ instant: Instant, _ field: String) throws(Refusal) {
    guard instant.milliseconds > 0, instant < .distantFuture else {
      throw .invalid(field, "must lie between 1970 and 9999")
    }
  }
}
