import Machinery
import Messages

/// What fires again soon after its end is the same incident (requirement E6): its timeline goes on, and it is one in reports,
/// reviews, pay and handoff. Readings, where the requirement is silent:
/// - How soon is what the incident's own policy says for its severity (`reopen-within`), from its end to when intake took the new
///   alert in. Who said that it was over doesn't matter, a person or its source.
/// - It is an opening like any other: at the severity that the new alert has, by clocks that start anew, paged by the policy from
///   the first tier on. Whoever had it before is named, and paged only if the policy names them.
/// - The new alert is part of it. Its source may end it, also where a person opened it again before that.
/// - Each time pages: somebody who was told that it is over must hear that it isn't. The page says how often it has been so.
/// - A new incident opens where the former one is another team's by now, or of another kind (the watch tells by kind what was
///   paged for an alert), still open, history, or has fired again so often that nobody would read on.
extension Escalations {
  /// - Returns: nil when it is an incident of its own.
  func fireAgain(_ alert: Alert, at now: Instant) -> [EscalationFact]? {
    guard alert.state == .open, !alert.formerId.isEmpty,
      let incident = incidents[members.whole(of: alert.formerId)], incident.mayFireAgain(as: alert)
    else { return nil }
    let within = rule(of: incident).reopenWithin
    let after = max(.zero, now - age(of: alert) - incident.overSince)
    guard within > .zero, after <= within else { return nil }
    var draft = Draft(incident, in: self, at: now)
    if alert.severity != incident.severity {
      draft.add(
        .severityChanged(
          SeverityChanged(
            incidentId: incident.id, severity: alert.severity, from: incident.severity, alertId: alert.id)))
    }
    let key = AlertKey(alert)
    let again = FiredAgain(
      incidentId: incident.id, alertId: alert.id, formerId: alert.formerId, generation: alert.generation,
      severity: alert.severity, summary: alert.summary, after: after, times: incident.record.timesFiredAgain + 1,
      had: incident.owner, keyHigh: key.high, keyLow: key.low, openedAt: now - age(of: alert))
    draft.add(.firedAgain(again))
    if !alert.releasedFrom.isEmpty {
      draft.add(.silenceNoted(SilenceNoted(incidentId: incident.id, silence: alert.releasedFrom)))
    }
    let because = again.words(
      had: incident.owner.isEmpty ? "" : draft.name(incident.owner),
      saying: again.summary == incident.opened.summary ? "" : again.summary)
    draft.announce(because)
    if draft.time.open(at: now) <= now { draft.beginChain(because: because) }
    return draft.decided()
  }

  /// The incident that an alert goes on with though it is open: others that are part of it fire still, or a person opened it again.
  func goingOn(with alert: Alert) -> String? {
    guard !alert.formerId.isEmpty, let incident = incidents[members.whole(of: alert.formerId)], incident.isOpen,
      incident.isOfKind(alert), rule(of: incident).reopenWithin > .zero
    else { return nil }
    return incident.id
  }
}

extension RunningIncident {
  /// Each time it is longer to read, and one alert more is part of it.
  static let firesAgainAtMost: UInt32 = 100

  fileprivate func mayFireAgain(as alert: Alert) -> Bool {
    !isOpen && !isMerged && opened.team == alert.team && isOfKind(alert)
      && record.timesFiredAgain < Self.firesAgainAtMost
  }

  fileprivate func isOfKind(_ alert: Alert) -> Bool {
    let kind = Storms.Kind(team: opened.team, service: opened.service, alertClass: opened.alertClass)
    return kind.isKnown && opened.service == alert.service && opened.alertClass == alert.alertClass
  }
}

extension FiredAgain {
  /// For people.
  func words(had person: String, saying summary: String = "") -> String {
    let times = times == 1 ? "" : ", for the \(times.ordinal) time"
    return "fired again \(after.words) after it was resolved\(times)" + (summary.isEmpty ? "" : ": \(summary)")
      + (person.isEmpty ? "" : "; \(person) had it")
  }
}

extension UInt32 {
  fileprivate var ordinal: String {
    switch (self % 100, self % 10) {
    case (11...13, _): "\(self)th"
    case (_, 1): "\(self)st"
    case (_, 2): "\(self)nd"
    case (_, 3): "\(self)rd"
    default: "\(self)th"
    }
  }
}
