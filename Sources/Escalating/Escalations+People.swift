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
    if before.state == .acknowledged, before.owner == request.by, !before.isSnoozed,
      !before.pages.contains(where: \.wanted)
    {
      return answer(
        draft, "already acknowledged by \(draft.name(request.by)) at \(TimeText.clock(before.acknowledgedAt))")
    }
    draft.add(.acknowledged(Acknowledged(incidentId: before.id, by: request.by, via: request.via)))
    draft.withdraw(because: "acknowledged by \(draft.name(request.by))")
    let joined = before.state == .acknowledged && !before.owner.isEmpty && before.owner != request.by
    let explanation = joined ? "acknowledged as well; \(draft.name(before.owner)) has it" : "acknowledged; paging stops"
    return answer(draft, explanation + takenBack(from: before, by: request.by, in: draft))
  }

  /// Others who were asked to act, the next tier say, are asked no more: "; the page of Eli Evans is taken back".
  private func takenBack(from incident: RunningIncident, by person: String, in draft: Draft) -> String {
    let others = incident.pages.filter { $0.isCalling && $0.person != person }.map { draft.name($0.person) }.distinct
    switch others.count {
    case 0: return ""
    case 1: return "; the page of \(others[0]) is taken back"
    default:
      let all = others.dropLast().joined(separator: ", ") + " and \(others[others.count - 1])"
      return "; the pages of \(all) are taken back"
    }
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
    draft.engage(tier, because: because)
    draft.postEscalation(to: tier, reason: request.reason, currentStatus: request.currentStatus)
    return answer(draft, reached(draft, tier))
  }

  func reached(_ draft: Draft, _ wanted: UInt32) -> String {
    let duties = draft.duties
    let tiers = Set(duties.map(\.tier)).subtracting(draft.emptyTiers).sorted()
    switch tiers.count {
    case 0:
      let standIns = duties.map { draft.name($0.person) }.joined(separator: ", ")
      return "nobody was found on tier \(wanted) or behind it; "
        + (standIns.isEmpty ? "nobody could be paged" : "paged instead: \(standIns)")
    case 1: return "tier \(tiers[0]) is paged"
    default: return "tiers \(tiers.map(String.init).joined(separator: " and ")) are paged"
    }
  }

  func reassign(
    _ request: ReassignRequest, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    var draft = try draft(request.incidentId, by: request.by, at: now)
    let incident = draft.incident
    guard incident.isOpen else { throw alreadyResolved(incident) }
    guard !request.to.isEmpty else { throw .invalid("to", "say who gets it") }
    guard timelines.knows(request.to) else {
      throw .notFound("no team knows a person \"\(request.to)\"", field: "to")
    }
    draft.add(
      .reassigned(Reassigned(incidentId: incident.id, by: request.by, to: request.to, reason: request.reason)))
    draft.withdraw(because: "reassigned to \(draft.name(request.to))")
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
    if incident.state == .acknowledged { draft.withdraw(because: "a status update came") }
    draft.postUpdate(request)
    if request.status == .resolved { draft.resolve(by: request.by, note: "by status update", bySource: false) }
    return answer(draft, request.status == .resolved ? "posted; resolved" : "posted")
  }

  /// How a page fares. When everybody who was paged on the present tier can't be reached, the next tier is paged (E9).
  func note(_ receipt: PageReceipt, at now: Instant) throws(Refusal) -> [EscalationFact] {
    try AlertRules.check(receipt)
    let withdrawal = withdrawAgain(receipt)
    guard let incident = incidents[receipt.incidentId],
      let page = incident.page(receipt.pageId)
    else { return withdrawal }
    var draft = Draft(incident, in: self, at: now)
    draft.add(.receiptNoted(ReceiptNoted(receipt: receipt)))
    let isOutOfReach = draft.incident.page(receipt.pageId)?.failed == true
    if isOutOfReach, !page.failed { draft.pastUnreachable(page, words: receipt.words) }
    let facts = draft.decided()
    var unchanged = incident
    unchanged.changedAt = now
    return (facts.count == 1 && draft.incident == unchanged ? [] : facts) + withdrawal
  }

  /// - Throws: FAILED_PRECONDITION when it is resolved.
  func openDraft(_ id: String, by person: String, at now: Instant) throws(Refusal) -> Draft {
    let draft = try draft(id, by: person, at: now)
    guard draft.incident.isOpen else { throw alreadyResolved(draft.incident) }
    return draft
  }

  /// Of the incident, or of the one that it is part of: whoever answers a part answers the whole.
  func draft(_ asked: String, by person: String, at now: Instant) throws(Refusal) -> Draft {
    guard !asked.isEmpty else { throw .invalid("incident_id", "say which incident you mean") }
    let id = members.whole(of: asked)
    guard let incident = incidents[id] else {
      throw .notFound("no open incident \"\(id)\" (closed ones are in history)", field: "incident_id")
    }
    guard !person.isEmpty else { throw .invalid("by", "say who you are") }
    // Whoever was paged can answer, even when their team has changed since.
    guard
      timelines.isEmpty || timelines.knows(person) || incident.hasPaged(person)
        || incidents[asked]?.hasPaged(person) == true
    else { throw .notFound("no team knows a person \"\(person)\"", field: "by") }
    return Draft(incident, in: self, at: now, askedFor: asked)
  }

  /// - Parameter prior: facts about other incidents, which come before its own.
  /// - Parameter parts: what becomes part of it, with all that is part of those.
  func answer(
    _ draft: Draft, _ explanation: String, prior: [EscalationFact] = [], joining parts: [RunningIncident] = []
  ) -> Decision<EscalationFact, EscalationAnswer> {
    var draft = draft
    let facts = prior + draft.decided()
    var view = describe(draft.incident)
    for part in parts {
      view.moreAlerts += UInt64(1 + members.count(in: part.id))
      view.moreFiring += UInt64((part.opened.alertState == .resolved ? 0 : 1) + members.firing(in: part.id))
    }
    let id = draft.incident.id
    let words = draft.askedFor == id ? explanation : "\(draft.askedFor) is part of \(id): \(explanation)"
    return Decision(facts, answer: .incident(IncidentReply(incident: view, explanation: words)))
  }

  func alreadyResolved(_ incident: RunningIncident, field: String = "incident_id") -> Refusal {
    let end = incident.isMerged ? "merged into \(incident.record.mergedInto)" : "resolved"
    return Refusal(
      .failedPrecondition, "incident \(incident.id) was \(end) at \(TimeText.clock(incident.resolvedAt))",
      field: field)
  }
}

