import Machinery
import Messages

/// How facts change what intake knows.
extension Alerts {
  public mutating func apply(_ fact: AlertFact, at instant: Instant) {
    switch fact.kind {
    case .opened(let alert): hold(Held(alert: alert, triggeredAt: instant))
    case .snapshot(let snapshot):
      guard let alert = snapshot.alert else { return }
      hold(Held(alert: alert, handedOver: snapshot.handedOver, triggeredAt: snapshot.triggeredAt))
    case .repeatedOnce(let event):
      held[event.id]?.alert.count += 1
      held[event.id]?.triggeredAt = instant
    case .moved(let move): apply(move, at: instant)
    case .changeNoted: numbered += 1
    case .configured(let configuration): routing = Routing(configuration)
    case .handedOver(let handedOver): apply(handedOver)
    case .numbering(let numbering): numbered = max(numbered, numbering.last)
    case .ended(let end):
      remember(
        Ended(occurredAt: end.occurredAt, forgetAt: end.forgetAt),
        under: Key(source: end.source, dedupKey: end.dedupKey),
        at: instant)
    case nil: break
    }
  }

  private mutating func hold(_ one: Held) {
    let alert = one.alert
    held[alert.id] = one
    order.append(alert.id)
    if alert.state != .resolved {
      openAlerts += 1
      if !alert.dedupKey.isEmpty { idByKey[Key(source: alert.source, dedupKey: alert.dedupKey)] = alert.id }
    }
    if let dash = alert.id.lastIndex(of: "-"), let number = UInt64(alert.id[alert.id.index(after: dash)...], radix: 36)
    {
      numbered = max(numbered, number)
    }
    if one.handedOver < alert.generation { owe(alert, since: alert.changedAt) }
  }

  private mutating func apply(_ move: AlertMoved, at instant: Instant) {
    guard var one = held[move.id] else { return }
    one.alert.generation = move.generation
    one.alert.state = move.state
    one.alert.severity = move.severity
    one.alert.changedAt = instant
    held[move.id] = one
    if move.state == .resolved {
      openAlerts -= 1
      let key = Key(source: one.alert.source, dedupKey: one.alert.dedupKey)
      if idByKey[key] == move.id { idByKey[key] = nil }
      if !move.toldByEscalator, !one.alert.dedupKey.isEmpty {
        let occurredAt = move.occurredAt.isSet ? move.occurredAt : instant
        remember(Ended(occurredAt: occurredAt, forgetAt: instant + Self.remembersEnds), under: key, at: instant)
      }
    }
    if move.toldByEscalator {
      debts.settle(move.id)
      drop(move.id)
    } else {
      owe(one.alert, since: instant)
    }
  }

  private mutating func apply(_ handedOver: AlertHandedOver) {
    guard var one = held[handedOver.id] else { return }
    one.handedOver = max(one.handedOver, handedOver.generation)
    held[handedOver.id] = one
    guard one.handedOver >= one.alert.generation else { return }
    debts.settle(handedOver.id)
    if one.alert.state == .resolved { drop(handedOver.id) }
  }

  private mutating func drop(_ id: String) {
    held[id] = nil
    order.remove(id)
  }

  /// Most urgent first; a resolve or an acknowledgement goes before them all (it stops pages).
  private mutating func owe(_ alert: Alert, since: Instant) {
    debts.owe(
      DebtKey(id: alert.id, generation: alert.generation),
      urgency: alert.state == .open ? Int(alert.severity.rawValue) : 0, since: since)
  }

  private mutating func remember(_ end: Ended, under key: Key, at instant: Instant) {
    if ended.updateValue(end, forKey: key) == nil { endedInOrder.append(key) }
    while let oldest = endedInOrder.first, ended[oldest].map({ $0.forgetAt < instant }) ?? true {
      ended[oldest] = nil
      endedInOrder.removeFirst()
    }
  }
}
