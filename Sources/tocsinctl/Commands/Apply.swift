import ArgumentParser
import Configuration
import Messages
import Wire

/// Brings a configuration to the tiers, each its slice.
struct Apply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Apply configuration files to the cluster, or show what they would change.",
    discussion: """
      Reads every *.yaml of the paths as one configuration, checks all of it, and
      only then sends each tier its slice: policies to the escalator, contacts to
      the notifier, people and rotations to the scheduler, services, routes and
      alert classes to intake. Each slice replaces the one before as a whole;
      overrides stay.

      Every tier is first asked what it would say. If one refuses or doesn't answer,
      nothing is applied anywhere.

      An incident keeps the version of its policy that it was opened with: an apply
      that changes a policy names the gravest open incidents that go on by an older
      one, and counts the others.

      A dry run also says who would gain and who would lose which shift.

        tocsinctl apply -f compose/config --dry-run
        tocsinctl apply -f compose/config -f private/contacts.yaml
      """)

  @Option(name: [.short, .customLong("file")], help: ArgumentHelp("A file or directory.", valueName: "path"))
  var files: [String]

  @Flag(help: "Say what would change, and change nothing.")
  var dryRun = false

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let configuration = try ClusterConfiguration(reading: SourceFile.gather(files))
    let cluster = global.cluster
    var replies: [(Tier, ConfigureReply)] = []
    for slice in Apply.slices(of: configuration, dryRun: true, cluster) {
      do {
        replies.append((slice.tier, try await slice.send(cluster)))
      } catch let refusal as Refusal {
        Failure.say("\(slice.tier.name): \(Failure.describe(refusal))\nnothing was applied")
        throw Failure(refusal.status)
      }
    }
    var preview: PreviewReply?
    if !dryRun {
      replies = try await apply(Apply.slices(of: configuration, dryRun: false, cluster), cluster)
    } else if replies.contains(where: { $0.0 == .scheduler && !$0.1.changes.isEmpty }) {
      let request = PreviewRequest(edit: .configuration(configuration.schedule))
      preview = try await cluster.call(.scheduler, ScheduleMethods.preview, request)
    }
    switch global.output {
    case .table:
      for (tier, reply) in replies { show(reply, tier) }
      if let preview {
        print("\nshifts of the next 13 weeks that change hands:")
        PreviewText.shifts(preview, global.times, atMost: 30)
      }
    case .json:
      var answers = try replies.map { "\"\($0.name)\":\(try Answer.json($1))" }
      if let preview { answers.append("\"preview\":\(try Answer.json(preview))") }
      print("{\(answers.joined(separator: ","))}")
    }
  }

  private func apply(_ slices: [Slice], _ cluster: Cluster) async throws -> [(Tier, ConfigureReply)] {
    var replies: [(Tier, ConfigureReply)] = []
    for slice in slices {
      do {
        replies.append((slice.tier, try await slice.send(cluster)))
      } catch let refusal as Refusal {
        let done = replies.map(\.0.name)
        let open = slices.map(\.tier.name).filter { !done.contains($0) }
        Failure.say(
          "\(slice.tier.name): \(Failure.describe(refusal))\n"
            + (done.isEmpty ? "nothing was applied" : "applied: \(done.joined(separator: ", "))")
            + "; not yet: \(open.joined(separator: ", ")). Apply again: what is there already stays")
        throw Failure(refusal.status)
      }
    }
    return replies
  }

  private struct Slice: Sendable {
    var tier: Tier
    var send: @Sendable (Cluster) async throws -> ConfigureReply
  }

  /// Intake comes last, each of several, so that no alert is routed to a team or policy that isn't there yet.
  private static func slices(of whole: ClusterConfiguration, dryRun: Bool, _ cluster: Cluster) -> [Slice] {
    var configuration = whole
    configuration.escalation.dryRun = dryRun
    configuration.notification.dryRun = dryRun
    configuration.notification.salt = Salt.draw()
    configuration.schedule.dryRun = dryRun
    configuration.intake.dryRun = dryRun
    return [
      Slice(tier: .escalator) { [slice = configuration.escalation] in
        try await $0.call(.escalator, EscalationMethods.configure, slice)
      },
      Slice(tier: .notifier) { [slice = configuration.notification] in
        try await $0.call(.notifier, NotificationMethods.configure, slice)
      },
      Slice(tier: .scheduler) { [slice = configuration.schedule] in
        try await $0.call(.scheduler, ScheduleMethods.configure, slice)
      },
    ]
      + cluster.intakes.map { tier in
        Slice(tier: tier) { [slice = configuration.intake] in
          try await $0.call(tier, IntakeMethods.configure, slice)
        }
      }
  }

  private func show(_ reply: ConfigureReply, _ tier: Tier) {
    let verb = dryRun ? "would change" : "changed"
    if reply.changes.isEmpty {
      print("\(tier.name): nothing \(verb)")
    } else {
      print("\(tier.name): \(reply.changes.count) \(verb)")
      for change in reply.changes { print("  \(SafeText.line(change))") }
      for kept in reply.keeps { print("  \(SafeText.line(kept))") }
    }
  }
}
