import CivilTime
import Messages

/// Questions about the schedule: all go through `Lane.shift(at:)`, so that calendar, pager and history cannot disagree.
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
    reply.people = named(reply.shifts + reply.next)
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
    return ShowReply(shifts: shifts, people: named(shifts), timeZone: board.team?.calendar?.timeZone ?? "")
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

  private func board(_ team: String, knownAt: Instant) throws(Refusal) -> Board {
    guard let board = boards[team] else { throw .notFound("no team is called \(team)", field: "team") }
    return knownAt.isSet ? board.known(at: knownAt) : board
  }

  private func named(_ shifts: [Shift]) -> [Person] {
    shifts.map(\.person).distinct.compactMap { everyone[$0] }
  }

  private func check(_ instant: Instant, _ field: String) throws(Refusal) {
    guard instant.milliseconds > 0, instant < .distantFuture else {
      throw .invalid(field, "must lie between 1970 and 9999")
    }
  }
}
