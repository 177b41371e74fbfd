import Machinery
import Messages

/// What intake owes the escalator, and what becomes of an alert that the escalator will not take.
///
/// An accepted alert is never given up. One that is refused for good is handed over again at once, cut down to what nobody
/// can object to; if that is refused too it is tried every few minutes, for as long as it takes. All the while it is owed,
/// so that health shows its age, and says in `refusal` what the matter is.
extension Alerts {
  static let retriesAfter = Span.minutes(5)
  static let refused = "refused by the escalator: "
  static let cutDown = "handed over cut down, as the whole was refused by the escalator: "
  static let cutSummaryBytes = 200

  public func debts(to peer: Peer) -> DebtQueue? {
    switch peer {
    case .escalator: debts
    case .scheduler: changes.debts
    case .intake, .furtherIntake: told.debts[peer]
    default: nil
    }
  }

  public func debt(_ id: String, to peer: Peer) -> AlertDebt? {
    if peer.intakeNumber != nil { return debt(id, toIntake: peer) }
    if peer == .scheduler { return (changes[id]?.change).map { .change($0) } }
    guard peer == .escalator else { return nil }
    if id == Synthetic.id { return syntheticOwed.map { .synthetic($0) } }
    if let kept = changes[id] { return .evidence(kept.change) }
    guard let one = one(id), !one.retryAt.isSet else { return nil }
    return .alert(one.alert.refusal.isEmpty ? one.alert : Self.cutDown(one.alert))
  }

  public func settle(_ settlement: Settlement, at now: Instant) -> [AlertFact] {
    guard settlement.peer.intakeNumber == nil else { return settleTold(settlement) }
    guard settlement.peer != .scheduler, changes[settlement.key.id] == nil else { return settleChange(settlement) }
    guard settlement.key.id != Synthetic.id else { return settleSynthetic(settlement) }
    guard let one = one(settlement.key.id), one.handedOver < settlement.key.generation else { return [] }
    // A newer state is on its way in any case, and may be taken.
    guard settlement.status == .ok || settlement.key.generation == one.alert.generation else { return [] }
    return [
      AlertFact(
        kind: .handedOver(
          AlertHandedOver(
            id: settlement.key.id, generation: settlement.key.generation, status: settlement.status.rawValue,
            message: settlement.words, partOf: settlement.reference)))
    ]
  }

  mutating func apply(_ handedOver: AlertHandedOver, at instant: Instant) {
    guard var one = one(handedOver.id) else { return }
    guard handedOver.status == Status.ok.rawValue else { return refuse(one, handedOver, at: instant) }
    one.handedOver = max(one.handedOver, handedOver.generation)
    one.partOf = handedOver.partOf
    if one.alert.refusal.hasPrefix(Self.refused) {
      one.alert.refusal = Self.cutDown + one.alert.refusal.dropFirst(Self.refused.count)
    }
    held[Self.number(ofId: handedOver.id)] = one
    guard one.handedOver >= one.alert.generation else { return }
    debts.settle(handedOver.id)
    if !one.isOpen { drop(handedOver.id) }
  }

  /// The first time it is cut down and owed at once; after that it waits. Each try is a generation of its own.
  private mutating func refuse(_ refused: Held, _ handedOver: AlertHandedOver, at instant: Instant) {
    var one = refused
    let status = Status(rawValue: handedOver.status) ?? .unknown
    let wasCutDown = !one.alert.refusal.isEmpty
    one.alert.refusal = "\(Self.refused)\(status.name) \(handedOver.message)".cut(to: 500)
    if wasCutDown {
      one.retryAt = instant + Self.retriesAfter
      retries.set(one.alert.id, to: one.retryAt)
    } else {
      one.alert.generation += 1
    }
    held[Self.number(ofId: one.alert.id)] = one
    if !wasCutDown { owe(one.alert, since: one.alert.changedAt) }
  }

  mutating func apply(_ due: HandOverDue) {
    held.update(Self.number(ofId: due.id)) { $0.alert.generation = due.generation }
    takeUpAgain(due.id)
    if let alert = alert(due.id) { owe(alert, since: alert.changedAt) }
  }

  /// Nothing stands in the way of handing it over.
  mutating func takeUpAgain(_ id: String) {
    held.update(Self.number(ofId: id)) { $0.retryAt = .unset }
    retries.set(id, to: nil)
  }

  /// Most urgent first; a resolve or an acknowledgement goes before them all (it stops pages). What is silenced is not owed.
  mutating func owe(_ alert: Alert, since: Instant) {
    guard alert.silencedBy.isEmpty else { return }
    debts.owe(
      DebtKey(id: alert.id, generation: alert.generation),
      urgency: alert.state == .open ? Int(alert.severity.rawValue) : 0, since: since)
  }

  /// What must get through: which alert, how bad, whose, since when. Everything else can be read at intake.
  static func cutDown(_ alert: Alert) -> Alert {
    Alert(
      id: alert.id, generation: alert.generation, state: alert.state,
      source: alert.elsewhere ? alert.source : alert.source.cut(to: 64),
      dedupKey: alert.elsewhere ? alert.dedupKey : "",
      severity: alert.severity, summary: alert.summary.cut(to: cutSummaryBytes), team: alert.team,
      policy: alert.policy, openedAt: alert.openedAt, changedAt: alert.changedAt, count: alert.count,
      shard: alert.shard, elsewhere: alert.elsewhere)
  }
}
