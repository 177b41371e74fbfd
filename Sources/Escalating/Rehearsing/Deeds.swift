import Messages

/// What the history index keeps of a fact, so that it can happen again in a rehearsal: what sources and people did, and nothing
/// that the rules or the clocks make of it.
public enum Deeds {
  /// nil for what isn't kept. Long texts are left out: nobody reads them there.
  public static func of(_ fact: EscalationFact) -> EscalationFact? {
    switch fact.kind {
    case .opened(var opened):
      opened.steps = []
      opened.runbook = ""
      opened.traceparent = []
      return EscalationFact(kind: .opened(opened))
    case .teamMoved(var moved):
      moved.steps = []
      moved.runbook = ""
      return EscalationFact(kind: .teamMoved(moved))
    case .updated(let updated):
      guard let update = updated.update else { return nil }
      let short = UpdateRequest(incidentId: update.incidentId, by: update.by, status: update.status)
      return EscalationFact(kind: .updated(Updated(incidentId: updated.incidentId, update: short)))
    case .respondersAdded(var added):
      added.message = ""
      return EscalationFact(kind: .respondersAdded(added))
    // What is merged is told by the part, and one more occurrence of an alert at another intake is no other alert.
    case .alertJoined(let joined): return joined.by.isEmpty && !joined.twin ? fact : nil
    case .twinEnded(let ended): return end(of: ended)
    case .firedAgain, .firedBefore: return fact
    // Repeats change nothing.
    case .alertSeen(let seen): return seen.state == .open ? nil : fact
    case .memberSeen(let seen): return seen.state == .open ? nil : fact
    case .acknowledged(let answer): return answer.bySource ? nil : fact
    case .resolved(let resolved): return resolved.bySource ? nil : fact
    case .severityChanged, .escalatedByHand, .reassigned, .snoozed, .flagsRaised, .commandDelegated, .merged, .reopened,
      .acknowledgementLapsed:
      return fact
    default: return nil
    }
  }

  /// Its source's word, as if it had come by the alert's own intake.
  private static func end(of ended: TwinEnded) -> EscalationFact {
    ended.alertId == ended.incidentId
      ? EscalationFact(kind: .alertSeen(AlertSeen(incidentId: ended.incidentId, state: .resolved)))
      : EscalationFact(
        kind: .memberSeen(MemberSeen(incidentId: ended.incidentId, alertId: ended.alertId, state: .resolved)))
  }
}
