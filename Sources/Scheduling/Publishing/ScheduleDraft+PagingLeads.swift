import Messages

/// Paging the lead of a team when a promised shift has nobody (requirement S7).
extension ScheduleDraft {
  /// Everywhere the person held something promised: whoever is told that it is open now. Returns what is uncovered.
  mutating func openGaps(of person: String, absence: Absence) -> [UncoveredShift] {
    var uncovered: [UncoveredShift] = []
    for id in schedules.boards(involving: person, after: now) {
      guard let board = schedules.boards[id], let team = board.team else { continue }
      let open = board.uncovered(person, from: now)
      uncovered += open.map { UncoveredShift(team: id, shift: $0) }
      guard let first = open.first else {
        publish(id, because: .renewal)
        continue
      }
      let shifts = open.map { words(for: $0, of: team) }
      let what =
        "\(name(person)) can't be \(Self.name(ofTier: first.tier)) "
        + words(from: first.fromAt, until: first.untilAt, in: team)
        + (open.count == 1
          ? "" : ", and \(open.count - 1) more of their shifts \(open.count == 2 ? "is" : "are") open")
      pageLead(team, absence, "\(what): find cover", because: shifts.joined(separator: "; "))
      let passed = open.contains { $0.fromAt <= now } ? " Pages go to the next tier until somebody covers." : ""
      publish(id, because: .arranged("\(what).\(passed)"))
    }
    return uncovered
  }

  private mutating func pageLead(_ team: Team, _ absence: Absence, _ text: String, because: String) {
    let finder = finder(of: team)
    guard !finder.isEmpty else { return }
    add(
      .leadPaged(
        LeadPaged(
          id: "\(absence.id)/\(team.id)", team: team.id, person: finder, text: "\(team.title): \(text)",
          because: because, pagedAt: now, absence: absence.id)))
  }

  /// Who is paged to find cover: the lead; a manager who is there when the lead is the one who isn't.
  private func finder(of team: Team) -> String {
    ([team.lead] + team.managers).first {
      !$0.isEmpty && schedules.absences.stretch(of: $0, at: now).value == nil
    } ?? team.lead
  }

  /// Pages whose shift is held again are over.
  mutating func answerPages(of team: Team) {
    for page in schedules.leadPages.values.sorted(by: { $0.made.id < $1.made.id })
    where page.isWanted && page.made.team == team.id {
      guard let known = schedules.absences.known(page.made.absence), let board = schedules.boards[team.id] else {
        continue
      }
      if board.uncovered(known.absence.person, from: now).isEmpty {
        add(.leadPageAnswered(LeadPageAnswered(id: page.made.id)))
      }
    }
  }
}

extension Board {
  /// Promised shifts of a person who isn't there, still to come or under way.
  func uncovered(_ person: String, from: Instant) -> [Shift] {
    lanes.flatMap { lane -> [Shift] in
      guard from < lane.heldUntil else { return [] }
      return lane.shifts(from: from, until: lane.heldUntil, absences: absences).filter {
        $0.because == .nobody && lane.shiftOfAnybody(at: max($0.fromAt, from)).person == person
      }
    }.sorted { ($0.fromAt, $0.tier) < ($1.fromAt, $1.tier) }
  }

  /// Promised shifts that a person holds, still to come or under way; what is only planned before an arrangement isn't.
  func held(by person: String, from: Instant, until end: Instant = .distantFuture) -> [Shift] {
    lanes.flatMap { lane -> [Shift] in
      let until = min(lane.heldUntil, end)
      guard from < until else { return [] }
      return lane.shifts(from: from, until: until, absences: absences).filter {
        $0.person == person && ($0.because != .rotation || $0.fromAt < lane.publishedUntil)
      }
    }.sorted { ($0.fromAt, $0.tier) < ($1.fromAt, $1.tier) }
  }

  /// All that is promised of a person: what they hold, and what is open because they aren't there.
  func promised(of person: String, from: Instant) -> [Shift] {
    held(by: person, from: from) + uncovered(person, from: from)
  }

  /// Whether rotations or arrangements name a person.
  func involves(_ person: String, after now: Instant) -> Bool {
    lanes.contains { lane in
      lane.rotations.contains { $0.rotation.members.contains(person) }
        || lane.arrangements.contains { $0.person == person && $0.until > now }
        || lane.rosters.values.contains { $0.names(person, after: now) }
    }
  }
}

extension Lane {
  /// Until when anything is promised, by publishing or by arrangement.
  var heldUntil: Instant {
    arrangements.reduce(publishedUntil) { max($0, $1.until) }
  }
}

extension Roster {
  func names(_ person: String, after now: Instant) -> Bool {
    for shift in shifts.reversed() {
      if shift.untilAt <= now { return false }
      if shift.person == person { return true }
    }
    return false
  }
}
