import CivilTime
import Machinery
import Messages

/// The primary's tasks of a day: who ticked what and what they saw (requirement S11).
extension Schedules {
  /// Later nobody knows what was to be seen.
  private static let tickedBack = 7

  public func listTasks(_ request: DailyTasksRequest, now: Instant) throws(Refusal) -> DailyTasks {
    guard let team = boards[request.team]?.team else {
      throw .notFound("no team is called \(request.team)", field: "team")
    }
    return tasks(of: team, on: try date(request.date, of: team, now: now))
  }

  func tickTask(_ asked: DailyTaskTick, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    guard let board = boards[asked.team], let team = board.team else {
      throw .notFound("no team is called \(asked.team)", field: "team")
    }
    guard let kind = DailyTaskKind.all.first(where: { $0.id == asked.task }) else {
      let ids = DailyTaskKind.all.map(\.id).joined(separator: ", ")
      throw .notFound("no daily task is called \"\(asked.task)\": there are \(ids)", field: "task")
    }
    try text(asked.by, "by", 0...64)
    try text(asked.saw, "saw", 0...500)
    let date = try date(asked.date, of: team, now: now)
    let today = dailyZone(team).local(now).date
    guard date <= today, today.adding(days: -Self.tickedBack) <= date else {
      throw .invalid("date", "must be today or one of the \(Self.tickedBack) days before (S11)")
    }
    let person = tasks(of: team, on: date).person
    guard
      asked.by == person || asked.by == board.shift(tier: 1, at: now).person || people[asked.by] == nil
        || isLead(asked.by, of: team)
    else {
      throw Refusal(
        .permissionDenied,
        "\(asked.by) can't tick the tasks of \(date) (S11): \(person.isEmpty ? "" : "\(person), who is primary, or ")a lead of team "
          + "\(team.id) can", field: "by")
    }
    var tick = asked
    tick.date = date.description
    tick.values = asked.undo ? [] : try values(asked, of: kind)
    var draft = ScheduleDraft(self, at: now)
    let before = readying.dailyTick(kind.id, on: tick.date, of: team.id)
    if before?.tick != tick, before != nil || !tick.undo {
      draft.add(.dailyTaskTicked(DailyTaskTicked(tick: tick, tickedAt: now)))
    }
    return Decision(draft.facts, answer: .readiness(.tasks(draft.schedules.tasks(of: team, on: date))))
  }

  /// Each of the task's numbers, in its order. One out of its range is taken, and marked where it is shown.
  private func values(_ asked: DailyTaskTick, of kind: DailyTaskKind) throws(Refusal) -> [DailyValue] {
    if let stray = asked.values.first(where: { value in !kind.ranges.contains { $0.name == value.name } }) {
      throw .invalid("values", "task \(kind.id) has no value \"\(stray.name)\"")
    }
    var values: [DailyValue] = []
    for range in kind.ranges {
      guard let given = asked.values.last(where: { $0.name == range.name }), Exact(given.value) != nil else {
        throw .invalid("values", "must say \(range.name) as a number such as 0.05 (S11): expected is \(range.expected)")
      }
      values.append(DailyValue(name: range.name, value: given.value))
    }
    return values
  }

  func tasks(of team: Team, on date: CivilDate) -> DailyTasks {
    let tasks = DailyTaskKind.all.map { kind in
      let done = readying.dailyTick(kind.id, on: date.description, of: team.id)
      let values = kind.ranges.map { range in
        let value = done?.tick?.values.first { $0.name == range.name }?.value ?? ""
        return DailyValue(
          name: range.name, value: value, expected: range.expected,
          outOfRange: Exact(value).map { !range.holds($0) } ?? false)
      }
      return DailyTask(
        id: kind.id, text: kind.text, how: kind.how(on: date.description), values: values, saw: done?.tick?.saw ?? "",
        by: done.map { ($0.tick?.by ?? "").isEmpty ? "an operator" : $0.tick?.by ?? "" } ?? "",
        tickedAt: done?.tickedAt ?? .unset)
    }
    return DailyTasks(
      team: team.id, date: date.description,
      person: boards[team.id]?.shift(tier: 1, at: dailyReminder(of: team, on: date)).person ?? "", tasks: tasks)
  }

  func dailyZone(_ team: Team) -> TimeZoneRules { zones[team.calendar?.timeZone ?? ""] ?? .utc }

  private func date(_ text: String, of team: Team, now: Instant) throws(Refusal) -> CivilDate {
    guard !text.isEmpty else { return dailyZone(team).local(now).date }
    guard let date = CivilDate(text) else { throw .invalid("date", "must be a date like 2026-11-23") }
    return date
  }
}
