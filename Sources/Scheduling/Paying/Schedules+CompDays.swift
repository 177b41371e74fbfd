import CivilTime
import Machinery
import Messages

/// Using comp days: the person says when, a manager approves (requirement C3).
extension Schedules {
  /// Whose team approves and is told.
  func compTeam(_ person: String) -> Team? { boards[everyone[person]?.team ?? ""]?.team }

  func useCompDay(_ use: CompDayUse, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    try text(use.by, "by", 0...64)
    var day = try compDay(use)
    try maySpeak(use.by, for: day.person)
    guard day.isOpen else {
      throw Refusal(.failedPrecondition, "\(day.id) is \(day.state) (C3)", field: "comp_day_id")
    }
    var draft = ScheduleDraft(self, at: now)
    guard !use.date.isEmpty else {
      day.state = .earned
      day.words = "\(day.date.isEmpty ? "not planned" : "not on \(day.date) after all")"
      day.date = ""
      day.byItself = false
      day.reminders = draft.clock(day.person).remindersDue(day, at: now)
      draft.keep(day)
      return Decision(draft.facts, answer: .pay(.compDay(CompDayReply(day: day))))
    }
    let date = try date(use.date, for: day, draft)
    day.state = .requested
    day.date = date.description
    day.byItself = false
    day.words = "waits for a manager's approval"
    day.answeredBy = ""
    day.reminders = draft.reminded(day)
    draft.keep(day)
    draft.tellManagers(
      of: day.person,
      "\(draft.name(day.person)) wants \(date.weekday.short) \(date) as a comp day (\(day.because)): "
        + "approve or decline \(day.id)")
    return Decision(draft.facts, answer: .pay(.compDay(CompDayReply(day: day))))
  }

  func answerCompDay(_ answer: CompDayAnswer, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer>
  {
    try text(answer.by, "by", 0...64)
    try text(answer.words, "words", 0...500)
    guard var day = pay.compDays[answer.compDayId] else {
      throw .notFound("no comp day is called \(answer.compDayId)", field: "comp_day_id")
    }
    try mayManage(answer.by, day.person)
    let wanted: CompDayState = answer.approves ? .planned : .earned
    if day.state == wanted, day.answeredBy == answer.by {
      return Decision([], answer: .pay(.compDay(CompDayReply(day: day))))
    }
    guard day.state == .requested else {
      throw Refusal(.failedPrecondition, "\(day.id) is \(day.state): nothing waits for approval", field: "comp_day_id")
    }
    var draft = ScheduleDraft(self, at: now)
    if answer.approves { _ = try date(day.date, for: day, draft) }
    let why = answer.words.isEmpty ? "" : ": \(answer.words)"
    let by = answer.by.isEmpty ? "an operator" : draft.name(answer.by)
    day.words = "\(answer.approves ? "approved" : "\(day.date) declined") by \(by)\(why)"
    day.answeredBy = answer.by
    day.state = wanted
    if !answer.approves { day.date = "" }
    day.reminders = answer.approves ? draft.reminded(day) : draft.clock(day.person).remindersDue(day, at: now)
    draft.keep(day, saying: "comp day of \(day.incidentId): \(day.words)")
    return Decision(draft.facts, answer: .pay(.compDay(CompDayReply(day: day))))
  }

  public func listCompDays(_ request: ListCompDaysRequest) throws(Refusal) -> ListCompDaysReply {
    if !request.team.isEmpty, boards[request.team] == nil {
      throw .notFound("no team is called \(request.team)", field: "team")
    }
    let found = pay.compDays.values.filter { day in
      (request.person.isEmpty || day.person == request.person)
        && (request.team.isEmpty || everyone[day.person]?.team == request.team) && (!request.openOnly || day.isOpen)
    }
    guard found.count <= Self.linesAtMost else {
      throw Refusal(.outOfRange, "\(found.count) comp days: ask for one person's", field: "person")
    }
    return ListCompDaysReply(
      days: found.sorted { ($0.person, $0.lapsesAfter, $0.id) < ($1.person, $1.lapsesAfter, $1.id) })
  }

  /// The named one, or the one that lapses first of those that aren't planned.
  private func compDay(_ use: CompDayUse) throws(Refusal) -> CompDay {
    if !use.compDayId.isEmpty {
      guard let day = pay.compDays[use.compDayId] else {
        throw .notFound("no comp day is called \(use.compDayId)", field: "comp_day_id")
      }
      return day
    }
    let person = use.person.isEmpty ? use.by : use.person
    guard let day = pay.compDays(of: person).first(where: { $0.state == .earned }) else {
      throw Refusal(
        .failedPrecondition,
        "\(person) has no comp day to use (C3): a SEV-1 of more than 4 hours, or on a weekend, earns "
          + "one", field: "person")
    }
    return day
  }

  private func date(_ text: String, for day: CompDay, _ draft: ScheduleDraft) throws(Refusal) -> CivilDate {
    guard let date = CivilDate(text) else { throw .invalid("date", "must be a date like 2026-11-23") }
    let classes = hourClasses(of: day.person)
    guard classes.businessHours(date).from > draft.now else { throw .invalid("date", "must lie ahead") }
    guard text <= day.lapsesAfter else {
      throw Refusal(
        .failedPrecondition, "\(day.id) is used within \(CompClock.days) days (C3): until \(day.lapsesAfter)",
        field: "date")
    }
    if let obstacle = draft.obstacle(for: day.person, on: date, except: day.id) {
      throw Refusal(
        .failedPrecondition, "\(obstacle) (C3): a comp day never unseats a holder. Choose another day, or swap first",
        field: "date")
    }
    return date
  }

  /// A manager of the person's team; its lead where it has none; or an operator. Nobody for themselves.
  private func mayManage(_ by: String, _ person: String) throws(Refusal) {
    guard let speaker = people[by] else { return }
    let team = compTeam(person)
    let managers = (team?.managers ?? []) + (team?.executives ?? [])
    let isOfTeam = speaker.team == team?.id && [.engineeringManager, .vp, .cto].contains(speaker.role)
    let isLead = team?.managers.isEmpty == true && team?.lead == by
    guard by != person, managers.contains(by) || isOfTeam || isLead else {
      throw Refusal(
        .permissionDenied,
        "\(by) can't approve a comp day of \(person) (C3): \((team?.managers ?? []).first ?? team?.lead ?? "a manager") can",
        field: "by")
    }
  }

  /// Zones and hours may have changed: when comp days lapse and begin follows them.
  mutating func retimeCompDays() {
    for day in pay.compDays.values where day.isOpen { keep(day) }
  }

  mutating func keep(_ day: CompDay) {
    pay.keep(day, due: CompClock(classes: hourClasses(of: day.person)).next(day))
  }
}
