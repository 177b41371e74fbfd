import ArgumentParser
import Messages
import Wire

/// Emergency cover: somebody can't hold a shift, somebody else is put in their place.
struct CoverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cover", abstract: "Say that a shift can't be held, and assign who covers it.",
    subcommands: [CoverReport.self, CoverAssign.self])
}

/// "I can't hold it": pages skip the person from now on, and the lead is paged.
struct CoverReport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Say that you, or somebody you lead, can't hold the shift: the lead is paged.",
    discussion: """
        tocsinctl cover report --reason "no power, no network" --by ana

      The shift under way, or the next one; until its end when nothing else is said.
      Pages go to the next tier until somebody covers. `tocsinctl timeoff end ID`
      when it can be held after all.
      """)

  @Option(help: ArgumentHelp("Who can't; whoever says it when not given.", valueName: "id"))
  var person: String?
  @Option(name: .customLong("team"), help: ArgumentHelp("Only a team's shift; any when not given.", valueName: "id"))
  var team: String?
  @Option(help: "Only this tier's: primary, secondary, tertiary or 1 .. 3.")
  var tier: TierArgument?
  @Option(parsing: .unconditional, help: ArgumentHelp("From when; now when not given.", valueName: "time"))
  var from: TimeArgument?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Until when; the end of the shift when not given.", valueName: "time"))
  var until: TimeArgument?
  @Option(help: "Why; kept.")
  var reason: String
  @OptionGroup var acting: ActingPerson
  @OptionGroup var dryRun: DryRun
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = AbsenceRequest(
      person: person ?? acting.id, kind: .cannotHold, fromAt: try from.instant(global.times),
      untilAt: try until.instant(global.times), reason: reason, by: acting.id, team: team ?? "",
      tier: tier?.number ?? 0)
    try await AbsenceAnswer.ask(request, dryRun, global)
  }
}

/// Puts somebody in the place of whoever can't.
struct CoverAssign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assign", abstract: "Put somebody in the place of whoever can't hold the shift.",
    discussion: """
        tocsinctl cover assign --tier primary --person dee --reason "ana is ill" \\
          --by tara

      Without --until it lasts as long as the gap does.
      """)

  @OptionGroup var team: TeamOption
  @Option(help: "primary, secondary, tertiary or 1 .. 3.")
  var tier: TierArgument
  @Option(help: ArgumentHelp("Who covers.", valueName: "id"))
  var person: String
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("From when; the gap's beginning or now when not given.", valueName: "time"))
  var from: TimeArgument?
  @Option(parsing: .unconditional, help: ArgumentHelp("Until when; the gap's end when not given.", valueName: "time"))
  var until: TimeArgument?
  @Option(help: "Why; kept.")
  var reason: String
  @OptionGroup var acting: ActingPerson
  @OptionGroup var dryRun: DryRun
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let cluster = global.cluster
    let times = global.times
    let request = OverrideRequest(
      team: try await team.one(cluster), tier: tier.number, person: person, fromAt: try from.instant(times),
      untilAt: try until.instant(times), reason: reason, by: acting.id)
    if try await dryRun.shows(.cover(request), global) { return }
    let reply = try await cluster.call(.scheduler, ScheduleMethods.assignCover, request)
    try Answer.show(reply, global.output) {
      print("\(SafeText.line(person)) covers (\(SafeText.line(reply.overrideId))) in place of:")
      ShiftTable.of(reply.replaced, times).print(otherwise: "nobody")
      ShiftTable.warn(reply.warnings)
    }
  }
}
