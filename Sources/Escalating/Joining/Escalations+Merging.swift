import Machinery
import Messages

/// Incidents that are one (requirement E6): a part is closed, its pages are withdrawn, and whoever answers it from then on
/// answers the whole. Reading, where the procedure is silent:
/// - The whole is as bad as its worst part: a SEV-1 doesn't disappear in a SEV-3.
/// - Whoever had a part has worked on it until then. That a part was acknowledged silences nothing of the whole.
/// - The whole is over when the sources of all its alerts say so, or when a person does; then intake closes all of them.
extension Escalations {
  func merge(_ request: MergeRequest, at now: Instant) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    let ids = request.parts.distinct
    guard !ids.isEmpty else { throw .invalid("parts", "say which incidents become part of it") }
    guard ids.count <= Self.partsAtMost else { throw .invalid("parts", "at most \(Self.partsAtMost) at a time") }
    guard !request.reason.isEmpty else { throw .invalid("reason", "say why they are one") }
    var whole = try openDraft(request.incidentId, by: request.by, at: now)
    let id = whole.incident.id
    // Perhaps nobody was ever paged for it.
    guard !whole.incident.isInHandOfSourceAlone else {
      throw Refusal(
        .failedPrecondition, "only its source has \(id) in hand: acknowledge it first, or merge it the other way round",
        field: "incident_id")
    }
    var parts: [RunningIncident] = []
    for (index, part) in ids.enumerated() where members[part]?.incident != id {
      parts.append(try self.part(part, of: id, field: "parts[\(index)]"))
    }
    guard !parts.isEmpty else { return answer(whole, "\(ids.joined(separator: ", ")): part of it already") }
    var facts: [EscalationFact] = []
    for part in parts {
      facts += close(part, asPartOf: id, request, at: now)
      whole.join(part, by: request.by, reason: request.reason)
    }
    let names = parts.map(\.id).joined(separator: ", ")
    whole.announce("\(names) merged into it by \(whole.name(request.by)): \(request.reason)")
    if let worst = parts.map(\.severity).min(by: { $0.isWorse(than: $1) }), worst.isWorse(than: whole.incident.severity)
    {
      let change = SeverityChanged(
        incidentId: id, severity: worst, by: request.by, reason: "as bad as what was merged into it",
        from: whole.incident.severity)
      worsen(&whole, change)
    }
    return answer(whole, "\(names): part of \(id) now", prior: facts, joining: parts)
  }

  static let partsAtMost = 20

  private func part(_ id: String, of whole: String, field: String) throws(Refusal) -> RunningIncident {
    guard id != whole else { throw .invalid(field, "\(id) can't be part of itself") }
    if let other = members[id]?.incident {
      throw Refusal(.failedPrecondition, "\(id) is part of \(other): merge that one", field: field)
    }
    guard let part = incidents[id] else { throw .notFound("no open incident \"\(id)\"", field: field) }
    guard part.isOpen else { throw alreadyResolved(part, field: field) }
    return part
  }

  private func close(
    _ part: RunningIncident, asPartOf whole: String, _ request: MergeRequest, at now: Instant
  ) -> [EscalationFact] {
    var draft = Draft(part, in: self, at: now)
    draft.add(.merged(Merged(incidentId: part.id, into: whole, by: request.by, reason: request.reason)))
    draft.withdraw(because: "merged into \(whole)")
    return draft.decided()
  }
}

extension Draft {
  fileprivate mutating func join(_ part: RunningIncident, by person: String, reason: String) {
    add(
      .alertJoined(
        AlertJoined(
          incidentId: incident.id, alertId: part.id, generation: part.alertGeneration,
          isOver: part.opened.alertState == .resolved, summary: part.opened.summary, by: person, reason: reason,
          closedAt: part.owesClosing ? part.ownClosedAt : .unset, severity: part.sourceSeverity,
          reopened: part.wasReopened,
          gravest: part.gravest, services: part.services, team: part.opened.team, people: part.people,
          keyHigh: part.opened.keyHigh, keyLow: part.opened.keyLow,
          openedAt: part.opened.key.isNone ? .unset : part.opened.openedAt)))
  }
}
