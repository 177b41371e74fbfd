import ArgumentParser
import Configuration
import Messages
import Wire

/// Schedules, past and to come.
struct ScheduleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule", abstract: "Show who holds which tier, week by week.", subcommands: [ScheduleShow.self])
}

/// A team's schedule, a row a week and a column a tier.
struct ScheduleShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a team's schedule week by week.",
    discussion: """
        tocsinctl schedule show platform --weeks 8 --from 2026-12-21

      Times are those of the team's zone and UTC; with --utc only UTC. Behind a
      name: * override, ~ swap, + cover; a gap is !! NOBODY !!. What stands behind
      each mark, who gets copies, and rules of fairness that can't be met are listed
      below. "published" changes only by override, swap and cover; "planned" follows
      the configuration.
      """)

  @Argument(help: "The team; all teams when not given.")
  var team: String?
  @Option(name: .customLong("team"), help: ArgumentHelp("The same, as other commands have it.", valueName: "id"))
  var teamByOption: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("From when: \(TimeArgument.help).", valueName: "time"))
  var from: TimeArgument?
  @Option(parsing: .unconditional, help: ArgumentHelp("Until when; four weeks when not given.", valueName: "time"))
  var until: TimeArgument?
  @Option(help: ArgumentHelp("Instead of --until: how many weeks.", valueName: "n"))
  var weeks: Int?
  @Option(parsing: .unconditional, help: ArgumentHelp("As it was known then.", valueName: "time"))
  var knownAt: TimeArgument?
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    if team != nil && teamByOption != nil { throw ValidationError("name the team once") }
    if until != nil && weeks != nil { throw ValidationError("--until or --weeks, not both") }
    if let weeks, !(1...104).contains(weeks) { throw ValidationError("--weeks is from 1 to 104") }
  }

  func run() async throws {
    let cluster = global.cluster
    let now = global.times.now
    let from = try from.instant(global.times)
    var until = try until.instant(global.times)
    if let weeks { until = (from.isSet ? from : now) + .days(7 * Int64(weeks)) }
    for team in try await Teams.named(team ?? teamByOption, cluster) {
      let request = ShowRequest(team: team, fromAt: from, untilAt: until, knownAt: try knownAt.instant(global.times))
      let reply = try await cluster.call(.scheduler, ScheduleMethods.show, request)
      try Answer.show(reply, global.output) {
        let begin = from.isSet ? from : now
        ScheduleTable(
          reply: reply, times: TeamTimes(reply.timeZone, isUTC: global.utc), now: now, from: begin,
          until: until.isSet ? until : begin + .days(28)
        ).show(team: team)
      }
    }
  }
}
