import Messages

/// The fewest facts that fold into this machine.
extension Alerts {
  public func condensed() -> [AlertFact] {
    var facts = [
      AlertFact(kind: .configured(configuration)),
      AlertFact(kind: .numbering(AlertNumbering(last: numbered, lastSilence: silences.numbered))),
    ]
    facts += heartbeats.inOrder.map {
      AlertFact(
        kind: .heartbeatSnapshot(
          HeartbeatSnapshot(
            name: $0.heartbeat.name, lastAt: $0.lastAt, sinceAt: $0.since, dueAt: $0.due, missing: $0.isMissing)))
    }
    if synthetic.next != nil { facts.append(AlertFact(kind: .syntheticSent(synthetic.latest))) }
    // Before the alerts: whose silence is over by then is looked at again.
    facts += (silences.over + silences.running.values).map { AlertFact(kind: .silenceAdded($0)) }
    facts += toldFacts
    facts += changes.all.map {
      AlertFact(kind: .change(ChangeSnapshot(change: $0.change, told: $0.isTold, reviewed: $0.isReviewed)))
    }
    for key in endedInOrder {
      guard let end = ended[key] else { continue }
      facts.append(
        AlertFact(
          kind: .ended(
            AlertEnded(
              source: key.source, dedupKey: key.dedupKey, occurredAt: end.occurredAt, forgetAt: end.forgetAt,
              alertId: end.alertID))))
    }
    held.forEach { _, one in
      facts.append(
        AlertFact(
          kind: .snapshot(
            AlertSnapshot(
              alert: one.alert, handedOver: one.handedOver, triggeredAt: one.triggeredAt, retryAt: one.retryAt,
              partOf: one.partOf, lapseAt: one.lapseAt))))
      return true
    }
    return facts
  }
}

/// Two machines are equal when nobody outside could tell them apart.
extension Alerts: Equatable {
  public static func == (left: Alerts, right: Alerts) -> Bool {
    left.held == right.held && left.routing == right.routing && left.openKeys == right.openKeys
      && left.ended == right.ended
      && left.numbered == right.numbered && left.openAlerts == right.openAlerts
      && left.heartbeats == right.heartbeats && left.silences == right.silences && left.muted == right.muted
      && left.told == right.told && left.changes == right.changes && left.synthetic == right.synthetic
      && left.nextDeadline == right.nextDeadline && Set(left.strays) == Set(right.strays)
      && Set(left.debts.first(.max)) == Set(right.debts.first(.max))
  }
}
