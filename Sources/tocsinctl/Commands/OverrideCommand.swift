import ArgumentParser
import Messages
import Wire

/// Somebody else for a while.
struct OverrideCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "override", abstract: "Put a person on a tier for a while, list that, or end it.",
    subcommands: [OverrideAdd.self, OverrideRemove.self, OverrideList.self])
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

      A lead's to make, or an operator's. Two who want to trade ask for a swap;
      who can't come has cover assigned.
      """)

  @OptionGroup var team: TeamOption
  @Option(help: "primary, secondary, tertiary or 1 .. 3.")
  var tier: TierArgument
  @Option(help: ArgumentHelp("Who takes it.", valueName: "id"))
  var person: String
  @Option(parsing: .unconditional, help: ArgumentHelp("From when; now when not given.", valueName: "time"))
  var from: TimeArgument?
  @Option(parsing: .unconditional, help: ArgumentHelp("Until when: \(TimeArgument.help).", valueName: "time"))
  var until: TimeArgument
  @Option(help: "Why; kept.")
  var reason: String
  @OptionGroup var acting: ActingPerson
  @OptionGroup var dryRun: DryRun
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let cluster = global.cluster
    let times = global.times
    // Without --from it begins when the scheduler takes it, by its clock.
    let request = OverrideRequest(
      team: try await team.one(cluster), tier: tier.number, person: person, fromAt: try from.instant(times),
      untilAt: try until.instant(times), reason: reason, by: acting.id)
    if try await dryRun.shows(.override(request), global) { return }
    let reply = try await cluster.call(.scheduler, ScheduleMethods.addOverride, request)
    try Answer.show(reply, global.output) {
      print("override \(SafeText.line(reply.overrideId)) in place of:")
      ShiftTable.of(reply.replaced, times).print(otherwise: "nobody")
      ShiftTable.warn(reply.warnings)
    }
  }
}

/// Ends an override: the schedule is again what it would have been.
struct OverrideRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take back an override, a cover, or one side of a swap, from now on.",
    discussion: """
        tocsinctl override remove override-3 --reason "back early" --by tara
      """)

  @Argument(help: ArgumentHelp("The override.", valueName: "id"))
  var id: String
  @Option(help: "Why; kept.")
  var reason: String
  @OptionGroup var acting: ActingPerson
  @OptionGroup var dryRun: DryRun
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = OverrideRemoval(overrideId: id, reason: reason, by: acting.id)
    if try await dryRun.shows(.removal(request), global) { return }
    let reply = try await global.cluster.call(.scheduler, ScheduleMethods.removeOverride, request)
    try Answer.show(reply, global.output) { print("removed \(SafeText.line(id))") }
  }
}

/// What people arranged: read off the schedule, so that it lists what holds and not what was once said.
struct OverrideList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List overrides, cover and swapped shifts that hold, with their ids and reasons.",
    discussion: """
        tocsinctl override list --from 2026-12-01 --weeks 26

      Which overrides a swap made is in `tocsinctl swap list`.
      """)

  @Option(name: .customLong("team"), help: ArgumentHelp("Only a team's.", valueName: "id"))
  var team: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("From when; now when not given.", valueName: "time"))
  var from: TimeArgument?
  @Option(help: ArgumentHelp("How many weeks.", valueName: "n"))
  var weeks: Int = 13
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    if !(1...104).contains(weeks) { throw ValidationError("--weeks is from 1 to 104") }
  }

  func run() async throws {
    let cluster = global.cluster
    let times = global.times
    let from = try from.instant(times)
    let until = (from.isSet ? from : times.now) + .days(7 * Int64(weeks))
    for team in try await Teams.named(team, cluster) {
      let request = ShowRequest(team: team, fromAt: from, untilAt: until)
      var reply = try await cluster.call(.scheduler, ScheduleMethods.show, request)
      reply.shifts = reply.shifts.filter(\.because.isArranged)
      reply.notes = []
      try Answer.show(reply, global.output) {
        print(SafeText.line(team))
        ShiftTable.of(reply.shifts, times).print(otherwise: "nothing but rotations")
      }
    }
  }
}
