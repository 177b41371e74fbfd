import Collections
import Machinery
import Messages

/// What alert-intake knows: open alerts by id and by dedup key, and how to route them.
///
/// A resolved alert stays until the escalator has it on disk; then only the instant of its end is kept for a day, so that a
/// late copy of an old event changes nothing.
public struct Alerts: Machine {
  /// Whose dedup key: the same key of another source is another alert.
  struct Key: Hashable, Sendable {
    var source: String
    var dedupKey: String
  }
  struct Held: Hashable, Sendable {
    var alert: Alert
    /// The generation that the escalator has.
    var handedOver: UInt64 = 0
    /// When intake last took a trigger for it in.
    var triggeredAt: Instant
  }
  /// When the source said that an alert was over.
  struct Ended: Hashable, Sendable {
    var occurredAt: Instant
    var forgetAt: Instant
  }

  var routing = Routing(IntakeConfiguration())
  var held: [String: Held] = [:]
  var idByKey: [Key: String] = [:]
  var ended: [Key: Ended] = [:]
  var endedInOrder: Deque<Key> = []
  var order = OpeningOrder()
  var numbered: UInt64 = 0
  var openAlerts = 0
  var debts = DebtQueue(urgencies: 5)

  static let remembersEnds = Span.hours(24)

  public init() {}

  public var configuration: IntakeConfiguration { routing.configuration }
  public var openCount: Int { openAlerts }
  public func alert(_ id: String) -> Alert? { held[id]?.alert }

  // MARK: Deciding

  public func decide(_ input: AlertInput, at now: Instant) throws(Refusal) -> Decision<AlertFact, AlertAnswer> {
    switch input {
    case .publish(let event, let traceparent): try publish(event, traceparent: traceparent, at: now)
    case .close(let closing): close(closing, at: now)
    case .configure(let configuration): try configure(configuration)
    }
  }

  private func configure(_ wanted: IntakeConfiguration) throws(Refusal) -> Decision<AlertFact, AlertAnswer> {
    try wanted.check()
    var kept = wanted
    kept.dryRun = false
    let changes = kept.changes(from: configuration)
    let applies = !wanted.dryRun && !changes.isEmpty
    return Decision(
      applies ? [AlertFact(kind: .configured(kept))] : [],
      answer: .configured(ConfigureReply(changes: changes, applied: !wanted.dryRun)))
  }

  // MARK: Time and debts

  /// Nothing here happens by time alone.
  public func lapse(at now: Instant) -> [AlertFact] { [] }
  public var nextDeadline: Instant? { nil }

  public func debts(to peer: Peer) -> DebtQueue? { peer == .escalator ? debts : nil }

  public func debt(_ id: String, to peer: Peer) -> AlertDebt? {
    peer == .escalator && debts.contains(id) ? held[id].map { AlertDebt(alert: $0.alert) } : nil
  }

  public func settle(_ settlement: Settlement, at now: Instant) -> [AlertFact] {
    guard let alert = held[settlement.key.id], alert.handedOver < settlement.key.generation else { return [] }
    return [
      AlertFact(
        kind: .handedOver(
          AlertHandedOver(
            id: settlement.key.id, generation: settlement.key.generation, status: settlement.status.rawValue,
            message: settlement.words)))
    ]
  }

  public mutating func restarted(at instant: Instant) {}

  /// The age of what the escalator doesn't have yet is elapsed time.
  public mutating func clockStepped(by span: Span) {
    for id in debts.first(.max) {
      guard let alert = held[id]?.alert else { continue }
      held[id]?.alert.openedAt = alert.openedAt + span
    }
  }

  public func condensed() -> [AlertFact] {
    var facts = [
      AlertFact(kind: .configured(configuration)), AlertFact(kind: .numbering(AlertNumbering(last: numbered))),
    ]
    for key in endedInOrder {
      guard let end = ended[key] else { continue }
      facts.append(
        AlertFact(
          kind: .ended(
            AlertEnded(
              source: key.source, dedupKey: key.dedupKey, occurredAt: end.occurredAt, forgetAt: end.forgetAt))))
    }
    order.forEach(after: "") { id in
      guard let one = held[id] else { return true }
      facts.append(
        AlertFact(
          kind: .snapshot(AlertSnapshot(alert: one.alert, handedOver: one.handedOver, triggeredAt: one.triggeredAt))))
      return true
    }
    return facts
  }
}
