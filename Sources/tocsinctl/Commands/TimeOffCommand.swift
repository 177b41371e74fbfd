import ArgumentParser
import Messages
import Wire

/// Who is away, and when.
struct TimeOffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "timeoff", abstract: "Ask for time off, report sick leave, come back, and see who is away.",
    subcommands: [TimeOffRequest.self, TimeOffSick.self, TimeOffEnd.self, TimeOffList.self])
}

/// Time off, two weeks ahead.
struct TimeOffRequest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "request", abstract: "Ask for time off, at least two weeks ahead.",
    discussion: """
        tocsinctl timeoff request --from 2027-02-08 --until 2027-02-22 \\
          --reason "holiday" --by ana

      Where it meets a published shift, swap that first or have it covered: the
      refusal names each.
      """)

  @Option(help: ArgumentHelp("Whose; whoever asks when not given.", valueName: "id"))
  var person: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("From when: \(TimeArgument.help).", valueName: "time"))
  var from: TimeArgument
  @Option(parsing: .unconditional, help: ArgumentHelp("Until when.", valueName: "time"))
  var until: TimeArgument
  @Option(help: "Why; kept.")
  var reason: String = ""
  @OptionGroup var acting: ActingPerson
  @OptionGroup var dryRun: DryRun
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = AbsenceRequest(
      person: person ?? acting.id, kind: .timeOff, fromAt: try from.instant(global.times),
      untilAt: try until.instant(global.times), reason: reason, by: acting.id)
    try await AbsenceAnswer.ask(request, dryRun, global)
  }
}

/// Sick leave, at once.
struct TimeOffSick: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sick", abstract: "Report sick leave: it begins at once; the lead is paged for what it leaves open.",
    discussion: """
        tocsinctl timeoff sick --reason "flu" --by ana

      Without --until it lasts until `tocsinctl timeoff end ID`.
      """)

  @Option(help: ArgumentHelp("Who is ill; whoever says it when not given.", valueName: "id"))
  var person: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("From when; now when not given.", valueName: "time"))
  var from: TimeArgument?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Until when; until they are back when not given.", valueName: "time"))
  var until: TimeArgument?
  @Option(help: "What is to be kept of it.")
  var reason: String = ""
  @OptionGroup var acting: ActingPerson
  @OptionGroup var dryRun: DryRun
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = AbsenceRequest(
      person: person ?? acting.id, kind: .sick, fromAt: try from.instant(global.times),
      untilAt: try until.instant(global.times), reason: reason, by: acting.id)
    try await AbsenceAnswer.ask(request, dryRun, global)
  }
}

/// Somebody is back, or doesn't go.
struct TimeOffEnd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "end", abstract: "End time off, sick leave or \"can't hold it\": somebody is back, or doesn't go.",
    discussion: """
        tocsinctl timeoff end absence-3 --by ana
      """)

  @Argument(help: ArgumentHelp("The absence.", valueName: "id"))
  var id: String
  @Option(parsing: .unconditional, help: ArgumentHelp("When it ends; now when not given.", valueName: "time"))
  var at: TimeArgument?
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = AbsenceEnd(absenceId: id, at: try at.instant(global.times), by: acting.id)
    let reply = try await global.cluster.call(.scheduler, ScheduleMethods.endAbsence, request)
    try Answer.show(reply, global.output) {
      print("\(SafeText.line(id)) ends \(request.at.isSet ? global.times.short(request.at) : "now")")
    }
  }
}

/// Who is away and will be.
struct TimeOffList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List who is away, and who will be.",
    discussion: """
        tocsinctl timeoff list --team platform
      """)

  @Argument(help: ArgumentHelp("Only this person's.", valueName: "person"))
  var person: String?
  @Option(name: .customLong("team"), help: ArgumentHelp("Only a team's people.", valueName: "id"))
  var team: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("What isn't over then; now when not given.", valueName: "time"))
  var from: TimeArgument?
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ListAbsencesRequest(
      person: person ?? "", team: team ?? "", fromAt: try from.instant(global.times))
    let reply = try await global.cluster.call(.scheduler, ScheduleMethods.listAbsences, request)
    try Answer.show(reply, global.output) {
      AbsenceAnswer.table(reply.absences, global.times).print(otherwise: "nobody is away")
    }
  }
}

/// Asks for an absence, and prints what it leaves open.
enum AbsenceAnswer {
  static func ask(_ request: AbsenceRequest, _ dryRun: DryRun, _ global: GlobalOptions) async throws {
    if try await dryRun.shows(.absence(request), global) { return }
    let reply = try await global.cluster.call(.scheduler, ScheduleMethods.requestAbsence, request)
    let times = global.times
    try Answer.show(reply, global.output) {
      table(reply.absence.map { [$0] } ?? [], times).print(otherwise: "")
      for open in reply.uncovered {
        guard let shift = open.shift else { continue }
        print(
          "NOBODY is \(DutyTier.word(shift.tier)) of \(SafeText.line(open.team)) from \(times.short(shift.fromAt)) "
            + "until \(times.end(shift.untilAt)): tocsinctl cover assign --team \(SafeText.line(open.team)) --tier "
            + "\(DutyTier.word(shift.tier)) --person ID --reason WHY")
      }
    }
  }

  static func table(_ absences: [Absence], _ times: Times) -> Table {
    var table = Table("ABSENCE", "KIND", "PERSON", "FROM (\(times.zone))", "UNTIL", "BY", "REASON")
    for absence in absences {
      table.add(
        absence.id, absence.kind.word, absence.person, times.short(absence.fromAt), times.end(absence.untilAt),
        absence.by, absence.reason)
    }
    return table
  }
}