extension Draft {
  /// A page can't reach its person: nobody is skipped in silence. When no page of this tier or a later one that was made with it or
  /// since reaches anybody, the next tier is paged; a chain that has ended starts again by itself.
  ///
  /// Reading of E1 and E9 for SEV-4, "in business hours": a page that was made in working hours and turns out to reach nobody
  /// after they are over waits with the next tier, and with word to the lead, until they begin again. A page that was made
  /// outside them was asked for by hand, by somebody who waits: then the next tier is paged at once, as ever.
  mutating func pastUnreachable(_ page: HeldPage, words: String) {
    guard incident.isOpen, page.wanted, page.purpose == .duty || page.purpose == .reminder else { return }
    let because = "\(name(page.person)) can't be reached"
    let opening = time.open(at: now)
    let isHeld = opening > now && time.open(at: page.pagedAt) <= page.pagedAt
    if !isHeld { tellLead("\(because): \(words)", cause: "unreachable/\(page.person)") }
    // Whoever was called in an earlier round has let it pass.
    let others = incident.pages.contains { $0.isCalling && $0.tier >= page.tier && $0.pagedAt >= page.pagedAt }
    guard page.purpose == .duty, !others, !incident.awaitsChain else { return }
    if isHeld {
      add(
        .nextTierHeld(
          NextTierHeld(incidentId: incident.id, tier: page.tier + 1, untilAt: opening, because: because)))
    } else {
      moveOn(to: page.tier + 1, because: because)
    }
  }

  /// Pages by which this decision asks somebody to act.
  var duties: [Paged] {
    facts.compactMap { if case .paged(let paged) = $0.kind, paged.purpose == .duty { paged } else { nil } }
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
