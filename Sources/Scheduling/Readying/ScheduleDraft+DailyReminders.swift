import CivilTime
import Messages

/// Once a day the primary hears which of the day's tasks are open (requirement S11).
extension Schedules {
  /// Minutes into the team's working hours, on every day of the week: noon where they begin at nine.
  private static let reminderMinutes = 180

  func dailyReminder(of team: Team, on date: CivilDate) -> Instant {
    let minute = Int(team.calendar?.workFromMinute ?? 0) + Self.reminderMinutes
    return dailyZone(team).instant(of: LocalTime(date, minute: min(minute, 1_439)))
  }

  /// The first after those that were given.
  func nextDailyReminder(of id: String) -> Instant? {
    guard let board = boards[id], let team = board.team, let reminded = readying.reminded[id] else { return nil }
    let date = dailyZone(team).local(reminded).date
    return (-1...2).map { dailyReminder(of: team, on: date.adding(days: $0)) }.first { $0 > reminded }
  }
}

extension ScheduleDraft {
  mutating func remindOfDailyTasks(_ id: String, due: Instant) {
    if let team = schedules.boards[id]?.team {
      let tasks = schedules.tasks(of: team, on: schedules.dailyZone(team).local(now).date)
      let open = tasks.tasks.filter(\.by.isEmpty).map(\.text)
      if !open.isEmpty, !tasks.person.isEmpty {
        tell(
          tasks.person, of: team,
          "daily tasks of \(tasks.date) still open: \(open.joined(separator: ", ")) (tocsinctl task list)")
      }
    }
    add(.dailyTasksReminded(DailyTasksReminded(team: id, untilAt: max(now, due))))
  }
}
