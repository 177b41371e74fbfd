import Machinery
import Messages

/// What an alert's state, as intake tells it, makes of the incident with its id.
extension Escalations {
  func hear(_ alert: Alert, at now: Instant) throws(Refusal) -> [EscalationFact] {
    try AlertRules.check(alert)
    let facts = hearState(of: alert, at: now)
    return facts.isEmpty ? [] : facts + endSaid(by: alert, at: now)
  }

  private func hearState(of alert: Alert, at now: Instant) -> [EscalationFact] {
    if let member = members[alert.id] { return hear(alert, of: member, at: now) }
    if let closedAt = ended.closedAt(alert.id) { return alert.elsewhere ? [] : remindOfEnd(alert, closedAt: closedAt) }
    guard let incident = incidents[alert.id] else {
      if let facts = hearTwin(alert, at: now) { return facts }
      let alert = withFormer(alert)
      return joinStorm(alert, at: now) ?? fireAgain(alert, at: now) ?? open(alert, at: now)
    }
    guard alert.generation > incident.alertGeneration else { return [] }
    var draft = Draft(incident, in: self, at: now)
    // Its source may have ended it at another intake, which this one has yet to hear.
    let isOver = alert.state == .resolved || (incident.isOpen && incident.owesClosing)
    let isNews = (isOver ? .resolved : alert.state) != incident.opened.alertState
    let twins = alert.state == .resolved ? twinsEnded(with: alert, in: incident, at: now) : []
    let othersFiring = members.firing(in: alert.id) - twins.count
    draft.add(
      .alertSeen(
        AlertSeen(
          incidentId: alert.id, generation: alert.generation, count: alert.count,
          state: isOver ? .resolved : alert.state, othersFiring: UInt64(othersFiring))))
    if isOver, incident.isOpen {
      endTwins(&draft, twins, with: alert, at: now)
      if othersFiring == 0, isNews, !incident.wasReopened {
        draft.resolve(by: alert.source, endedAt: end(of: alert, at: now))
      }
    } else if incident.isOpen {
      if isNews { acknowledge(&draft, with: alert) }
      if !move(&draft, with: alert) { worsen(&draft, asSaidBy: alert) }
    }
    return draft.decided() + (incident.isOpen ? [] : remindOfEnd(alert, closedAt: incident.resolvedAt))
  }

  /// Whoever handed it over hears of which incident it is a part, so that it can be seen from there whether somebody was paged for
  /// that.
  func taken(_ alert: Alert, making facts: [EscalationFact]) -> Decision<EscalationFact, EscalationAnswer> {
    let whole = facts.lazy.compactMap { fact in
      switch fact.kind {
      case .alertJoined(let joined) where joined.alertId == alert.id: joined.incidentId
      case .firedAgain(let again) where again.alertId == alert.id: again.incidentId
      default: nil
      }
    }.first
    return Decision(facts, answer: .taken(AlertTaken(partOf: whole ?? members[alert.id]?.incident ?? "")))
  }

  /// How long ago intake committed the alert, by intake's own clock: ours may differ.
  func age(of alert: Alert) -> Span {
    alert.handedOverAt.isSet ? max(.zero, alert.handedOverAt - alert.openedAt) : .zero
  }

  func open(_ alert: Alert, at now: Instant) -> [EscalationFact] {
    let policy = policies.newest(alert.policy)
    let key = AlertKey(alert)
    let opened = IncidentOpened(
      id: alert.id, alertGeneration: alert.generation, severity: alert.severity, summary: alert.summary,
      service: alert.service, alertClass: alert.alertClass, team: alert.team, policy: policy.name,
      policyVersion: policy.version, openedAt: now - age(of: alert), steps: alert.steps, runbook: alert.runbook,
      traceparent: alert.traceparent, alertState: alert.state, firstNumber: numbersSkipped,
      keyHigh: key.high, keyLow: key.low)
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
    case .resolved:
      draft.resolve(
        by: alert.source, note: "over before anybody was paged", bySource: true, endedAt: end(of: alert, at: now))
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

  mutating func resolve(by source: String, endedAt: Instant) {
    resolve(by: source, note: "the source says that it is over", bySource: true, endedAt: endedAt)
  }

  mutating func resolve(by person: String, note: String, bySource: Bool, endedAt: Instant = .unset) {
    add(
      .resolved(
        Resolved(incidentId: incident.id, by: person, note: note, bySource: bySource, endedAt: endedAt)))
    withdraw(because: "resolved")
    defer { openReview() }
    guard incident.hasPaged else { return }
    post("RESOLVED \(incident.opened.summary) (\(incident.id)) by \(name(person))", to: announcements)
  }
}
