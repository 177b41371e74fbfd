import CivilTime
import Messages

/// Until the incoming primary has shown that a page reaches them, whoever was primary before gets copies (requirement S10).
extension Schedules {
  /// Those under way at the start of the timeline, and those of the next takeover: at each a new timeline is made.
  func copies(_ board: Board, of team: String) -> [Shadow] {
    guard let from = board.publication?.published.fromAt else { return [] }
    return takeovers(board, from: from, until: from).compactMap { copy(of: $0, in: team) }
  }

  func copy(_ board: Board, of team: String, at instant: Instant) -> Shadow? {
    guard let takeover = takeover(board, at: instant), let copy = copy(of: takeover, in: team) else { return nil }
    return copy.fromAt <= instant && instant < copy.untilAt ? copy : nil
  }

  /// From the takeover until a page that wakes somebody was confirmed, or the shift ends. Nobody who is away gets any.
  func copy(of takeover: Takeover, in team: String) -> Shadow? {
    guard people[takeover.outgoing] != nil, boards[team]?.lanes[0].isHourly == false else { return nil }
    let confirmed = TestPage.channels.compactMap {
      readying.confirmation(
        $0, of: takeover.incoming, from: takeover.from - ReadinessBook.counts, until: takeover.until)?.confirmedAt
    }.min()
    let presence = absences.stretch(of: takeover.outgoing, at: takeover.from)
    let until = min(takeover.until, confirmed ?? .distantFuture, presence.until)
    guard presence.value == nil, takeover.from < until else { return nil }
    return Shadow(
      id: "copies-\(takeover.incoming)", team: team, tier: 1, person: takeover.outgoing, fromAt: takeover.from,
      untilAt: until, because: "until \(name(of: takeover.incoming)) confirms a test page")
  }

  /// The takeover of a person, under way or the next, for which somebody gets copies still.
  fileprivate func takeover(of person: String, withCopiesIn team: String, at now: Instant) -> Takeover? {
    guard let board = boards[team] else { return nil }
    return takeovers(board, from: now, until: now).first {
      $0.incoming == person && copy(of: $0, in: team).map { $0.untilAt > now } == true
    }
  }
}

extension ScheduleDraft {
  func teamsWithCopies(because person: String) -> [String] {
    schedules.boards(involving: person, after: now).filter {
      schedules.takeover(of: person, withCopiesIn: $0, at: now) != nil
    }
  }

  /// The escalator learns at once that copies are over; whoever got them too.
  mutating func endCopies(because person: String, in teams: [String]) {
    for id in teams where schedules.takeover(of: person, withCopiesIn: id, at: now) == nil {
      publish(id, because: .renewal)
      guard let board = schedules.boards[id], let team = board.team,
        let takeover = schedules.takeover(board, at: now), takeover.incoming == person
      else { continue }
      tell(
        takeover.outgoing, of: team,
        "\(name(person)) confirmed a test page: you get no more copies of the primary's pages (S10)")
    }
  }

  mutating func tellOfCopies(of takeover: Takeover, in team: Team) {
    guard let copy = schedules.copy(of: takeover, in: team.id) else { return }
    tell(
      copy.person, of: team,
      "\(name(takeover.incoming)) is primary now and hasn't confirmed a test page: you get copies of the pages, without duty, "
        + "until that is done (S10)")
  }
}
