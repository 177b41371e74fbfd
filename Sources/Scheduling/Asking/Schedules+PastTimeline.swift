import CivilTime
import Machinery
import Messages

/// Who held a team's tiers in a past time, as the escalator gets it for the time to come: what a rehearsal of a policy pages by
/// (requirement E10). By an edited configuration it is who would have held them.
extension Schedules {
  static let longestPast = Span.days(366)
  static let shiftsOfThePast = 5_000

  /// - Throws: OUT_OF_RANGE for more shifts than fit into an answer; what configuring would refuse.
  public func pastTimeline(_ request: PastTimelineRequest, now: Instant) throws(Refusal) -> Timeline {
    guard request.fromAt.milliseconds > 0 else { throw .invalid("from_at_ms", "must lie after 1970") }
    guard request.fromAt < request.untilAt else { throw .invalid("until_at_ms", "must be after from_at_ms") }
    guard request.untilAt - request.fromAt <= Self.longestPast else {
      throw .invalid("until_at_ms", "a year at a time at most")
    }
    guard var board = boards[request.team] else {
      throw .notFound("no team is called \(request.team)", field: "team")
    }
    // Whoever acted then can act again, by whatever schedule.
    let members = board.members
    var names = everyone
    if let wanted = request.configuration {
      guard let team = wanted.teams.first(where: { $0.id == request.team }) else {
        throw .invalid("configuration.teams", "has no team \(request.team)")
      }
      names.merge(wanted.people.map { ($0.id, $0) }) { $1 }
      board.team = team
      if changesRotations(of: request.team, wanted) {
        board = try rehearsed(wanted, from: request.fromAt).boards[request.team] ?? board
      }
    }
    return try timeline(of: board, request, members, names, now: now)
  }

  private func timeline(
    of board: Board, _ request: PastTimelineRequest, _ others: [String], _ names: [String: Person], now: Instant
  ) throws(Refusal) -> Timeline {
    let team = board.team ?? Team(id: request.team)
    var shifts = board.shifts(from: request.fromAt, until: request.untilAt)
    guard shifts.count <= Self.shiftsOfThePast else {
      throw Refusal(.outOfRange, "\(shifts.count) shifts: ask for a shorter time", field: "until_at_ms")
    }
    // Nobody reads them, and they would take most of the room.
    for index in shifts.indices { shifts[index].explanation = "" }
    let shadows = board.shadows.filter { $0.fromAt < request.untilAt && request.fromAt < $0.untilAt }
    return Timeline(
      team: request.team, generation: 1, publishedAt: now, fromAt: request.fromAt, untilAt: request.untilAt,
      shifts: shifts, executives: team.executives, managers: team.managers, lead: team.lead,
      people: (shifts.map(\.person) + team.people + board.members + others + shadows.map(\.person)).distinct.compactMap
      { names[$0] },
      calendar: team.calendar, shadows: shadows)
  }

  private func changesRotations(of team: String, _ wanted: ScheduleConfiguration) -> Bool {
    let (old, new) = (Self.rotationsByPlace(configuration), Self.rotationsByPlace(wanted))
    return (1...3 as ClosedRange<UInt32>).contains { tier in
      let place = Place(team: team, tier: tier)
      return old[place] ?? [] != new[place] ?? []
    }
  }

  /// As if nothing had been scheduled before, and this had been applied when the time began.
  private func rehearsed(_ wanted: ScheduleConfiguration, from: Instant) throws(Refusal) -> Schedules {
    var rehearsed = Schedules(zones: zones)
    rehearsed.training = training
    rehearsed.absences = absences
    var wanted = wanted
    wanted.dryRun = false
    wanted.rotations = wanted.rotations.map { begun($0, by: from) }
    let decision = try rehearsed.decide(.configure(wanted, by: ""), at: from)
    for fact in decision.facts { rehearsed.apply(fact, at: from) }
    return rehearsed
  }

  /// A rotation that begins later has begun whole cycles earlier: each member's turn still falls where it would.
  private func begun(_ rotation: Rotation, by instant: Instant) -> Rotation {
    guard let date = CivilDate(rotation.startDate), let zone = zones[rotation.timeZone] else { return rotation }
    let turns = Turns(rotation, zone: zone, startDate: date)
    guard turns.start > instant, turns.cycle > .zero else { return rotation }
    let day = Span.days(1).milliseconds
    let cycle = turns.cycle.milliseconds
    let days = Int((turns.isHourly && cycle % day != 0 ? cycle * 24 : cycle) / day)
    let cycles = Int((turns.start - instant).milliseconds / day) / days + 1
    var begun = rotation
    begun.startDate = date.adding(days: -days * cycles).description
    return begun
  }
}
