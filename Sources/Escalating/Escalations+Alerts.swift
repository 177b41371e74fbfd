import Machinery
import Messages

/// What an alert's state, as intake tells it, makes of the incident with its id.
extension Escalations {
  func hear(_ alert: Alert, at now: Instant) throws(Refusal) -> [EscalationFact] {
    try AlertRules.check(alert)
    if let member = members[alert.id] { return hear(alert, of: member, at: now) }
    if let closedAt = ended.closedAt(alert.id) { return remindOfEnd(alert, closedAt: closedAt) }
    guard let incident = incidents[alert.id] else {
      return joinStorm(alert, at: now) ?? fireAgain(alert, at: now) ?? open(alert, at: now)
    }
    guard alert.generation > incident.alertGeneration else { return [] }
    var draft = Draft(incident, in: self, at: now)
    let isNews = alert.state != incident.opened.alertState
    let othersFiring = members.firing(in: alert.id)
    draft.add(
      .alertSeen(
        AlertSeen(
          incidentId: alert.id, generation: alert.generation, count: alert.count, state: alert.state,
          othersFiring: UInt64(othersFiring))))
    if alert.state == .resolved, incident.isOpen {
      if othersFiring == 0, isNews, !incident.wasReopened { draft.resolve(by: alert.source) }
    } else if incident.isOpen {
      // The others still want an answer, and a reopened one a person's.
      if alert.state == .acknowledged, isNews, incident.state == .triggered, othersFiring == 0, !incident.wasReopened {
        draft.acknowledge(bySource: alert.source)
      }
      if !move(&draft, with: alert) { worsen(&draft, asSaidBy: alert) }
    }
    return draft.decided() + (incident.isOpen ? [] : remindOfEnd(alert, closedAt: incident.resolvedAt))
  }

  /// How long ago intake committed the alert, by intake's own clock: ours may differ.
  func age(of alert: Alert) -> Span {
    alert.handedOverAt.isSet ? max(.zero, alert.handedOverAt - alert.openedAt) : .zero
  }

  func open(_ alert: Alert, at now: Instant) -> [EscalationFact] {
    let policy = policies.newest(alert.policy)
    let opened = IncidentOpened(
      id: alert.id, alertGeneration: alert.generation, severity: alert.severity, summary: alert.summary,
      service: alert.service, alertClass: alert.alertClass, team: alert.team, policy: policy.name,
      policyVersion: policy.version, openedAt: now - age(of: alert), steps: alert.steps, runbook: alert.runbook,
      traceparent: alert.traceparent, alertState: alert.state, firstNumber: numbersSkipped)
    let time = time(of: opened)
    var draft = Draft(RunningIncident(opened, at: now, time: time), in: self, at: now)
    draft.begin(with: .opened(opened))
    if !alert.releasedFrom.isEmpty {
      draft.add(.silenceNoted(SilenceNoted(incidentId: alert.id, silence: alert.releasedFrom)))
    }
    if !alert.formerId.isEmpty {
      draft.add(.firedBefore(FiredBefore(incidentId: alert.id, formerId: alert.formerId)))
    }
    switch alert.state {
    case .resolved: draft.resolve(by: alert.source, note: "over before anybody was paged", bySource: true)
    case .acknowledged: draft.acknowledge(bySource: alert.source)
    default:
      draft.announceOpening()
      guard time.open(at: now) <= now else { break }
      draft.beginChain(because: "primary")
    }
    return draft.decided()
  }
}

extension Draft {
  /// Page the first tier, or the next when nobody is there.
  mutating func beginChain(because: String) {
    if !page(tier: 1, because: because) { moveOn(to: 2, because: "nobody found on tier 1") }
  }

  /// Where a severity is spoken of: #incidents for SEV-1/2, nowhere for others (their pages say all).
  var announcements: [String] {
    incident.severity == .sev1 || incident.severity == .sev2 ? ["#incidents"] : []
  }

  mutating func announce(_ words: String) {
    post("[\(incident.severity.words)] \(incident.opened.summary) (\(incident.id)): \(words)", to: announcements)
  }

  mutating func announceOpening() {
    let service = incident.opened.service.isEmpty ? "" : "\(incident.opened.service): "
    post("[\(incident.severity.words)] \(service)\(incident.opened.summary) (\(incident.id))", to: announcements)
  }

  /// Nobody in particular has it then: reminders go to the primary.
  mutating func acknowledge(bySource source: String) {
    add(.acknowledged(Acknowledged(incidentId: incident.id, by: source, via: "the source", bySource: true)))
    withdraw(because: "acknowledged by the source")
  }

  mutating func resolve(by source: String) {
    resolve(by: source, note: "the source says that it is over", bySource: true)
  }

  mutating func resolve(by person: String, note: String, bySource: Bool) {
    add(.resolved(Resolved(incidentId: incident.id, by: person, note: note, bySource: bySource)))
    withdraw(because: "resolved")
    defer { openReview() }
    guard incident.hasPaged else { return }
    post("RESOLVED \(incident.opened.summary) (\(incident.id)) by \(name(person))", to: announcements)
  }
}
