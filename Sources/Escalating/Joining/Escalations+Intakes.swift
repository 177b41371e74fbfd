import Machinery
import Messages

/// Several intakes behind one address list: a source that can't reach the one reports to the other, so that the same alert, one of
/// source and dedup key, may be open at both. It is one incident. Readings:
/// - The second intake's alert is part of the incident that the first one's opened, and counts as one more occurrence: nobody is
///   paged again, unless it is worse.
/// - What its source says at one intake holds for all: the end, and that somebody has it in hand. The others are told that theirs
///   is over, as when a person resolves. What came after that end goes on.
/// - Such a word may come from an intake at which nothing is open under the key (`Alert.elsewhere`), and before what it is about:
///   the other intake may be down with an alert that it never handed over. That is over when it comes.
/// - When things happened is measured by each intake's own clock as an age, as everywhere.
extension Escalations {
  /// What the key of an alert that is heard for the first time says about it.
  ///
  /// - Returns: nil when it says nothing.
  func hearTwin(_ alert: Alert, at now: Instant) -> [EscalationFact]? {
    let key = AlertKey(alert)
    if alert.elsewhere { return hearWord(alert, under: key, at: now) }
    let openedAt = now - age(of: alert)
    let isOver = alert.state == .resolved
    // What came at the very instant of the end fires: nobody may go unpaged.
    guard let former = keys.alert(key), let incident = incidents[members.whole(of: former)] else {
      let end = keys.end(key, elsewhereThan: number(ofIntakeOf: alert))
      return isOver || openedAt >= end ? nil : openAsOver(alert, closedAt: end, at: now)
    }
    // An intake opens a key anew only after its end: what came before at the same one is not this, but its former.
    let isOthers = Shard.intake(ofAlert: former) != Shard.intake(ofAlert: alert.id)
    let elsewhere = keys.end(key, elsewhereThan: number(ofIntakeOf: alert))
    let end = isOthers && !incident.isOpen ? max(incident.overSince, elsewhere) : elsewhere
    // One intake's own former fires no more, whether its end has arrived yet or not.
    let others = twins(of: alert, in: incident).filter { Shard.intake(ofAlert: $0) != Shard.intake(ofAlert: alert.id) }
    if !others.isEmpty { return join(alert, to: incident, closedAt: nil, at: now) }
    guard openedAt < end, isOthers || !isOver else { return nil }
    return join(alert, to: incident, closedAt: end, at: now)
  }

  /// With what was open under its key before, where that was at another intake.
  func withFormer(_ alert: Alert) -> Alert {
    guard alert.formerId.isEmpty, let former = keys.alert(AlertKey(alert)) else { return alert }
    var alert = alert
    alert.formerId = former
    return alert
  }

  /// What is over with an alert whose source has ended it at one intake (or in hand with it): what others have open under its key and
  /// took in before.
  func twinsEnded(with alert: Alert, in incident: RunningIncident, at now: Instant) -> [String] {
    // Who tells an alert again and again tells it to another intake now.
    guard !alert.lapsed else { return [] }
    let saidAt = said(alert, at: now)
    return twins(of: alert, in: incident).filter { openedAt($0, in: incident) <= saidAt }
  }

  func endTwins(_ draft: inout Draft, _ twins: [String], with alert: Alert, at now: Instant) {
    for twin in twins {
      draft.add(
        .twinEnded(TwinEnded(incidentId: draft.incident.id, alertId: twin, endedAt: said(alert, at: now))))
    }
  }

  /// Its source has it in hand, unless others that are part of the incident still want an answer, or it was reopened and wants a
  /// person's.
  func acknowledge(_ draft: inout Draft, with alert: Alert) {
    let incident = draft.incident
    guard alert.state == .acknowledged, incident.isOpen, incident.state == .triggered, !incident.wasReopened else {
      return
    }
    let firing = members.firing(in: incident.id) + (incident.opened.alertState == .resolved ? 0 : 1)
    let same = twinsEnded(with: alert, in: incident, at: draft.now).count + (isFiring(alert.id, in: incident) ? 1 : 0)
    if firing == same { draft.acknowledge(bySource: alert.source) }
  }

  /// An intake still holds open what is over.
  mutating func apply(_ ended: TwinEnded, in incident: RunningIncident) {
    guard ended.alertId != incident.id else {
      return debtsToIntake.owe(
        DebtKey(id: incident.id, generation: incident.alertGeneration), urgency: 0, since: ended.endedAt)
    }
    let member = members.change(ended.alertId) { member in
      member.isOver = true
      member.closedAt = ended.endedAt
    }
    if let member { oweClosing(ofMember: ended.alertId, member.generation, since: ended.endedAt) }
  }

  /// What is remembered of an incident that is left to history: another intake may come back with an alert that it took in before the
  /// end. The only intake can't.
  func keyEnds(of incident: RunningIncident) -> [EscalationFact] {
    guard intakes > 1, !incident.isMerged else { return [] }
    let all = [incident.opened.key] + members.alerts(of: incident.id).compactMap { members[$0]?.key }
    return all.filter { !$0.isNone && keys.end($0) < incident.overSince }.distinct.map {
      EscalationFact(kind: .keyEnded(KeyEnded(keyHigh: $0.high, keyLow: $0.low, endedAt: incident.overSince)))
    }
  }

