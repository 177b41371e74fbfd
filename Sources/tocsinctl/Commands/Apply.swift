import ArgumentParser
import Configuration
import Messages
import Wire

/// Brings a configuration to the tiers, each its slice.
struct Apply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Apply configuration files to the cluster, or show what they would change.",
    discussion: """
      Reads every *.yaml of the paths as one configuration, checks all of it, and only then sends each tier its slice:
      policies to the escalator, contacts to the notifier, people and rotations to the scheduler, services, routes and
      alert classes to intake. Each slice replaces the one before as a whole; overrides stay.

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
    let slices = slices(of: configuration)
    var failure: Failure?
    var answers: [String] = []
    // Intake comes last, so that no alert is routed to a policy that isn't there yet.
    for (tier, send) in slices {
      do {
        let reply = try await send(cluster)
        answers.append("\"\(tier.name)\":\(try Answer.json(reply))")
        if global.output == .table { show(reply, tier) }
      } catch let refusal as Refusal {
        Failure.say("\(tier.name): \(Failure.describe(refusal))")
        failure = Failure(refusal.status)
      }
    }
    if global.output == .json { print("{\(answers.joined(separator: ","))}") }
    if let failure { throw failure }
  }

  private typealias Send = @Sendable (Cluster) async throws -> ConfigureReply

  private func slices(of whole: ClusterConfiguration) -> [(Tier, Send)] {
    var configuration = whole
    configuration.escalation.dryRun = dryRun
    configuration.notification.dryRun = dryRun
    configuration.schedule.dryRun = dryRun
    configuration.intake.dryRun = dryRun
    return [
      (
        .escalator,
        { [slice = configuration.escalation] in try await $0.call(.escalator, EscalationMethods.configure, slice) }
      ),
      (
        .notifier,
        { [slice = configuration.notification] in try await $0.call(.notifier, NotificationMethods.configure, slice) }
      ),
      (
        .scheduler,
        { [slice = configuration.schedule] in try await $0.call(.scheduler, ScheduleMethods.configure, slice) }
      ),
      (.intake, { [slice = configuration.intake] in try await $0.call(.intake, IntakeMethods.configure, slice) }),
    ]
  }

  private func show(_ reply: ConfigureReply, _ tier: Tier) {
    let verb = dryRun ? "would change" : "changed"
    if reply.changes.isEmpty {
      print("\(tier.name): nothing \(verb)")
    } else {
      print("\(tier.name): \(reply.changes.count) \(verb)")
      for change in reply.changes { print("  \(SafeText.line(change))") }
    }
  }
}
