import ArgumentParser
import Messages
import Wire

/// After a tier's disk lost rows and it was started with --accept-loss.
struct HandOverAgain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Have every tier hand over to one again whatever is open: its disk has lost rows.",
    discussion: """
      A tier whose journal has lost rows that were said to be durable does not
      start. Restore a backup, or start it once with --accept-loss (with compose/up:
      --accept-loss TIER); then
        tocsinctl apply -f compose/config
        tocsinctl hand-over-again escalator
      Pages that it had forgotten may come a second time.
      """)

  @Argument(help: "The tier that lost rows: alert-intake, scheduler, escalator or notifier.")
  var tier: String
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let lost = try Tier.named(tier)
    let cluster = global.cluster
    let others = cluster.tiers.filter { $0 != lost && $0.owes.contains(lost.peer.intakeNumber == nil ? lost : .intake) }
    for other in others {
      let request = HandOverAgainRequest(peer: lost.peer.rawValue)
      _ = try await cluster.call(other, RecoveryMethods.handOverAgain, request)
      if global.output == .table { print("\(other.name) hands over again what \(lost.name) may have lost") }
    }
    if global.output == .json { print("{\"told\":[\(others.map { "\"\($0.name)\"" }.joined(separator: ","))]}") }
    if others.isEmpty, global.output == .table { print("nobody owes \(lost.name) anything: apply is all it needs") }
  }
}

extension Tier {
  /// Whom a tier owes something.
  fileprivate var owes: [Tier] {
    switch self {
    case .intake, .furtherIntake: [.escalator, .scheduler, .intake]
    case .scheduler: [.escalator, .notifier]
    case .escalator: [.notifier, .intake, .scheduler]
    case .notifier: [.escalator]
    }
  }
}
