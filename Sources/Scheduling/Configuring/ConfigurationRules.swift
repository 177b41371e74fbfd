import CivilTime
import Messages

/// What a configuration must be to be taken: each refusal names the field and the rule.
struct ConfigurationRules {
  private let configuration: ScheduleConfiguration
  private let zones: TimeZones
  private let people: Set<String>
  private let teams: Set<String>

  /// A rotation may not last longer than this per turn, in days: more is a mistake in the unit.
  static let turnDaysAtMost: UInt64 = 3_660

  init(configuration: ScheduleConfiguration, zones: TimeZones) {
    self.configuration = configuration
    self.zones = zones
    people = Set(configuration.people.map(\.id))
    teams = Set(configuration.teams.map(\.id))
  }

  func check() throws(Refusal) {
    try unique(configuration.people.map(\.id), "people")
    try unique(configuration.teams.map(\.id), "teams")
    try unique(configuration.rotations.map(\.id), "rotations")
    for (index, person) in configuration.people.enumerated() { try check(person, "people[\(index)]") }
    for (index, team) in configuration.teams.enumerated() { try check(team, "teams[\(index)]") }
    var taken: [String: String] = [:]
    for (index, rotation) in configuration.rotations.enumerated() {
      try check(rotation, "rotations[\(index)]")
      if let other = taken.updateValue(rotation.id, forKey: "\(rotation.tier) \(rotation.team)"), !rotation.isRestricted
      {
        throw .invalid(
          "rotations[\(index)].tier",
          "\(rotation.id) and \(other) are both tier \(rotation.tier) of team \(rotation.team): a tier has one holder, so "
            + "every rotation of a tier after its first must be restricted to weekdays or hours")
      }
    }
    for (index, record) in configuration.training.enumerated() { try check(record, "training[\(index)]") }
    for (index, rates) in configuration.pay.enumerated() { try rates.check("pay[\(index)]", teams: teams) }
    try unique(configuration.pay.map { "\($0.team) \($0.fromDate)" }, "pay")
  }

  private func check(_ record: TrainingRecord, _ path: String) throws(Refusal) {
    try known(person: record.person, "\(path).person")
    guard record.item != .unspecified else { throw .invalid("\(path).item", "must be an item of the programme") }
    guard CivilDate(record.completedOn) != nil else {
      throw .invalid("\(path).completed_on", "must be a date like 2026-11-23")
    }
    guard !record.lost else { throw .invalid("\(path).lost", "what is lost is recorded, not configured") }
  }

  private func check(_ person: Person, _ path: String) throws(Refusal) {
    if !person.team.isEmpty { try known(team: person.team, "\(path).team") }
    try known(zone: person.timeZone, "\(path).time_zone")
    let hasHours = person.workFromMinute != 0 || person.workUntilMinute != 0
    guard !hasHours || (person.workFromMinute < person.workUntilMinute && person.workUntilMinute <= 1_440) else {
      throw .invalid("\(path).work_until_minute", "must be after work_from_minute and at most 1440")
    }
    guard person.workWeekdays.allSatisfy({ 1...7 ~= $0 }) else {
      throw .invalid("\(path).work_weekdays", "must be 1 (Monday) to 7 (Sunday)")
    }
  }

  private func check(_ team: Team, _ path: String) throws(Refusal) {
    do {
      _ = try BusinessTime(team.calendar ?? Calendar(), zones: zones)
    } catch {
      throw .invalid("\(path).\(error.field)", error.message)
    }
    if !team.lead.isEmpty { try known(person: team.lead, "\(path).lead") }
    for (field, list) in [("managers", team.managers), ("executives", team.executives)] {
      try distinct(list, "\(path).\(field)")
      for (index, person) in list.enumerated() { try known(person: person, "\(path).\(field)[\(index)]") }
    }
  }

