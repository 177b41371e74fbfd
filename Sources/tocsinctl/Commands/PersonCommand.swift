import ArgumentParser
import Messages
import Wire

/// People, and whether they may be on call.
struct PersonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "person", abstract: "See people, and what they need before they may be on call.",
    subcommands: [PersonList.self, PersonShow.self, PersonLeaving.self])
}

/// Everybody who is configured.
struct PersonList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List people: role, zone, and whether they may be on call.",
    discussion: """
        tocsinctl person list --team platform
      """)

  @Option(name: .customLong("team"), help: ArgumentHelp("Only a team's.", valueName: "id"))
  var team: String?
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let cluster = global.cluster
    let request = ListPeopleRequest(team: team ?? "")
    let people = try await cluster.call(.scheduler, ScheduleMethods.listPeople, request).people
    let eligibility = try await cluster.call(.scheduler, ScheduleMethods.listEligibility, request).people
    switch global.output {
    case .json:
      print(Answer.object(["people": try Answer.array(people), "eligibility": try Answer.array(eligibility)]))
    case .table:
      var table = Table("PERSON", "NAME", "ROLE", "TEAM", "ZONE", "ELIGIBILITY")
      for person in people {
        let words = eligibility.first { $0.person == person.id }?.words ?? ""
        table.add(person.id, person.name, person.role.word, person.team, person.timeZone, words)
      }
      table.print(otherwise: "nobody")
    }
  }
}

/// One person: eligibility, what is missing and how that is mended, absences, shifts to come.
struct PersonShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a person: training, what is missing before being on call, shifts to come.",
    discussion: """
        tocsinctl person show ana
      """)

  @Argument(help: ArgumentHelp("Who.", valueName: "id"))
  var id: String
  @Option(help: ArgumentHelp("Shifts of how many weeks.", valueName: "n"))
  var weeks: Int = 13
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    if !(1...104).contains(weeks) { throw ValidationError("--weeks is from 1 to 104") }
  }

  func run() async throws {
    let cluster = global.cluster
    let all = try await cluster.call(.scheduler, ScheduleMethods.listPeople, ListPeopleRequest())
    guard let person = all.people.first(where: { $0.id == id }) else {
      throw Refusal.notFound("nobody is called \(id)", field: "person")
    }
    let eligibility =
      try await cluster.call(.scheduler, ScheduleMethods.listEligibility, ListPeopleRequest()).people
      .first { $0.person == id } ?? PersonEligibility(person: id)
    let absences = try await cluster.call(
      .scheduler, ScheduleMethods.listAbsences, ListAbsencesRequest(person: id)
    ).absences
    var shifts: [(team: String, shift: Shift)] = []
    for team in all.teams {
      let request = ShowRequest(team: team.id, untilAt: global.times.now + .days(7 * Int64(weeks)))
      let reply = try await cluster.call(.scheduler, ScheduleMethods.show, request)
      shifts += reply.shifts.filter { $0.person == id }.map { (team: team.id, shift: $0) }
    }
    switch global.output {
    case .json:
      let held = shifts.map { UncoveredShift(team: $0.team, shift: $0.shift) }
      print(
        Answer.object([
          "person": try Answer.json(person), "eligibility": try Answer.json(eligibility),
          "absences": try Answer.array(absences), "shifts": try Answer.array(held),
        ]))
    case .table: show(person, eligibility, absences, shifts)
    }
  }

  private func show(
    _ person: Person, _ eligibility: PersonEligibility, _ absences: [Absence],
    _ shifts: [(team: String, shift: Shift)]
  ) {
    let times = global.times
    Answer.facts([
      ("person", "\(person.name) (\(person.id)), \(person.role.word)"), ("team", person.team),
      ("zone", person.timeZone), ("eligibility", eligibility.words),
      ("reminders", eligibility.reminders.joined(separator: "\n")),
    ])
    if !eligibility.missing.isEmpty || !eligibility.records.isEmpty {
      print("")
      TrainingText.items(of: eligibility).print(otherwise: "")
    }
    if !absences.isEmpty {
      print("")
      AbsenceAnswer.table(absences, times).print(otherwise: "")
    }
    print("")
    var table = Table("SHIFT", "TEAM", "FROM (\(times.zone))", "UNTIL", "KIND", "WHY")
    for (team, shift) in shifts.sorted(by: { $0.shift.fromAt < $1.shift.fromAt }) {
      table.add(
        DutyTier.word(shift.tier), team, times.short(shift.fromAt), times.end(shift.untilAt), shift.because.word,
        shift.explanation)
    }
    table.print(otherwise: "no shifts in the next \(weeks) weeks")
  }
}
