import Machinery
import Messages

/// An incident becomes worse or milder (requirement E6): its source may call it worse, people either.
extension Escalations {
  func change(_ request: SeverityRequest, at now: Instant) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer>
  {
    guard request.severity != .unspecified else { throw .invalid("severity", "must be SEV_1 to SEV_4") }
    guard !request.reason.isEmpty else { throw .invalid("reason", "say why it is worse or milder") }
    var draft = try openDraft(request.incidentId, by: request.by, at: now)
    let before = draft.incident.severity
    guard before != request.severity else { return answer(draft, "is \(before.words) already") }
    let change = SeverityChanged(
      incidentId: draft.incident.id, severity: request.severity, by: request.by, reason: request.reason, from: before)
    if request.severity.isWorse(than: before) { worsen(&draft, change) } else { draft.becomeMilder(change) }
    return answer(draft, "\(before.words) -> \(request.severity.words); its clocks run from now on")
  }

  /// Where the source calls it worse than it did, and than it is.
  ///
  /// - Parameter member: the alert that is part of the incident and says so; empty: its own. Then what its own source said
  ///   before doesn't matter.
  func worsen(_ draft: inout Draft, asSaidBy alert: Alert, of member: String = "") {
    let isWorse =
      member.isEmpty ? draft.isWorse(alert.severity) : alert.severity.isWorse(than: draft.incident.severity)
    guard isWorse else { return }
    worsen(
      &draft,
      SeverityChanged(
        incidentId: draft.incident.id, severity: alert.severity, from: draft.incident.severity, alertId: member))
  }

  /// Those who have the incident are paged by the rules of the worse severity, whose clocks run from now on.
  func worsen(_ draft: inout Draft, _ change: SeverityChanged) {
    let incident = draft.incident
    draft.add(.severityChanged(change))
    let because = draft.words(of: change)
    let called = incident.pages.filter(\.isCalling)
    if let owner = draft.responsible {
      draft.page(owner, tier: incident.tier, .duty, because: because)
    } else if !draft.page(tier: 1, because: because), called.isEmpty {
      draft.moveOn(to: 2, because: "nobody found on tier 1")
    }
    for page in called { draft.page(page.person, tier: page.tier, .duty, because: because) }
    if !called.isEmpty { draft.engageTier3(with: incident.tier) }
    draft.announce(change.by.isEmpty ? "severity raised" : because)
  }
}

extension Draft {
  /// Whether a source that says this calls it worse than it did, and than it is: once a person has called it milder, the
  /// source saying the same again changes nothing.
  func isWorse(_ severity: Severity) -> Bool {
    let said = incident.record.sourceSeverity
    return incident.isOpen && severity.isWorse(than: incident.severity)
      && (said == .unspecified || severity.isWorse(than: said))
  }

  /// While nobody has acknowledged, the chain starts again at the first tier, by the milder severity's channels and hours;
  /// whoever has acknowledged keeps it. Nobody is called any longer for what was worse.
  fileprivate mutating func becomeMilder(_ change: SeverityChanged) {
    let owner = responsible
    let because = words(of: change)
    announce(because)
    add(.severityChanged(change))
    withdraw(because: because)
    guard incident.state == .triggered, time.open(at: now) <= now else { return }
    if let owner { page(owner, tier: 1, .duty, because: because) } else { beginChain(because: because) }
  }

  fileprivate func words(of change: SeverityChanged) -> String {
    "now \(change.severity.words)" + (change.by.isEmpty ? "" : ", says \(name(change.by)): \(change.reason)")
  }
}

extension Severity {
  /// SEV-1 is the worst.
  func isWorse(than other: Severity) -> Bool { self != .unspecified && rawValue < other.rawValue }
}
