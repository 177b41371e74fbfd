import Messages

/// The difference between two configurations, a line each for people, and which teams it concerns.
struct ConfigurationChanges {
  var lines: [String] = []
  private var concerned: Set<String> = []
  private var rescheduled: Set<String> = []

  init(from old: ScheduleConfiguration, to new: ScheduleConfiguration) {
    let changedPeople = comparePeople(old.people, new.people)
    compareTeams(old.teams, new.teams)
    compareRotations(old.rotations, new.rotations)
    lines += new.newTraining(since: old).map { "training: \($0.person) did \($0.item.words) on \($0.completedOn)" }
    for team in new.teams where !changedPeople.isDisjoint(with: team.people) { concerned.insert(team.id) }
    for rotation in new.rotations where !changedPeople.isDisjoint(with: rotation.members) {
      concerned.insert(rotation.team)
    }
    comparePay(old.pay, new.pay)
    if lines.isEmpty, old != new { lines.append("the order of the documents changed") }
  }

  /// Whether the escalator's picture of the team changes.
  func concern(_ team: String) -> Bool { concerned.contains(team) }

  /// Whether its shifts change.
  func reschedule(_ team: String) -> Bool { rescheduled.contains(team) }

  private mutating func comparePeople(_ old: [Person], _ new: [Person]) -> Set<String> {
    var changed = Set<String>()
    for (id, before, after) in differences(old, new, id: \.id) {
      changed.insert(id)
      compare("person \(id)", before, after) { before, after in
        [
          change("name", before.name, after.name), change("team", before.team, after.team),
          change("role", "\(before.role)", "\(after.role)"), change("time zone", before.timeZone, after.timeZone),
          change("hours", Self.hours(before), Self.hours(after)),
          change("working days", Self.list(before.workWeekdays), Self.list(after.workWeekdays)),
        ]
      }
    }
    return changed
  }

  private mutating func compareTeams(_ old: [Team], _ new: [Team]) {
    for (id, before, after) in differences(old, new, id: \.id) {
      concerned.insert(id)
      if before == nil || after == nil { rescheduled.insert(id) }
      compare("team \(id)", before, after) { before, after in
        let old = before.calendar ?? Calendar()
        let new = after.calendar ?? Calendar()
        return [
          change("name", before.name, after.name), change("lead", before.lead, after.lead),
          change("time zone", old.timeZone, new.timeZone),
          change("hours", Self.hours(old), Self.hours(new)),
          change("working days", Self.list(old.workWeekdays), Self.list(new.workWeekdays)),
        ] + members("manager", before.managers, after.managers)
          + members("executive", before.executives, after.executives)
          + members("holiday", old.holidays, new.holidays)
      }
    }
  }

  private mutating func compareRotations(_ old: [Rotation], _ new: [Rotation]) {
    for (id, before, after) in differences(old, new, id: \.id) {
      for team in [before?.team, after?.team].compactMap({ $0 }) {
        concerned.insert(team)
        rescheduled.insert(team)
      }
      compare("rotation \(id)", before, after) { before, after in
        [
          change("team", before.team, after.team), change("tier", "\(before.tier)", "\(after.tier)"),
          change("shift", "\(before.length) \(before.unit)", "\(after.length) \(after.unit)"),
          change("shifts per turn", "\(before.shiftsPerTurn)", "\(after.shiftsPerTurn)"),
          change("time zone", before.timeZone, after.timeZone),
          change("handoff weekday", "\(before.handoffWeekday)", "\(after.handoffWeekday)"),
          change("handoff minute", "\(before.handoffMinute)", "\(after.handoffMinute)"),
          change("start date", before.startDate, after.startDate),
          change("offset", "\(before.offset)", "\(after.offset)"),
          change("follows", before.follows, after.follows),
          change("weekdays", Self.list(before.weekdays), Self.list(after.weekdays)),
          change("hours", Self.restriction(before), Self.restriction(after)),
        ] + members("member", before.members, after.members)
      }
    }
  }

