import Machinery
import Messages

/// Alerts of which an intake must still hear that they are over: each intake of those that it gave their ids. One that is down holds
/// up no other.
struct DebtsToIntakes: Sendable {
  private var queues: [Peer: DebtQueue] = [.intake: DebtQueue(urgencies: 1)]

  subscript(intake: Peer) -> DebtQueue { queues[intake] ?? DebtQueue(urgencies: 1) }

  mutating func owe(_ key: DebtKey, urgency: Int, since: Instant) {
    queues[Shard.intake(ofAlert: key.id), default: DebtQueue(urgencies: 1)].owe(key, urgency: urgency, since: since)
  }

  mutating func settle(_ alert: String) { queues[Shard.intake(ofAlert: alert)]?.settle(alert) }

  /// Of all intakes.
  var ids: Set<String> { queues.values.reduce(into: []) { $0.formUnion($1.first(.max)) } }
}