  /// A source's word that what it has open under a key is over holds for what other intakes have taken in before, whenever they hand
  /// that over.
  func endSaid(by alert: Alert, at now: Instant) -> [EscalationFact] {
    let (key, number, endedAt) = (AlertKey(alert), number(ofIntakeOf: alert), said(alert, at: now))
    guard intakes > 1, alert.state == .resolved, !alert.lapsed, !key.isNone, keys.end(key, at: number) < endedAt else {
      return []
    }
    return [
      EscalationFact(
        kind: .keyEnded(KeyEnded(keyHigh: key.high, keyLow: key.low, endedAt: endedAt, intake: number)))
    ]
  }

  /// When its source ended an alert; unset where nothing that another intake has can come before or after that.
  /// A lapse is no end that its source has said: what it tells another intake since it came to this one goes on.
  func end(of alert: Alert, at now: Instant) -> Instant {
    guard intakes > 1 else { return .unset }
    return alert.lapsed ? now - age(of: alert) : said(alert, at: now)
  }

  // MARK: -

  private func number(ofIntakeOf alert: Alert) -> UInt32 { Shard.intake(ofAlert: alert.id).intakeNumber ?? 1 }

  /// Other alerts of its key that fire.
  private func twins(of alert: Alert, in incident: RunningIncident) -> [String] {
    let isPart = alert.id == incident.id || members[alert.id] != nil
    guard !isPart || members.hasTwins(in: incident.id), case let key = AlertKey(alert), !key.isNone else { return [] }
    let all = [incident.id] + members.alerts(of: incident.id)
    return all.filter { $0 != alert.id && self.key(of: $0, in: incident) == key && isFiring($0, in: incident) }
  }

  private func key(of alert: String, in incident: RunningIncident) -> AlertKey {
    members[alert]?.key ?? incident.opened.key
  }

  private func openedAt(_ alert: String, in incident: RunningIncident) -> Instant {
    members[alert]?.openedAt ?? incident.opened.openedAt
  }

  /// When the source said what an alert is now.
  private func said(_ alert: Alert, at now: Instant) -> Instant {
    alert.handedOverAt.isSet && alert.changedAt.isSet ? now - max(.zero, alert.handedOverAt - alert.changedAt) : now
  }

  private func isFiring(_ alert: String, in incident: RunningIncident) -> Bool {
    guard incident.isOpen else { return false }
    return alert == incident.id ? incident.opened.alertState != .resolved : members[alert].map { !$0.isOver } ?? false
  }

  /// One more occurrence of what is open; or a late one of what is over, of which its intake hears.
  ///
  /// - Parameter closedAt: since when, where it is over; nil: others of its key fire.
  private func join(
    _ alert: Alert, to incident: RunningIncident, closedAt: Instant?, at now: Instant
  ) -> [EscalationFact] {
    let key = AlertKey(alert)
    let isOver = alert.state == .resolved || closedAt != nil
    let twins = alert.state == .resolved ? twinsEnded(with: alert, in: incident, at: now) : []
    var draft = Draft(incident, in: self, at: now)
    draft.add(
      .alertJoined(
        AlertJoined(
          incidentId: incident.id, alertId: alert.id, generation: alert.generation, isOver: isOver,
          summary: alert.summary, reason: "came by another intake too",
          number: UInt64(members.count(in: incident.id) + 1), severity: alert.severity, keyHigh: key.high,
          keyLow: key.low, twin: true, openedAt: now - age(of: alert))))
    if let closedAt {
      if alert.state != .resolved { draft.add(.closingOwed(closing(of: alert, closedAt: closedAt))) }
      return draft.decided()
    }
    if isOver {
      end(&draft, twins, with: alert, at: now)
    } else {
      acknowledge(&draft, with: alert)
      if alert.severity.isWorse(than: incident.sourceSeverity) { worsen(&draft, asSaidBy: alert, of: alert.id) }
    }
    return draft.decided()
  }

  /// What a source says of what is open at another intake. Heard once: a late copy must not end what fires again.
  private func hearWord(_ word: Alert, under key: AlertKey, at now: Instant) -> [EscalationFact] {
    let heard = EscalationFact(
      kind: .ended(IncidentEnded(incidentId: word.id, forgetAt: now + EndedIncidents.remembers, closedAt: now)))
    let known = keys.alert(key).flatMap { incidents[members.whole(of: $0)] }
    guard let incident = known, !twins(of: word, in: incident).isEmpty else { return [heard] }
    var draft = Draft(incident, in: self, at: now)
    if word.state == .resolved {
      end(&draft, twinsEnded(with: word, in: incident, at: now), with: word, at: now)
    } else {
      acknowledge(&draft, with: word)
    }
    return [heard] + draft.decided()
  }

  private func end(_ draft: inout Draft, _ twins: [String], with alert: Alert, at now: Instant) {
    let incident = draft.incident
    let firing = members.firing(in: incident.id) + (incident.opened.alertState == .resolved ? 0 : 1)
    endTwins(&draft, twins, with: alert, at: now)
    if !twins.isEmpty, firing == twins.count, !incident.wasReopened {
      draft.resolve(by: alert.source, endedAt: end(of: alert, at: now))
    }
  }

  /// It ended before it was handed over, by its source's word at another intake.
  private func openAsOver(_ alert: Alert, closedAt: Instant, at now: Instant) -> [EscalationFact] {
    var over = alert
    over.state = .resolved
    over.openedAt = now - age(of: alert)
    over.changedAt = closedAt
    over.handedOverAt = now
    return open(over, at: now) + [EscalationFact(kind: .closingOwed(closing(of: alert, closedAt: closedAt)))]
  }

  private func closing(of alert: Alert, closedAt: Instant) -> ClosingOwed {
    ClosingOwed(incidentId: alert.id, generation: alert.generation, closedAt: closedAt)
  }
}
