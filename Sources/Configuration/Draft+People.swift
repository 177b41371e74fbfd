import Messages

/// Teams, people and rotations: the scheduler's slice.
extension Draft {
  func readTeam(_ field: Field) {
    guard
      let fields = field.fields([
        "kind", "id", "name", "time-zone", "working-hours", "working-days", "holidays", "lead", "managers",
        "executives",
      ])
    else { return }
    var team = Team(calendar: Calendar())
    if let id = fields.required("id")?.name() {
      define(.team, id)
      team.id = id.value
    }
    team.name = fields.required("name")?.text(limit: 128) ?? ""
    team.lead = fields.required("lead")?.mention(of: .person) ?? ""
    team.managers = fields.optional("managers")?.list(of: "people") { $0.mention(of: .person) } ?? []
    team.executives = fields.required("executives")?.list(of: "people") { $0.mention(of: .person) } ?? []
    let hours = fields.optional("working-hours")?.hours() ?? (from: 540, until: 1_020)
    team.calendar = Calendar(
      timeZone: fields.required("time-zone")?.timeZone() ?? "",
      workFromMinute: hours.from,
      workUntilMinute: hours.until,
      workWeekdays: fields.optional("working-days").map { $0.weekdays() ?? [] } ?? [1, 2, 3, 4, 5],
      holidays: fields.optional("holidays")?.list(of: "dates", atLeast: 0) { $0.date() } ?? [])
    teams.append(team)
  }

  func readPeople(_ field: Field) {
    guard let fields = field.fields(["kind", "team", "time-zone", "people"]) else { return }
    let team = fields.required("team")?.mention(of: .team) ?? ""
    let zone = fields.optional("time-zone")?.timeZone()
    for (key, value) in fields.required("people")?.entries(of: "ids to people") ?? [] {
      guard let id = key.name() else { continue }
      define(.person, id)
      guard let person = value.fields(["name", "role", "time-zone"]) else { continue }
      people.append(
        Person(
          id: id.value,
          name: person.required("name")?.text(limit: 128) ?? "",
          team: team,
          role: person.required("role")?.role() ?? .unspecified,
          timeZone: person.optional("time-zone").map { $0.timeZone() ?? "" } ?? zone ?? "UTC"))
    }
  }

  func readRotation(_ field: Field) {
    guard
      let fields = field.fields([
        "kind", "id", "team", "tier", "members", "first", "shift", "turn", "handoff", "time-zone", "starts",
      ])
    else { return }
    var rotation = Rotation(unit: .weeks, length: 1, shiftsPerTurn: 1)
    if let id = fields.required("id")?.name() {
      define(.rotation, id)
      rotation.id = id.value
    }
    rotation.team = fields.required("team")?.mention(of: .team) ?? ""
    rotation.tier = fields.required("tier")?.tier(upTo: 3) ?? 0
    rotation.members = fields.required("members")?.list(of: "people") { $0.mention(of: .person) } ?? []
    if let first = fields.optional("first"), let name = first.scalar("one of the members") {
      if let index = rotation.members.firstIndex(of: name) {
        rotation.offset = UInt32(index)
      } else {
        first.complain(
          expected: "one of the members", suggestion: NearestName.to(name, among: rotation.members))
      }
    }
    if let shift = fields.optional("shift"), let (length, unit) = shift.shiftLength() {
      rotation.length = length
      rotation.unit = unit
    }
    rotation.shiftsPerTurn = fields.optional("turn")?.shiftsPerTurn() ?? 1
    rotation.timeZone = fields.optional("time-zone").map { $0.timeZone() ?? "" } ?? "UTC"
    rotation.startDate = fields.required("starts")?.date() ?? ""
    if rotation.unit == .weeks {
      let handoff = fields.required("handoff")?.weeklyHandoff()
      rotation.handoffWeekday = handoff?.weekday ?? 1
      rotation.handoffMinute = handoff?.minute ?? 0
    } else {
      rotation.handoffMinute = fields.required("handoff")?.timeOfDay() ?? 0
    }
    rotations.append(rotation)
  }
}

extension Field {
  /// `1 week`, `3 days`, `12 hours`.
  fileprivate func shiftLength() -> (UInt32, ShiftUnit)? {
    let units: [(String, ShiftUnit, UInt32)] = [("hour", .hours, 8_784), ("day", .days, 366), ("week", .weeks, 52)]
    let expected = "a length such as 1 week, 3 days or 12 hours"
    guard let text = scalar(expected) else { return nil }
    let words = text.split(separator: " ").map(String.init)
    guard words.count == 2, let length = UInt32(words[0]), length > 0,
      let unit = units.first(where: { words[1] == $0.0 || words[1] == $0.0 + "s" }), length <= unit.2
    else {
      let names = units.map { $0.0 + "s" }
      complain(
        expected: expected,
        suggestion: words.count == 2 && !names.contains(words[1])
          ? NearestName.to(words[1], among: names).map { "\(words[0]) \($0)" } : nil)
      return nil
    }
    return (length, unit.1)
  }

  /// `2 shifts`: how many shifts in a row one member holds.
  fileprivate func shiftsPerTurn() -> UInt32? {
    let expected = "a turn such as 1 shift or 2 shifts"
    guard let text = scalar(expected) else { return nil }
    let words = text.split(separator: " ")
    guard words.count == 2, let count = UInt32(words[0]), (1...52).contains(count),
      ["shift", "shifts"].contains(words[1])
    else {
      complain(expected: expected)
      return nil
    }
    return count
  }
}
