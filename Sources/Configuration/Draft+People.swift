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
      holidays: fields.optional("holidays")?.holidays() ?? [])
    teams.append(team)
  }

  func readPeople(_ field: Field) {
    guard
      let fields = field.fields(["kind", "team", "time-zone", "working-hours", "working-days", "training", "people"])
    else { return }
    let team = fields.required("team")?.mention(of: .team) ?? ""
    let zone = fields.optional("time-zone")?.timeZone()
    let hours = fields.optional("working-hours")?.hours()
    let days = fields.optional("working-days")?.weekdays()
    let trained = fields.optional("training")?.training()
    for (key, value) in fields.required("people")?.entries(of: "ids to people") ?? [] {
      guard let id = key.name() else { continue }
      define(.person, id)
      guard let person = value.fields(["name", "role", "time-zone", "working-hours", "working-days", "training"]) else {
        continue
      }
      let own = person.optional("working-hours")?.hours() ?? hours
      people.append(
        Person(
          id: id.value,
          name: person.required("name")?.text(limit: 128) ?? "",
          team: team,
          role: person.required("role")?.role() ?? .unspecified,
          timeZone: person.optional("time-zone").map { $0.timeZone() ?? "" } ?? zone ?? "UTC",
          workFromMinute: own?.from ?? 0, workUntilMinute: own?.until ?? 0,
          workWeekdays: person.optional("working-days")?.weekdays() ?? days ?? []))
      let items = person.optional("training").map { $0.training() ?? [] } ?? trained ?? []
      training += items.map { TrainingRecord(person: id.value, item: $0.item, completedOn: $0.date) }
    }
  }

  func readRotation(_ field: Field) {
    guard
      let fields = field.fields([
        "kind", "id", "team", "tier", "follows", "members", "first", "shift", "turn", "handoff", "time-zone", "starts",
        "on", "hours",
      ])
    else { return }
    var rotation = Rotation(unit: .weeks, length: 1, shiftsPerTurn: 1)
    if let id = fields.required("id")?.name() {
      define(.rotation, id)
      rotation.id = id.value
    }
    rotation.team = fields.required("team")?.mention(of: .team) ?? ""
    rotation.tier = fields.required("tier")?.tier(upTo: 3) ?? 0
    rotation.weekdays = fields.optional("on")?.weekdays() ?? []
    if let hours = fields.optional("hours")?.hoursOfDay() {
      rotation.fromMinute = hours.from
      rotation.untilMinute = hours.until
    }
    if let follows = fields.optional("follows") {
      rotation = followingRotation(rotation, follows, fields)
      rotations.append(rotation)
      return
    }
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

  /// A rotation that follows another one has its members and times.
  private func followingRotation(_ named: Rotation, _ follows: Field, _ fields: Fields) -> Rotation {
    var rotation = named
    rotation.unit = .unspecified
    rotation.length = 0
    rotation.shiftsPerTurn = 0
    rotation.follows = follows.mention(of: .rotation) ?? ""
    for key in ["members", "first", "shift", "turn", "handoff", "time-zone", "starts"] {
      fields.optional(key)?.complain(expected: "no \(key) beside follows: it is that of the rotation it follows")
    }
    return rotation
  }
}

extension Field {
  /// `2025-09-01` for everything that a solo week and the solo week itself need, or a mapping from items to dates.
  fileprivate func training() -> [(item: TrainingItem, date: String)]? {
    let items: [(word: String, item: TrainingItem)] = [
      ("playbook-review", .playbookReview), ("runbook-walkthroughs", .runbookWalkthroughs),
      ("tool-access-setup", .toolAccessSetup), ("shadow-rotation-1", .shadowRotation1),
      ("shadow-rotation-2", .shadowRotation2), ("solo-rotation", .soloRotation),
      ("production-access", .productionAccess), ("push-device", .pushDevice),
    ]
    if case .scalar = node { return date().map { date in items.map { (item: $0.item, date: date) } } }
    guard let fields = self.fields(items.map(\.word)) else { return nil }
    return items.compactMap { word, item in fields.optional(word)?.date().map { (item: item, date: $0) } }
  }

  /// `09:00-17:00`, or past midnight `17:00-09:00`.
  fileprivate func hoursOfDay() -> (from: UInt32, until: UInt32)? {
    let expected = "hours of the day such as 09:00-17:00, or 17:00-09:00 past midnight"
    guard let text = scalar(expected) else { return nil }
    guard let hours = HoursText.minutes(text) else {
      complain(expected: expected)
      return nil
    }
    return hours
  }

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
