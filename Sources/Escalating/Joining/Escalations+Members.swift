import Machinery
import Messages

/// What becomes of alerts that are part of an incident.
extension Escalations {
  /// Its source has said something of an alert that is part of an incident. Worse than the whole makes the whole worse; the
  /// last one that is over ends it. Acknowledged by its source, it is one of several: the others still want an answer.
  func hear(_ alert: Alert, of member: Members.Member, at now: Instant) -> [EscalationFact] {
    guard let incident = incidents[member.incident], alert.generation > member.generation else { return [] }
    // Its source has ended it at another intake, which this one has yet to hear.
    let isOver = alert.state == .resolved || (member.isOver && member.owesClosing)
    let twins = alert.state == .resolved ? twinsEnded(with: alert, in: incident, at: now) : []
    let othersFiring =
      members.firing(in: incident.id) - (member.isOver ? 0 : 1) - twins.count { $0 != incident.id }
    var draft = Draft(incident, in: self, at: now)
    draft.add(
      .memberSeen(
        MemberSeen(
          incidentId: incident.id, alertId: alert.id, generation: alert.generation, count: alert.count,
          state: isOver ? .resolved : alert.state, severity: alert.severity,
          firing: UInt64(othersFiring + (isOver ? 0 : 1)))))
    guard incident.isOpen else { return draft.decided() + remindOfEnd(alert, closedAt: incident.resolvedAt) }
    endTwins(&draft, twins, with: alert, at: now)
    let isOwnOver = draft.incident.opened.alertState == .resolved
    if isOver {
      if othersFiring == 0, isOwnOver, !incident.wasReopened {
        draft.resolve(by: alert.source, endedAt: end(of: alert, at: now))
      }
    } else {
      if members.hasTwins(in: incident.id) { acknowledge(&draft, with: alert) }
      // Once its own alert is over, those of its kind say whose it is.
      let hasMoved = isOwnOver && member.isOfStorm && move(&draft, with: alert)
      if !hasMoved, alert.severity.isWorse(than: member.severity) { worsen(&draft, asSaidBy: alert, of: alert.id) }
    }
    return draft.decided()
  }

  mutating func join(_ fact: AlertJoined) {
    members.join(
      fact.alertId,
      Members.Member(
        incident: fact.incidentId, generation: fact.generation, severity: fact.severity, isOfStorm: fact.by.isEmpty,
        team: fact.team, people: fact.people, isOver: fact.isOver, closedAt: fact.closedAt,
        key: fact.key, openedAt: fact.openedAt, isTwin: fact.twin))
    keys.note(fact.alertId, under: fact.key, openedAt: fact.openedAt)
  }

  mutating func see(_ fact: MemberSeen) {
    members.change(fact.alertId) { member in
      member.generation = max(member.generation, fact.generation)
      member.isOver = fact.state == .resolved
      member.severity = fact.severity
    }
  }

  mutating func restore(_ fact: MemberSnapshot) {
    members.join(
      fact.alertId,
      Members.Member(
        incident: fact.incidentId, generation: fact.generation, severity: fact.severity, isOfStorm: fact.ofStorm,
        team: fact.team, people: fact.people, through: fact.through, isOver: fact.isOver, closedAt: fact.closedAt,
        key: fact.key, openedAt: fact.openedAt, isTwin: fact.twin))
    keys.note(fact.alertId, under: fact.key, openedAt: fact.openedAt)
    if fact.closedAt.isSet { oweClosing(ofMember: fact.alertId, fact.generation, since: fact.closedAt) }
  }

  /// A person says that the whole is over: so is each alert whose source hasn't said so.
  mutating func oweClosings(of incident: RunningIncident) {
    for alert in members.alerts(of: incident.id) {
      let member = members.change(alert) { member in
        if !member.isOver, !member.owesClosing { member.closedAt = incident.closedAt }
      }
      guard let member, member.owesClosing else { continue }
      oweClosing(ofMember: alert, member.generation, since: member.closedAt)
    }
  }

  /// An intake has lost what it was told.
  mutating func oweClosingsAgain(of incident: RunningIncident, to intake: Peer) {
    for alert in members.alerts(of: incident.id) where Shard.intake(ofAlert: alert) == intake {
      members.change(alert) { if !$0.owesClosing { $0.closedAt = incident.closedAt } }
    }
    oweClosings(of: incident)
  }

  /// - Returns: whether it was the closing of a member, whose incident may have nothing more to do now.
  mutating func settleMember(_ alert: String, at instant: Instant) -> Bool {
    let settled = members.change(alert) { member in
      member.closedAt = .unset
      member.isOver = true
    }
    guard let member = settled else { return false }
    debtsToIntake.settle(alert)
    if var incident = incidents.take(member.incident) {
      if !incident.isOpen { forgetLater(&incident, at: instant) }
      put(incident)
    }
    return true
  }

  mutating func oweClosing(ofMember alert: String, _ generation: UInt64, since: Instant) {
    debtsToIntake.owe(DebtKey(id: alert, generation: generation), urgency: 0, since: since)
  }
}
