import ArgumentParser
import Messages
import Wire

/// Somebody else for a while.
struct OverrideCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "override", abstract: "Put a person on a tier for a while, or end that.",
    subcommands: [OverrideAdd.self, OverrideRemove.self])
}

/// Puts a person on a tier for a span of time.
struct OverrideAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Put a person on a tier for a span of time.",
    discussion: """
        tocsinctl override add --tier primary --person dee --until +4h \\
          --reason "dentist" --by tara
        tocsinctl override add --team platform --tier 2 --person eli \\
          --from "2026-12-24 18:00" --until "2026-12-26 09:00" \\
          --reason "family" --by tara
      """)

  @Option(help: ArgumentHelp("The team; may be left out when there is one.", valueName: "id"))
  var team: String?
  @Option(help: "primary, secondary, tertiary or 1 .. 3.")
  var tier: TierArgument
  @Option(help: ArgumentHelp("Who takes it.", valueName: "id"))
  var person: String
  @Option(help: ArgumentHelp("From when; now when not given.", valueName: "time"))
  var from: TimeArgument?
  @Option(help: ArgumentHelp("Until when: \(TimeArgument.help).", valueName: "time"))
  var until: TimeArgument
  @Option(help: "Why; kept.")
  var reason: String
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let cluster = global.cluster
    let times = global.times
    let teams = try await Teams.named(team, cluster)
    guard teams.count == 1 else { throw ValidationError("there are several teams; name one with --team") }
    // Without --from it begins when the scheduler takes it, by its clock.
    let request = OverrideRequest(
      team: teams[0], tier: tier.number, person: person, fromAt: try from.instant(times),
      untilAt: try until.instant(times), reason: reason, by: acting.id)
    let reply = try await cluster.call(.scheduler, ScheduleMethods.addOverride, request)
    try Answer.show(reply, global.output) {
      print("override \(SafeText.line(reply.overrideId)) in place of:")
      var table = Table("TIER", "PERSON", "FROM (\(times.zone))", "UNTIL", "WHY")
      for shift in reply.replaced {
        table.add(
          DutyTier.word(shift.tier), shift.person.isEmpty ? "NOBODY" : shift.person, times.short(shift.fromAt),
          times.short(shift.untilAt), shift.explanation)
      }
      table.print(otherwise: "nobody")
    }
  }
}

/// Ends an override: the schedule is again what it would have been.
struct OverrideRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove an override.")

  @Argument(help: ArgumentHelp("The override.", valueName: "id"))
  var id: String
  @Option(help: "Why; kept.")
  var reason: String
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = OverrideRemoval(overrideId: id, reason: reason, by: acting.id)
    let reply = try await global.cluster.call(.scheduler, ScheduleMethods.removeOverride, request)
    try Answer.show(reply, global.output) { print("removed \(SafeText.line(id))") }
  }
}
