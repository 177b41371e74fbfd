import Machinery
import Messages
import Wire

/// What scenarios change of people, teams and rotations. Days of a rotation are `Monday,Tuesday`.
///
///     > join PERSON "NAME" TEAM [zone ZONE]            a new engineer, who has done nothing of the training yet
///     > leave PERSON                                   taken out of people, rotations and contact lists
///     > train PERSON ITEM [on DATE], > lose-training PERSON ITEM, > eligible PERSON
///     > shadow PERSON TEAM [from TIME] by LEAD, > no-shadow SHADOW "REASON" by LEAD
///     > zone TEAM ZONE, > lead TEAM PERSON, > holiday TEAM DATE
///     > rotation ID [of TEAM@TIER] [members PERSON,PERSON] [zone ZONE] [handoff WEEKDAY@HH:MM] [starts DATE] [shift 12h]
///       [turn SHIFTS] [first PERSON] [follows ID] [on DAYS] [hours HH:MM-HH:MM]
///                                                      a change; with an unknown ID, a new one
///     > no-rotation ID
extension ScenarioPlayer {
  func obeyStaff(_ directive: Directive) throws(Refusal) {
    switch directive.command {
    case "join": try join(directive[1], directive[2], directive[3], zone: directive["zone"])
    case "leave": try leave(directive[1])
    case "train", "lose-training":
      let record = TrainingRecord(
        person: directive[1], item: Self.item(directive[2]),
        completedOn: directive["on"].isEmpty ? String(world.agenda.now.rfc3339.prefix(10)) : directive["on"],
        lost: directive.command != "train", by: directive["by"].isEmpty ? "tara" : directive["by"])
      try call(.scheduler, ScheduleMethods.recordTraining, record) { $0.eligibility?.words ?? "" }
    case "eligible":
      try call(.scheduler, ScheduleMethods.listEligibility, ListPeopleRequest()) { reply in
        reply.people.first { $0.person == directive[1] }?.words ?? "nobody"
      }
    case "shadow":
      let request = ShadowRequest(
        team: directive[2], person: directive[1], fromAt: try directive.instant(directive["from"]), by: directive["by"])
      try call(.scheduler, ScheduleMethods.assignShadow, request) { reply in
        reply.shadow.map { "\($0.id): \($0.person) shadows tier \($0.tier) \(self.span($0.fromAt, $0.untilAt))" } ?? ""
      }
    case "no-shadow":
      let removal = ShadowRemoval(shadowId: directive[1], reason: directive[2], by: directive["by"])
      try call(.scheduler, ScheduleMethods.removeShadow, removal) { _ in "removed" }
    case "zone": try change(directive[1]) { $0.calendar?.timeZone = directive[2] }
    case "holiday": try change(directive[1]) { $0.calendar?.holidays.append(directive[2]) }
    case "lead": try change(directive[1]) { $0.lead = directive[2] }
    case "rotation": try rotation(directive)
    case "no-rotation": try reconfigure { wanted in wanted.rotations.removeAll { $0.id == directive[1] } }
    default: try obeyContacts(directive)
    }
  }

  /// What operators apply from now on, once the scheduler has taken it.
  func reconfigure(_ edit: (inout ScheduleConfiguration) throws(Refusal) -> Void) throws(Refusal) {
    guard var wanted = try? ScheduleConfiguration(decoding: world.slices.schedule) else {
      throw .invalid("configuration", "there is none to change")
    }
    try edit(&wanted)
    try call(.scheduler, ScheduleMethods.configure, wanted) { self.lines($0.changes) }
    world.slices.schedule = wanted.encoded()
  }

  private func change(_ team: String, _ edit: (inout Team) -> Void) throws(Refusal) {
    try reconfigure { wanted throws(Refusal) in
      guard let index = wanted.teams.firstIndex(where: { $0.id == team }) else {
        throw .invalid("team", "\"\(team)\" is none")
      }
      edit(&wanted.teams[index])
    }
  }

