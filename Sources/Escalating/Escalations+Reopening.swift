import Machinery
import Messages

/// An incident that was not over after all (requirement E6). Readings:
/// - As long as the escalator holds it, an hour after its end; what is older is history, and a new alert says more about what is
///   wrong now.
/// - Its clocks run anew from the reopening on, its ages too: it is as bad as when it was closed, and nobody has had the time.
/// - Its alerts are over, at intake and with their sources: only a person ends it. A source that reports again opens another one.
extension Escalations {
  func reopen(_ request: ReopenRequest, at now: Instant) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    guard !request.reason.isEmpty else { throw .invalid("reason", "say why it is not over") }
    if incidents[members.whole(of: request.incidentId)] == nil, let end = ended.closedAt(request.incidentId) {
      throw Refusal(
        .failedPrecondition,
        "incident \(request.incidentId) was resolved at \(TimeText.clock(end, seenAt: now)) and is history: report it anew",
        field: "incident_id")
    }
    var draft = try draft(request.incidentId, by: request.by, at: now)
    let incident = draft.incident
    guard !incident.isOpen else { return answer(draft, "is open already") }
    guard !incident.isMerged else { throw alreadyResolved(incident) }
    draft.add(.reopened(Reopened(incidentId: incident.id, by: request.by, reason: request.reason)))
    let because = "reopened by \(draft.name(request.by)): \(request.reason)"
    draft.announce(because)
    guard draft.time.open(at: now) <= now else { return answer(draft, "open again; it pages when working hours begin") }
    draft.pageAgain(because: because)
    return answer(draft, "open again; \(reached(draft, 1))")
  }
}
