import Machinery
import Messages

/// A storm becomes few pages (requirement I5): once a policy's number of alerts of one team, service and class came within its
/// time, further ones are part of the newest incident of that kind. Readings, so that grouping hides nothing:
/// - An alert that is worse than that incident opens one of its own, which the next ones join.
/// - Nothing joins what is over, snoozed, or older than the policy says: whoever has it may have forgotten it. Nor what only its
///   source has acknowledged: perhaps nobody was ever paged for it.
/// - What was part of an incident and fires again while that is open is part of it without any storm.
/// - What joins is an alert like any other: intake holds it, its source may make the whole worse or end its part, and the
///   whole is over when all are (`Escalations+Merging`).
extension Escalations {
  /// - Returns: nil when it is an incident of its own.
  func joinStorm(_ alert: Alert, at now: Instant) -> [EscalationFact]? {
    let kind = Storms.Kind(team: alert.team, service: alert.service, alertClass: alert.alertClass)
    guard alert.state == .open, kind.isKnown, let rule = policies.grouping(of: alert.policy) else { return nil }
    let storm = storms.incident(of: kind, by: rule, at: now)
    guard let id = storm ?? goingOn(with: alert), let incident = incidents[id],
      incident.takesIn(alert, by: rule, at: now)
    else { return nil }
    let key = AlertKey(alert)
    var draft = Draft(incident, in: self, at: now)
    draft.add(
      .alertJoined(
        AlertJoined(
          incidentId: id, alertId: alert.id, generation: alert.generation, summary: alert.summary,
          reason: storm == nil ? "fires again" : "", number: UInt64(members.count(in: id) + 1),
          severity: alert.severity, keyHigh: key.high, keyLow: key.low, openedAt: now - age(of: alert))))
    if storm != nil, members.count(in: id) == 0 {
      let what = [alert.service, alert.alertClass].filter { !$0.isEmpty }.joined(separator: ", ")
      draft.announce("a storm: further alerts of \(what) are part of this one")
    }
    return draft.decided()
  }

  /// - Parameter incident: that opened, or that one more alert is part of.
  mutating func noteStorm(_ incident: RunningIncident, at instant: Instant) {
    let opened = incident.opened
    let kind = Storms.Kind(team: opened.team, service: opened.service, alertClass: opened.alertClass)
    guard kind.isKnown, !opened.id.hasPrefix(Self.lostPrefix), policies.grouping(of: opened.policy) != nil else {
      return
    }
    storms.note(kind, in: incident.id, at: instant)
  }
}

extension RunningIncident {
  fileprivate func takesIn(_ alert: Alert, by rule: Grouping, at now: Instant) -> Bool {
    isOpen && !isSnoozed && !isInHandOfSourceAlone && opened.team == alert.team
      && !alert.severity.isWorse(than: severity)
      && now < opened.openedAt + rule.joinsFor
  }
}
