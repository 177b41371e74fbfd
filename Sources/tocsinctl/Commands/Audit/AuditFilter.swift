import ArgumentParser
import Messages

/// Which records are wanted, of which tiers.
struct AuditFilter: ParsableArguments {
  @Option(help: ArgumentHelp("By whose key, or in whose name.", valueName: "name"))
  var by: String?
  @Option(help: ArgumentHelp("A part of the method's name, such as Silences or Acknowledge.", valueName: "name"))
  var method: String?
  @Option(help: ArgumentHelp("A part of what was changed, such as 2f-1 or severity.", valueName: "words"))
  var what: String?
  @Option(help: ArgumentHelp("From then on: \(TimeArgument.help).", valueName: "time"))
  var since: TimeArgument?
  @Option(help: ArgumentHelp("Before then.", valueName: "time"))
  var until: TimeArgument?
  @Option(help: ArgumentHelp("Only of this tier; more than one may be given.", valueName: "tier"))
  var tier: [String] = []
  @Flag(help: "Only what was tried and not allowed.")
  var refused = false

  mutating func validate() throws {
    for name in tier { _ = try Tier.named(name) }
  }

  func tiers(of cluster: Cluster) throws -> [Tier] {
    tier.isEmpty ? cluster.tiers : try tier.map { try Tier.named($0) }
  }

  func request(_ times: Times) throws -> AuditRequest {
    AuditRequest(
      by: by ?? "", method: method ?? "", what: what ?? "", sinceAt: try since.instant(times),
      untilAt: try until.instant(times), refusedOnly: refused)
  }
}
