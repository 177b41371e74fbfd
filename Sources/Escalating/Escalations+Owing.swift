import Machinery
import Messages

/// What the escalator owes, read off its incidents.
extension Escalations {
  public func debts(to peer: Peer) -> DebtQueue? {
    switch peer {
    case .notifier: debtsToNotifier
    case .intake, .furtherIntake: debtsToIntake[peer]
    case .scheduler: debtsToScheduler
    default: nil
    }
  }

  public func debt(_ id: String, to peer: Peer) -> EscalationDebt? {
    switch peer {
    case .notifier: debtToNotifier(id)
    case .intake, .furtherIntake: closing(of: id).map { .closing($0) }
    case .scheduler:
      incidents[Self.incidentID(ofDebt: id)].flatMap { $0.recordDebt(id) }
    default: nil
    }
  }

  /// A page that the notifier will never take counts as one that can't reach its person.
  public func settle(_ settlement: Settlement, at now: Instant) -> [EscalationFact] {
    let subject = Self.incidentID(ofDebt: settlement.key.id)
    guard subject != Self.synthetic else { return settleSynthetic(settlement) }
    let incident = incidents[subject]
    guard
      stragglers.contains(settlement.key.id) || reviews.post(settlement.key.id) != nil
        || members[settlement.key.id]?.owesClosing == true
        || incident.map({ isOwed(settlement, in: $0) }) ?? false
    else { return [] }
    let page = incident?.page(settlement.key.id)
    let waited = page.map { $0.wanted && settlement.status == .ok ? now - $0.pagedAt : .zero } ?? .zero
    let settled = EscalationFact(
      kind: .debtSettled(
        DebtSettled(
          debtId: settlement.key.id, generation: settlement.key.generation, status: settlement.status.rawValue,
          message: settlement.words, late: waited > .minutes(1) ? waited : .zero)))
    guard settlement.status != .ok, let incident, let page else { return [settled] }
    var draft = Draft(incident, in: self, at: now)
    draft.markUnreachable(settlement.key.id)
    draft.pastUnreachable(page, words: settlement.words)
    return [settled] + draft.decided()
  }

  private func isOwed(_ settlement: Settlement, in incident: RunningIncident) -> Bool {
    if settlement.key.id == incident.id { return incident.owesClosing }
    if RunningIncident.isRecord(settlement.key.id) {
      return incident.owesRecord(settlement.key.id, settlement.key.generation)
    }
    if let page = incident.page(settlement.key.id) {
      return UInt64(page.settled) < settlement.key.generation
    }
    return incident.posts.contains { $0.id == settlement.key.id }
  }

  private func closing(of id: String) -> AlertClosing? {
    if let member = members[id] {
      return AlertClosing(
        alertId: id, generation: member.generation, by: "escalator", closedAt: member.closedAt)
    }
    if let incident = incidents[id] {
      return AlertClosing(
        alertId: id, generation: incident.alertGeneration, by: "escalator", closedAt: incident.ownClosedAt)
    }
    return stragglers.closing(of: id).map {
      AlertClosing(alertId: id, generation: $0.generation, by: "escalator", closedAt: $0.closedAt)
    }
  }

  private func debtToNotifier(_ id: String) -> EscalationDebt? {
    if let late = stragglers.withdrawal(of: id) {
      return .page(
        Page(
          id: id, generation: UInt64(HeldPage.withdrawn), wanted: false, incidentId: late.incidentId,
          person: late.person))
    }
    if id == latestSynthetic.pageID { return syntheticPage.map { .page($0) } }
    if let (post, team) = reviews.post(id) {
      return .post(
        Post(
          id: id, text: post.text, team: team, incidentId: Self.incidentID(ofDebt: id), person: post.person,
          postedAt: post.postedAt))
    }
    guard let incident = incidents[Self.incidentID(ofDebt: id)] else { return nil }
    if let page = incident.page(id) { return .page(self.page(page, of: incident)) }
    return incident.posts.first { $0.id == id }.map {
      .post(
        Post(
          id: $0.id, channel: $0.channel, text: $0.text, team: incident.opened.team, incidentId: incident.id,
          postedAt: $0.postedAt))
    }
  }

  /// Whoever is paged now hears how much more of it fires.
  private func summary(of incident: RunningIncident) -> String {
    let firing = members.firing(in: incident.id) + (incident.opened.alertState == .resolved ? 0 : 1)
    // The same alert at another intake is no more of it.
    let more = firing - members.twinsFiring(in: incident.id) - 1
    return more < 1 ? incident.opened.summary : "\(incident.opened.summary) (and \(more) more)"
  }

  private func page(_ page: HeldPage, of incident: RunningIncident) -> Page {
    Page(
      id: page.id(in: incident.id), generation: UInt64(page.generation), wanted: page.wanted, incidentId: incident.id,
      person: page.person,
      tier: page.tier, purpose: page.purpose, severity: incident.severity, summary: summary(of: incident),
      service: incident.opened.service, steps: incident.opened.steps, runbook: incident.opened.runbook,
      channels: page.channels, because: page.because, pagedAt: page.pagedAt, openedAt: incident.opened.openedAt,
      traceparent: incident.opened.traceparent, alertClass: incident.opened.alertClass,
      team: incident.opened.team, incidentUrl: policies.link(to: incident))
  }
}
