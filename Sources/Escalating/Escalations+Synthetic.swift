import Machinery
import Messages

/// The synthetic alert on its way through the escalator: its page leaves when a timer says so, so that timers which stand still
/// are noticed although calls are answered. It is no incident.
extension Escalations {
  /// Among the due and the owed, and instead of a person.
  static let synthetic = "synthetic"
  static let syntheticWaits = Span.seconds(1)

  func hear(_ alert: SyntheticAlert, at now: Instant) throws(Refusal) -> [EscalationFact] {
    guard alert.number > 0 else { throw .invalid("number", "must be 1 or more") }
    guard alert.sentAt.isSet else { throw .invalid("sent_at_ms", "must say when") }
    guard alert.number != latestSynthetic.number else { return [] }
    let age = alert.handedOverAt.isSet ? max(.zero, alert.handedOverAt - alert.sentAt) : .zero
    return [
      EscalationFact(
        kind: .syntheticNoted(
          SyntheticNoted(number: alert.number, openedAt: now - age, dueAt: now + Self.syntheticWaits)))
    ]
  }

  /// Its time has come.
  func releaseSynthetic() -> [EscalationFact] {
    var released = latestSynthetic
    released.dueAt = .unset
    released.owed = true
    return [EscalationFact(kind: .syntheticNoted(released))]
  }

  func settleSynthetic(_ settlement: Settlement) -> [EscalationFact] {
    guard latestSynthetic.owed, settlement.key.id == latestSynthetic.pageID else { return [] }
    var settled = latestSynthetic
    settled.owed = false
    return [EscalationFact(kind: .syntheticNoted(settled))]
  }

  mutating func apply(_ noted: SyntheticNoted, at instant: Instant) {
    if latestSynthetic.owed { debtsToNotifier.settle(latestSynthetic.pageID) }
    latestSynthetic = noted
    due.set(Self.synthetic, to: noted.dueAt.isSet ? noted.dueAt : nil)
    guard noted.owed else { return }
    debtsToNotifier.owe(
      DebtKey(id: noted.pageID, generation: 1), urgency: Self.urgency(.sev1, isNewest: true), since: instant)
  }

  var syntheticPage: Page? {
    guard latestSynthetic.owed else { return nil }
    return Page(
      id: latestSynthetic.pageID, generation: 1, wanted: true, incidentId: Self.synthetic, person: Self.synthetic,
      purpose: .synthetic, severity: .sev1, summary: "synthetic alert \(latestSynthetic.number)",
      pagedAt: latestSynthetic.openedAt, openedAt: latestSynthetic.openedAt)
  }

  mutating func shiftSynthetic(by span: Span) {
    guard latestSynthetic.number > 0 else { return }
    latestSynthetic.openedAt = latestSynthetic.openedAt + span
    guard latestSynthetic.dueAt.isSet else { return }
    latestSynthetic.dueAt = latestSynthetic.dueAt + span
    due.set(Self.synthetic, to: latestSynthetic.dueAt)
  }
}

extension SyntheticNoted {
  var pageID: String { "\(Escalations.synthetic)/\(number)" }
}
