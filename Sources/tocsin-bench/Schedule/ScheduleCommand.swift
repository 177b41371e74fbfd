import ArgumentParser
import Messages

/// `schedule`: what a large schedule costs.
struct ScheduleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule",
    abstract: "Who is on call, an edit, and a restart, with hundreds of teams.",
    discussion: """
      The real scheduler in a directory of its own. Teams have ten people, a weekly primary and a secondary that follows
      it. Questions go over one connection, for a random team and tier at a random instant of the year ahead. An edit is
      an override, durable before it is answered; then a whole configuration in which one rotation is another.
      """)
  @Option(help: "How many teams.") var teams = 500
  @Option(help: "Questions of one round.") var questions = 100_000
  @Option(help: "Questions in flight.") var inFlight = 256
  @Option(help: "Rounds of questions.") var rounds = 3
  @Option(help: "Edits of each kind.") var edits = 20
  @OptionGroup var tiers: TierOptions
  @OptionGroup var report: ReportOptions

  func run() async throws {
    try report.tell(await measure())
  }

  func measure() async throws -> Report {
    let scheduler = try BenchScheduler(tiers, teams: teams)
    defer { scheduler.end() }
    try await scheduler.configure()
    var report = Report()
    let name = "\(teams) teams"
    var runs: [CallRun] = []
    for _ in 0..<rounds { runs.append(try await scheduler.ask(questions, inFlight: inFlight)) }
    let asked = CallRun.medians(runs)
    report.add(
      Figure(name: "\(name): who is on call", value: asked.rate, unit: "answers/s", target: .atLeast(50_000)))
    report.add(Figure(name: "\(name): who is on call, p99", value: asked.p99 / 1_000, unit: "ms"))
    let overrides = try Latencies(try await scheduler.override(edits), atLeast: edits, "overrides")
    report.add(
      Figure(
        name: "\(name): an override, p50", value: overrides.microseconds(0.5) / 1_000, unit: "ms", target: .atMost(50)))
    report.add(
      Figure(name: "\(name): an override, worst", value: overrides.microseconds(1) / 1_000, unit: "ms"))
    let edited = try Latencies(try await scheduler.edit(edits), atLeast: edits, "edits")
    report.add(
      Figure(
        name: "\(name): an edited rotation, p50", value: edited.microseconds(0.5) / 1_000, unit: "ms",
        target: .atMost(50)))
    report.add(
      Figure(
        name: "\(name): restart until SERVING", value: try await scheduler.restart(), unit: "s", target: .atMost(2)))
    return report
  }
}