  private func check(_ rotation: Rotation, _ path: String) throws(Refusal) {
    try known(team: rotation.team, "\(path).team")
    guard 1...3 ~= rotation.tier else {
      throw .invalid("\(path).tier", "must be 1, 2 or 3; tier 4 is the team's list of executives")
    }
    try checkRestriction(rotation, path)
    guard rotation.follows.isEmpty else { return try checkFollowing(rotation, path) }
    guard !rotation.members.isEmpty else { throw .invalid("\(path).members", "needs at least one person") }
    try distinct(rotation.members, "\(path).members")
    for (index, member) in rotation.members.enumerated() { try known(person: member, "\(path).members[\(index)]") }
    try checkLength(rotation, path)
    try known(zone: rotation.timeZone, "\(path).time_zone")
    guard rotation.handoffWeekday <= 7 else {
      throw .invalid("\(path).handoff_weekday", "must be 1 (Monday) to 7 (Sunday)")
    }
    guard rotation.handoffMinute < 1_440 else {
      throw .invalid("\(path).handoff_minute", "must be below 1440, the minutes of a day")
    }
    guard let start = CivilDate(rotation.startDate), 1970...9_000 ~= start.year else {
      throw .invalid("\(path).start_date", "must be a date like 2026-11-23, from 1970 on")
    }
    guard rotation.offset < rotation.members.count else {
      throw .invalid("\(path).offset", "must be below \(rotation.members.count), the number of members")
    }
  }

  private func checkRestriction(_ rotation: Rotation, _ path: String) throws(Refusal) {
    guard rotation.weekdays.allSatisfy({ 1...7 ~= $0 }) else {
      throw .invalid("\(path).weekdays", "must be 1 (Monday) to 7 (Sunday)")
    }
    guard rotation.fromMinute < 1_440 else { throw .invalid("\(path).from_minute", "must be below 1440") }
    guard rotation.untilMinute <= 1_440 else { throw .invalid("\(path).until_minute", "must be at most 1440") }
    guard rotation.fromMinute != rotation.untilMinute || rotation.fromMinute == 0 else {
      throw .invalid("\(path).until_minute", "must differ from from_minute")
    }
  }

  /// A rotation that follows has no members and times of its own; what it follows must be on another tier of the team.
  private func checkFollowing(_ rotation: Rotation, _ path: String) throws(Refusal) {
    guard
      let leader = configuration.rotations.first(where: { $0.id == rotation.follows && $0.team == rotation.team })
    else { throw .invalid("\(path).follows", "team \(rotation.team) has no rotation \(rotation.follows)") }
    guard leader.follows.isEmpty else {
      throw .invalid("\(path).follows", "\(leader.id) follows \(leader.follows) itself")
    }
    guard leader.tier != rotation.tier else { throw .invalid("\(path).follows", "\(leader.id) is on the same tier") }
    guard rotation.members.isEmpty else {
      throw .invalid("\(path).members", "are those of \(leader.id), which it follows")
    }
  }

  /// Without unit and length a shift is a week; with a unit its length must be given.
  private func checkLength(_ rotation: Rotation, _ path: String) throws(Refusal) {
    guard rotation.length >= 1 || rotation.unit == .unspecified else {
      throw .invalid("\(path).length", "must be at least 1")
    }
    let turn = UInt64(max(1, rotation.length)) * UInt64(max(1, rotation.shiftsPerTurn))
    let days: UInt64
    switch rotation.unit {
    case .hours: days = turn / 24
    case .days: days = turn
    case .weeks, .unspecified: days = turn.multipliedReportingOverflow(by: 7).partialValue
    }
    guard days <= Self.turnDaysAtMost, turn <= Self.turnDaysAtMost * 24 else {
      throw .invalid("\(path).length", "a turn must be at most \(Self.turnDaysAtMost) days")
    }
  }

  private func unique(_ ids: [String], _ field: String) throws(Refusal) {
    var seen = Set<String>()
    for (index, id) in ids.enumerated() {
      guard 1...64 ~= id.utf8.count else { throw .invalid("\(field)[\(index)].id", "must have 1 to 64 bytes") }
      guard seen.insert(id).inserted else { throw .invalid("\(field)[\(index)].id", "\(id) occurs twice") }
    }
  }

  private func distinct(_ ids: [String], _ field: String) throws(Refusal) {
    var seen = Set<String>()
    for id in ids where !seen.insert(id).inserted { throw .invalid(field, "\(id) occurs twice") }
  }

  private func known(person: String, _ field: String) throws(Refusal) {
    guard people.contains(person) else {
      throw .invalid(field, "\(person) is not among the people of this configuration")
    }
  }

  private func known(team: String, _ field: String) throws(Refusal) {
    guard teams.contains(team) else { throw .invalid(field, "\(team) is not among the teams of this configuration") }
  }

  private func known(zone: String, _ field: String) throws(Refusal) {
    guard zones[zone] != nil else { throw .invalid(field, "\(zone) is not in the tz database") }
  }
}
