import ArgumentParser
import Configuration
import Messages
import Wire

/// Escalation policies, before they are applied.
struct PolicyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "See what a changed policy would have made of past alerts.",
    subcommands: [PolicyTest.self])
}

/// Recorded alerts, by the present policies and by edited ones.
struct PolicyTest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run recorded alerts against edited policies: who would have been paged, when?",
    discussion: """
      The escalator runs a team's alerts of a time through its own rules twice: by
      the present policies and by the edited ones. The two runs are compared with
      each other; what really happened (`report`) stands beside them.

        tocsinctl policy test --policy new.yaml --since -30d
        tocsinctl policy test --config edited/ --since 2026-11-01

      --config is a whole configuration, as for `apply`: then the schedule is
      rehearsed too, as if it had been applied when the time began, without the
      overrides, swaps and cover of the present one. Nothing is changed.

      What the record can't say is supposed:
        - whoever acknowledged does so as long after their first page as they did;
          where no page would reach them, whoever is paged first does
        - what they did after that keeps its distance; ends come when they came
        - sources say the same; alerts get the severity and policy that they got
        - each page reaches its person; absences are as they are known now
      It is of incidents that opened within the time, up to its end.

      Nights are outside working hours on working days. WOKEN: by phone, or by a
      person's own rules, outside working hours. INTERRUPTED: by pages and
      reminders; what comes less than half an hour after another counts with it.
      """)

  @Option(
    name: .customLong("policy"), help: ArgumentHelp("A file or directory with edited policies.", valueName: "path"))
  var policies: [String] = []
  @Option(
    name: .customLong("config"),
    help: ArgumentHelp("A whole edited configuration, with its schedule.", valueName: "path"))
  var configurations: [String] = []
  @Option(parsing: .unconditional, help: ArgumentHelp("From when on: \(TimeArgument.help).", valueName: "time"))
  var since: TimeArgument
  @Option(parsing: .unconditional, help: ArgumentHelp("Until when; now when not given.", valueName: "time"))
  var until: TimeArgument?
  @OptionGroup var team: TeamOption
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    if policies.isEmpty, configurations.isEmpty {
      throw ValidationError("say what was edited: --policy, --config or both")
    }
  }

  func run() async throws {
    let times = global.times
    let whole = try configurations.isEmpty ? nil : ClusterConfiguration(reading: SourceFile.gather(configurations))
    let alone = try policies.isEmpty ? [] : PolicyFiles.read(SourceFile.gather(policies))
    let cluster = global.cluster
    let name = try await team.one(cluster)
    var past = PastTimelineRequest(
      team: name, fromAt: try since.instant(times), untilAt: try until?.instant(times) ?? times.now)
    guard past.fromAt < past.untilAt else { throw ValidationError("--since must come before --until") }
    let patience = max(global.timeout.span, .minutes(2))
    var request = RehearsalRequest(
      team: name, fromAt: past.fromAt, untilAt: past.untilAt,
      policies: Self.merged(whole?.escalation.policies ?? [], alone),
      timeline: try await cluster.call(.scheduler, TimelinesMethods.past, past, timeout: patience))
    if let whole {
      past.configuration = whole.schedule
      request.editedTimeline = try await cluster.call(.scheduler, TimelinesMethods.past, past, timeout: patience)
    }
    let reply = try await cluster.call(.escalator, RehearsalsMethods.rehearse, request, timeout: patience)
    try Answer.show(reply, global.output) { RehearsalText.show(reply, of: name, times) }
  }

  /// What was edited by itself stands for what has its name in the whole.
  private static func merged(_ whole: [Policy], _ alone: [Policy]) -> [Policy] {
    whole.filter { policy in !alone.contains { $0.name == policy.name } } + alone
  }
}
