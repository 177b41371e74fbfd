import CivilTime
import Messages

/// Comp days as they are earned, moved, reminded of and lost (requirement C3).
extension ScheduleDraft {
  /// A day off is looked for so far ahead.
  private static let searchedDays = 366

  /// What somebody's work on an incident earns, as it is known now: new days, and those that it turns out not to be.
  mutating func grantCompDays(for key: WorkKey) {
    guard let known = schedules.pay.work(key) else { return }
    let team = schedules.payTeam(known)
    let classes = schedules.hourClasses(
      of: key.person, team: team, at: known.work.sev1FromAt.isSet ? known.work.sev1FromAt : now)
    let grant = known.work.drill ? nil : CompGrant(known.work, worked: known.spans, classes: classes)
    let wanted = grant?.days ?? 0
    for number in 1...2 {
      let id = "comp-\(key.incidentId)-\(key.person)-\(number)"
      let before = schedules.pay.compDays[id]
      if number > wanted {
        guard var day = before, day.isOpen else { continue }
        day.state = .withdrawn
        day.words = "the incident turned out to earn less"
        keep(day, saying: "comp day of \(key.incidentId) is withdrawn: \(day.words)")
        continue
      }
      guard let grant, before == nil || before?.state == .withdrawn else { continue }
      earn(number, grant, known.work, id: id, classes)
    }
  }

  private mutating func earn(_ number: Int, _ grant: CompGrant, _ work: Work, id: String, _ classes: HourClasses) {
    let earnedOn = classes.zone.local(work.sev1UntilAt).date
    var day = CompDay(
      id: id, person: work.person, incidentId: work.incidentId, state: .earned, earnedOn: earnedOn.description,
      lapsesAfter: earnedOn.adding(days: CompClock.days).description, because: grant.because)
    if number == 1, let monday = grant.monday, let free = freeDay(for: work.person, from: monday) {
      day.state = .planned
      day.byItself = true
      day.date = free.description
      day.words = free == monday ? "the Monday after" : "the first free day from Monday \(monday) on"
      day.reminders = reminded(day)
      keep(day, saying: "\(grant.because): \(free.weekday.short) \(free) is a comp day, \(day.words)")
    } else {
      day.reminders = clock(work.person).remindersDue(day, at: now)
      keep(
        day, saying: "\(grant.because): a comp day is yours, with your manager's approval, until \(day.lapsesAfter)")
    }
  }

  /// The first working day, not begun, on which a person has nothing: no shift during its hours, no absence, no other comp day.
  func freeDay(for person: String, from first: CivilDate) -> CivilDate? {
    let classes = schedules.hourClasses(of: person)
    var date = max(first, classes.zone.local(now).date)
    for _ in 0..<Self.searchedDays {
      if classes.businessHours(date).from > now, obstacle(for: person, on: date) == nil { return date }
      date = date.adding(days: 1)
    }
    return nil
  }

  /// Why a day can't be a comp day; nil when it can.
  func obstacle(for person: String, on date: CivilDate, except id: String = "") -> String? {
    let classes = schedules.hourClasses(of: person)
    guard classes.isWorkingDay(date) else { return "\(date) isn't a working day" }
    let hours = classes.businessHours(date)
    for (team, board) in schedules.boards.sorted(by: { $0.key < $1.key }) where board.team != nil {
      for lane in board.lanes {
        let shifts = lane.shifts(from: hours.from, until: hours.until, absences: board.absences)
        if let shift = shifts.first(where: { $0.person == person }) {
          return "\(name(person)) is \(Self.name(ofTier: shift.tier)) of team \(team) then, until "
            + shift.untilAt.short(in: classes.zone)
        }
      }
    }
    if let absence = schedules.absences.first(of: person, from: hours.from, until: hours.until) {
      return "\(name(person)) is \(absence.words)"
    }
    let other = schedules.pay.compDays(of: person).first {
      $0.id != id && $0.date == date.description && [.requested, .planned, .taken].contains($0.state)
    }
    return other.map { "\($0.id) is on that day" }
  }

  /// What time alone does to a comp day.
  mutating func passCompDay(_ id: String) {
    guard var day = schedules.pay.compDays[id] else { return }
    let clock = clock(day.person)
    switch day.state {
    case .earned where clock.lapse(day) <= now:
      day.state = .lapsed
      day.words = "not used within \(CompClock.days) days"
      keep(day, saying: "the comp day of \(day.incidentId) has lapsed: \(day.words)")
    case .earned:
      day.reminders = max(day.reminders + 1, clock.remindersDue(day, at: now))
      keep(day, saying: "a comp day (\(day.because)) lapses after \(day.lapsesAfter): choose a day")
    case .requested where clock.begin(day) <= now:
      day.state = .earned
      day.words = "nobody approved \(day.date) in time"
      day.date = ""
      day.reminders = clock.remindersDue(day, at: now)
      keep(day, saying: "\(day.words): the comp day of \(day.incidentId) is yours still, until \(day.lapsesAfter)")
    case .requested:
      day.reminders = 1
      keep(day)
      tellManagers(of: day.person, "\(name(day.person))'s comp day on \(day.date) waits for approval (\(day.id))")
    case .planned: passPlanned(day, clock)
    default: keep(day)
    }
  }

  /// Being on call wins: the day moves to the next that is free.
  private mutating func passPlanned(_ planned: CompDay, _ clock: CompClock) {
    var day = planned
    if let date = CivilDate(day.date), let obstacle = obstacle(for: day.person, on: date, except: day.id),
      let free = freeDay(for: day.person, from: date.adding(days: 1))
    {
      day.words = "moved from \(day.date): \(obstacle)"
      day.date = free.description
      day.reminders = reminded(day)
      keep(day, saying: "your comp day is on \(free.weekday.short) \(free), \(day.words)")
    } else if clock.begin(day) <= now {
      day.state = .taken
      keep(day)
    } else {
      day.reminders = 1
      keep(day, saying: "\(day.date) is your comp day (\(day.because))")
    }
  }

  /// 1 when the day before has come already, so that it isn't told twice.
  func reminded(_ day: CompDay) -> UInt32 { clock(day.person).begin(day) - .days(1) <= now ? 1 : 0 }

  func clock(_ person: String) -> CompClock { CompClock(classes: schedules.hourClasses(of: person)) }

  mutating func keep(_ day: CompDay, saying words: String = "") {
    add(.compDayMoved(CompDayMoved(day: day)))
    guard !words.isEmpty, let team = schedules.compTeam(day.person) else { return }
    tell(day.person, of: team, words)
  }

  mutating func tellManagers(of person: String, _ words: String) {
    guard let team = schedules.compTeam(person) else { return }
    if team.managers.isEmpty { tellLead(team, words) }
    for manager in team.managers { tell(manager, of: team, words) }
  }
}

extension CompDay {
  /// Still to be taken.
  var isOpen: Bool { [.earned, .requested, .planned].contains(state) }
}