  private mutating func comparePay(_ old: [PayRates], _ new: [PayRates]) {
    for (_, before, after) in differences(old, new, id: \.title) {
      compare((after ?? before ?? PayRates()).title, before, after) { before, after in
        [
          change("currency", before.currency, after.currency),
          change("weekly stipend", before.stipendWords, after.stipendWords),
          change("after hours", before.afterHoursHourly, after.afterHoursHourly),
          change("weekend", before.weekendHourly, after.weekendHourly),
          change("week", "\(before.weekWeekday) \(before.weekMinute)", "\(after.weekWeekday) \(after.weekMinute)"),
          change(
            "business hours", "\(before.businessFromMinute)-\(before.businessUntilMinute)",
            "\(after.businessFromMinute)-\(after.businessUntilMinute)"),
        ]
      }
    }
  }

  /// "rotation platform-primary: member fay added"
  private mutating func compare<Document>(
    _ title: String, _ before: Document?, _ after: Document?, _ details: (Document, Document) -> [String?]
  ) {
    switch (before, after) {
    case (nil, _): lines.append("\(title) added")
    case (_, nil): lines.append("\(title) removed")
    case (let before?, let after?): lines += details(before, after).compactMap { $0 }.map { "\(title): \($0)" }
    }
  }

  /// Old and new by id, where they differ: those that were there first, in their order, then the new ones. Mostly the same
  /// documents stand in the same order: then nothing is looked up.
  private func differences<Document: Equatable>(
    _ old: [Document], _ new: [Document], id: KeyPath<Document, String>
  ) -> [(String, Document?, Document?)] {
    if old.count == new.count, zip(old, new).allSatisfy({ $0[keyPath: id] == $1[keyPath: id] }) {
      return zip(old, new).filter { $0 != $1 }.map { ($0[keyPath: id], $0, $1) }
    }
    let before = Dictionary(old.map { ($0[keyPath: id], $0) }) { $1 }
    let after = Dictionary(new.map { ($0[keyPath: id], $0) }) { $1 }
    return (old + new).map { $0[keyPath: id] }.distinct.map { ($0, before[$0], after[$0]) }.filter { $1 != $2 }
  }

  private static func hours(_ person: Person) -> String {
    person.workUntilMinute == 0 ? "" : "minutes \(person.workFromMinute)-\(person.workUntilMinute)"
  }

  private static func hours(_ calendar: Calendar) -> String {
    "minutes \(calendar.workFromMinute)-\(calendar.workUntilMinute)"
  }

  private static func restriction(_ rotation: Rotation) -> String {
    rotation.fromMinute == rotation.untilMinute ? "" : "minutes \(rotation.fromMinute)-\(rotation.untilMinute)"
  }

  private static func list(_ numbers: [UInt32]) -> String { numbers.map { "\($0)" }.joined(separator: " ") }
}

extension PayRates {
  fileprivate var title: String { "pay of \(team) from \(fromDate)" }

  fileprivate var stipendWords: String {
    ([weeklyStipend] + tierStipends.map { "tier \($0.tier) \($0.weekly)" }).joined(separator: ", ")
  }
}

extension ScheduleConfiguration {
  /// Records that weren't configured before: those become facts. Leaving one out later takes nothing back.
  func newTraining(since old: ScheduleConfiguration) -> [TrainingRecord] {
    guard old.training != training else { return [] }
    let known = Set(old.training)
    return training.filter { !known.contains($0) }
  }
}

private func change(_ field: String, _ before: String, _ after: String) -> String? {
  before == after ? nil : "\(field) \(before.isEmpty ? "none" : before) -> \(after.isEmpty ? "none" : after)"
}

private func members(_ word: String, _ before: [String], _ after: [String]) -> [String?] {
  let added = after.filter { !before.contains($0) }
  let removed = before.filter { !after.contains($0) }
  let keptOrder = before.filter(after.contains) == after.filter(before.contains)
  return added.map { "\(word) \($0) added" } + removed.map { "\(word) \($0) removed" }
    + (keptOrder ? [] : ["\(word)s reordered: \(after.joined(separator: ", "))"])
}
