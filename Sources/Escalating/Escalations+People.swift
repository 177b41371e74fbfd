import Machinery
import Messages

/// What people do with incidents (requirements E6, E7). Each answer says what changed, or why nothing did.
extension Escalations {
  func acknowledge(
    _ request: AcknowledgeRequest, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    var draft = try draft(request.incidentId, by: request.by, at: now)
    let before = draft.incident
    guard before.isOpen else { throw alreadyResolved(before) }
    if before.state == .acknowledged, before.owner == request.by, !before.pages.contains(where: \.wanted) {
      return answer(
        draft, "already acknowledged by \(draft.name(request.by)) at \(TimeText.clock(before.acknowledgedAt))")
    }
    draft.add(.acknowledged(Acknowledged(incidentId: before.id, by: request.by, via: request.via)))
    draft.withdrawPages(because: "acknowledged by \(draft.name(request.by))")
    let joined = before.state == .acknowledged && before.owner != request.by
    return answer(
      draft, joined ? "acknowledged as well; \(draft.name(before.owner)) has it" : "acknowledged; paging stops")
  }

  func resolve(
    _ request: ResolveRequest, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    var draft = try draft(request.incidentId, by: request.by, at: now)
    guard draft.incident.isOpen else {
      return answer(draft, "already resolved at \(TimeText.clock(draft.incident.resolvedAt))")
    }
    draft.resolve(by: request.by, note: request.note, bySource: false)
    return answer(draft, "resolved")
  }

  func escalate(
    _ request: EscalateRequest, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    guard !request.reason.isEmpty else { throw .invalid("reason", "say why you escalate") }
    guard request.tier <= 4 else { throw .invalid("tier", "must be 1 to 4, or 0 for the next one") }
    var draft = try draft(request.incidentId, by: request.by, at: now)
    let incident = draft.incident
    guard incident.isOpen else { throw alreadyResolved(incident) }
    let tier = request.tier == 0 ? min(incident.tier + 1, 4) : request.tier
    draft.add(
      .escalatedByHand(
        EscalatedByHand(
          incidentId: incident.id, by: request.by, tier: tier, reason: request.reason,
          currentStatus: request.currentStatus)))
    let because = "escalated by \(draft.name(request.by)): \(request.reason)"
    draft.add(.movedOn(MovedOn(incidentId: incident.id, fromTier: incident.tier, toTier: tier, because: because)))
    if !draft.page(tier: tier, because: because) { draft.moveOn(to: tier + 1, because: "nobody found on tier \(tier)") }
    draft.post(
      """
      ESCALATION TO \(tier.escalationName)
      Incident: \(incident.id) \(incident.opened.summary)
      Reason: \(request.reason)
      Current status: \(request.currentStatus.isEmpty ? incident.status.words : request.currentStatus)
      """, to: ["#incidents"])
    return answer(draft, "tier \(draft.incident.tier) is paged")
  }

  func reassign(
    _ request: ReassignRequest, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    var draft = try draft(request.incidentId, by: request.by, at: now)
    let incident = draft.incident
    guard incident.isOpen else { throw alreadyResolved(incident) }
    guard !request.to.isEmpty, timelines.knows(request.to) else {
      throw .notFound("no team knows a person \"\(request.to)\"", field: "to")
    }
    draft.add(
      .reassigned(Reassigned(incidentId: incident.id, by: request.by, to: request.to, reason: request.reason)))
    draft.withdrawPages(because: "reassigned to \(draft.name(request.to))")
    let reason = request.reason.isEmpty ? "" : ": \(request.reason)"
    draft.page(
      request.to, tier: incident.tier, .duty, because: "assigned to you by \(draft.name(request.by))\(reason)")
    return answer(draft, "assigned to \(draft.name(request.to)), who is paged")
  }

  func update(
    _ request: UpdateRequest, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    guard request.status != .unspecified else {
      throw .invalid("status", "must be INVESTIGATING, IDENTIFIED, MONITORING or RESOLVED")
    }
    var draft = try draft(request.incidentId, by: request.by, at: now)
    let incident = draft.incident
    guard incident.isOpen else { throw alreadyResolved(incident) }
    draft.add(.updated(Updated(incidentId: incident.id, update: request)))
    if incident.state == .acknowledged { draft.withdrawPages(because: "a status update came") }
    draft.post(TimelineText.update(request, at: now), to: draft.rule.updateChannels)
    if request.status == .resolved { draft.resolve(by: request.by, note: "by status update", bySource: false) }
    return answer(draft, request.status == .resolved ? "posted; resolved" : "posted")
  }

  /// How a page fares. When everybody who was paged on the present tier can't be reached, the next tier is paged (E9).
  func note(_ receipt: PageReceipt, at now: Instant) -> [EscalationFact] {
    guard let incident = incidents[receipt.incidentId],
      let page = incident.pages.first(where: { $0.id == receipt.pageId })
    else { return [] }
    var draft = Draft(incident, in: self, at: now)
    draft.add(.receiptNoted(ReceiptNoted(receipt: receipt)))
    let isOutOfReach = draft.incident.pages.first { $0.id == page.id }?.failed == true
    if isOutOfReach, !page.failed { draft.pastUnreachable(page, words: receipt.words) }
    return draft.facts == [EscalationFact(kind: .receiptNoted(ReceiptNoted(receipt: receipt)))]
      && incident == draft.incident
      ? [] : draft.facts
  }

  private func draft(_ id: String, by person: String, at now: Instant) throws(Refusal) -> Draft {
    guard let incident = incidents[id] else {
      throw .notFound("no open incident \"\(id)\" (closed ones are in history)", field: "incident_id")
    }
    guard !person.isEmpty else { throw .invalid("by", "say who you are") }
    guard timelines.all.isEmpty || timelines.knows(person) else {
      throw .notFound("no team knows a person \"\(person)\"", field: "by")
    }
    return Draft(incident, in: self, at: now)
  }

  private func answer(_ draft: Draft, _ explanation: String) -> Decision<EscalationFact, EscalationAnswer> {
    let view = describe(draft.incident)
    return Decision(draft.facts, answer: .incident(IncidentReply(incident: view, explanation: explanation)))
  }

  private func alreadyResolved(_ incident: RunningIncident) -> Refusal {
    Refusal(
      .failedPrecondition, "incident \(incident.id) was resolved at \(TimeText.clock(incident.resolvedAt))",
      field: "incident_id")
  }
}

extension Draft {
  /// A page can't reach its person: nobody is skipped in silence.
  mutating func pastUnreachable(_ page: RunningIncident.HeldPage, words: String) {
    guard incident.state == .triggered, page.wanted, page.purpose == .duty else { return }
    let others = incident.pages.contains {
      $0.wanted && $0.purpose == .duty && $0.tier == incident.tier && !$0.failed
    }
    tellLead("\(name(page.person)) can't be reached: \(words)")
    guard page.tier == incident.tier, !others else { return }
    moveOn(to: incident.tier + 1, because: "\(name(page.person)) can't be reached")
  }
}

extension UInt32 {
  /// The procedure's word for a tier in "ESCALATION TO …".
  var escalationName: String {
    switch self {
    case 1: "PRIMARY"
    case 2: "SECONDARY"
    case 3: "TEAM LEAD"
    default: "VP ENGINEERING / CTO"
    }
  }
}

extension UpdateStatus {
  var words: String {
    switch self {
    case .unspecified: "no update yet"
    case .investigating: "Investigating"
    case .identified: "Identified"
    case .monitoring: "Monitoring"
    case .resolved: "Resolved"
    }
  }
}
