import ArgumentParser
import Configuration
import Messages
import Wire

/// Schedules, past and to come.
struct ScheduleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule", abstract: "Show who holds which tier, week by week.", subcommands: [ScheduleShow.self])
}

/// A team's schedule, a line for each stretch in which nothing changes.
struct ScheduleShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a team's schedule; gaps are NOBODY.",
    discussion: """
        tocsinctl schedule show
        tocsinctl schedule show platform --weeks 8
        tocsinctl schedule show --from 2026-12-21 --until 2027-01-04 --utc
      """)

  @Argument(help: "The team; all teams when not given.")
  var team: String?
  @Option(help: ArgumentHelp("From when: \(TimeArgument.help).", valueName: "time"))
  var from: TimeArgument?
  @Option(help: ArgumentHelp("Until when.", valueName: "time"))
  var until: TimeArgument?
  @Option(help: ArgumentHelp("Instead of --until: how many weeks.", valueName: "n"))
  var weeks: Int?
  @Option(help: ArgumentHelp("As it was known then.", valueName: "time"))
  var knownAt: TimeArgument?
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    if until != nil && weeks != nil { throw ValidationError("--until or --weeks, not both") }
    if let weeks, !(1...520).contains(weeks) { throw ValidationError("--weeks is from 1 to 520") }
  }

  func run() async throws {
    let cluster = global.cluster
    let times = global.times
    let from = try from.instant(times)
    var until = try until.instant(times)
    if let weeks { until = (from.isSet ? from : times.now) + .days(7 * Int64(weeks)) }
    for team in try await Teams.named(team, cluster) {
      let request = ShowRequest(team: team, fromAt: from, untilAt: until, knownAt: try knownAt.instant(times))
      let reply = try await cluster.call(.scheduler, ScheduleMethods.show, request)
      try Answer.show(reply, global.output) {
        print(SafeText.line(team))
        ScheduleShow.table(reply, times).print(otherwise: "no shifts")
      }
    }
  }

  /// One row for each time between two changes of any tier, one column a tier.
  private static func table(_ reply: ShowReply, _ times: Times) -> Table {
    let tiers = Set(reply.shifts.map(\.tier)).filter { $0 <= 3 }.sorted()
    var table = Table(
      headings: ["FROM (\(times.zone))", "UNTIL"] + tiers.map { DutyTier.word($0).uppercased() })
    let shifts = reply.shifts.filter { tiers.contains($0.tier) }
    // Shifts come whole; the table begins and ends where it can tell of every tier.
    let begin = tiers.compactMap { tier in shifts.first { $0.tier == tier }?.fromAt }.max() ?? .unset
    let end = tiers.compactMap { tier in shifts.last { $0.tier == tier }?.untilAt }.min() ?? .distantFuture
    let changes = Set(shifts.flatMap { [$0.fromAt, $0.untilAt] }).filter { begin <= $0 && $0 <= end }.sorted()
    for (from, until) in zip(changes, changes.dropFirst()) {
      let holders = tiers.map { tier -> String in
        guard let shift = shifts.first(where: { $0.tier == tier && $0.fromAt <= from && until <= $0.untilAt }) else {
          return "NOBODY"
        }
        let name = People.name(shift.person, reply.people)
        return shift.because == .override ? name + " *" : name
      }
      table.add([times.short(from), times.short(until)] + holders)
    }
    return table
  }
}