  private func join(_ person: String, _ name: String, _ team: String, zone: String) throws(Refusal) {
    try reconfigure { wanted in
      wanted.people.append(
        Person(id: person, name: name, team: team, role: .engineer, timeZone: zone.isEmpty ? "UTC" : zone))
    }
    guard var contacts = try? NotificationConfiguration(decoding: world.slices.notification),
      var contact = contacts.contacts.first
    else { throw .invalid("contacts", "there are none to copy") }
    contact.person = person
    contact.name = name
    contacts.contacts.append(contact)
    try call(.notifier, NotificationMethods.configure, contacts) { _ in "" }
    world.slices.notification = contacts.encoded()
  }

  private func leave(_ person: String) throws(Refusal) {
    try reconfigure { wanted in
      wanted.people.removeAll { $0.id == person }
      wanted.training.removeAll { $0.person == person }
      for index in wanted.rotations.indices { wanted.rotations[index].members.removeAll { $0 == person } }
      for index in wanted.teams.indices {
        wanted.teams[index].managers.removeAll { $0 == person }
        wanted.teams[index].executives.removeAll { $0 == person }
      }
    }
  }

  private func rotation(_ directive: Directive) throws(Refusal) {
    try reconfigure { wanted throws(Refusal) in
      var index = wanted.rotations.firstIndex { $0.id == directive[1] }
      if index == nil {
        let place = directive["of"].split(separator: "@").map(String.init)
        guard place.count == 2 else { throw .invalid("rotation", "\"\(directive[1])\" is new: of which TEAM@TIER?") }
        wanted.rotations.append(
          Rotation(
            id: directive[1], team: place[0], tier: UInt32(place[1]) ?? 0, unit: .weeks, length: 1, timeZone: "UTC",
            handoffWeekday: 1, startDate: String(world.agenda.now.rfc3339.prefix(10))))
        index = wanted.rotations.count - 1
      }
      if let index { try Self.edit(&wanted.rotations[index], directive) }
    }
  }

  private static func edit(_ rotation: inout Rotation, _ directive: Directive) throws(Refusal) {
    if !directive["members"].isEmpty {
      rotation.members = directive.list(directive["members"])
      rotation.offset = min(rotation.offset, UInt32(rotation.members.count) - 1)
    }
    if !directive["first"].isEmpty {
      rotation.offset = UInt32(rotation.members.firstIndex(of: directive["first"]) ?? 0)
    }
    if !directive["zone"].isEmpty { rotation.timeZone = directive["zone"] }
    if !directive["starts"].isEmpty { rotation.startDate = directive["starts"] }
    if !directive["turn"].isEmpty { rotation.shiftsPerTurn = UInt32(directive["turn"]) ?? 0 }
    if !directive["follows"].isEmpty {
      rotation = Rotation(id: rotation.id, team: rotation.team, tier: rotation.tier, follows: directive["follows"])
    }
    if !directive["shift"].isEmpty {
      let span = try ScenarioPlayer.span(directive["shift"])
      rotation.unit = directive["shift"].hasSuffix("d") ? .days : .hours
      rotation.length = UInt32(span.milliseconds / (rotation.unit == .days ? 86_400_000 : 3_600_000))
      rotation.handoffWeekday = 0
    }
    let handoff = directive["handoff"].split(separator: "@").map(String.init)
    if let time = handoff.last {
      rotation.handoffMinute = minute(time)
      if handoff.count == 2 { rotation.handoffWeekday = weekday(handoff[0]) }
    }
    if !directive["on"].isEmpty { rotation.weekdays = directive.list(directive["on"]).map(weekday) }
    let hours = directive["hours"].split(separator: "-").map(String.init)
    if hours.count == 2 {
      rotation.fromMinute = minute(hours[0])
      rotation.untilMinute = minute(hours[1])
    }
  }

  /// Minutes after midnight of "02:30".
  private static func minute(_ time: String) -> UInt32 {
    let parts = time.split(separator: ":").map { UInt32($0) ?? 0 }
    return parts.count == 2 ? parts[0] * 60 + parts[1] : 0
  }

  /// 1 for "Monday".
  private static func weekday(_ name: String) -> UInt32 {
    let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    return UInt32(names.firstIndex(of: name) ?? 0) + 1
  }

  /// Items as `playbookReview`, `shadowRotation1` and so on.
  private static func item(_ word: String) -> TrainingItem {
    TrainingItem.allCases.first { "\($0)" == word } ?? .unspecified
  }
}
