import CivilTime
import Messages

/// What is missing is reminded of a day and an hour before the handoff, and told to the lead at it (requirement S10).
extension Schedules {
  /// How long before the handoff; the last is the handoff itself.
  fileprivate static let reminders: [Span] = [.hours(24), .hours(1), .zero]

  /// When the team's next reminder is due: a few questions to its schedule, asked whenever that changes.
  mutating func timeReadiness(of team: String) {
    readying.due.set(team, to: nextReadinessReminder(of: team))
    readying.dailyDue.set(team, to: nextDailyReminder(of: team))
  }

  private func nextReadinessReminder(of team: String) -> Instant? {
    guard let board = boards[team], board.team != nil, !board.lanes[0].isHourly, let published = board.publication,
      let checked = readying.checked[team]
    else { return nil }
    let from = max(checked, published.published.publishedAt)
    let times = takeovers(board, from: from, until: checked + Self.reminders[0])
      .flatMap { takeover in Self.reminders.map { takeover.from - $0 } }
    return times.filter { $0 > checked }.min()
  }
}

extension ScheduleDraft {
  /// Of what became due since the last time each person hears once, also after an outage.
  mutating func remindOfReadiness(_ id: String) {
    let checked = schedules.readying.checked[id] ?? now
    if let board = schedules.boards[id], let team = board.team {
      for takeover in schedules.takeovers(board, from: now, until: now + Schedules.reminders[0]) {
        let passed = Schedules.reminders.last { checked < takeover.from - $0 && takeover.from - $0 <= now }
        guard let passed else { continue }
        if passed == .zero { tellOfCopies(of: takeover, in: team) }
        let missing = schedules.readiness(of: takeover, in: id, at: now).missing
        guard !missing.isEmpty else { continue }
        if passed == .zero {
          tellLead(team, "\(name(takeover.incoming)) took over as primary and isn't ready (S10): \(missing)")
        } else {
          tell(
            takeover.incoming, of: team,
            "you are primary \(words(from: takeover.from, until: takeover.until, in: team)). Still to be done before: "
              + "\(missing) (tocsinctl ready show)")
        }
      }
    }
    add(.readinessChecked(ReadinessChecked(team: id, untilAt: now)))
  }

  /// Records of about thirteen months ago, one person's or team's at a time.
  mutating func forgetReadiness(_ key: String) {
    let before = now - ReadinessBook.memory + .milliseconds(1)
    let id = String(key.drop { $0 != "/" }.dropFirst())
    let forgotten =
      key.hasPrefix("team/")
      ? ReadinessForgotten(beforeAt: before, team: id) : ReadinessForgotten(person: id, beforeAt: before)
    add(.readinessForgotten(forgotten))
  }
}
