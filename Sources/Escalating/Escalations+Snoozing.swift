import Machinery
import Messages

/// Quiet for a while (requirements E6, I7): nothing is asked of whoever has acknowledged, no duty runs, no time counts as
/// work; then what is still open is paged again. What its age brings about goes on: a snooze hides nothing from those who
/// are told of long incidents (E4).
extension Escalations {
  func snooze(_ request: SnoozeRequest, at now: Instant) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    guard !request.reason.isEmpty else { throw .invalid("reason", "say why it can wait") }
    var draft = try openDraft(request.incidentId, by: request.by, at: now)
    let incident = draft.incident
    guard incident.state == .acknowledged else {
      throw Refusal(.failedPrecondition, "nobody has acknowledged \(incident.id): acknowledge it first, then snooze it")
    }
    let longest = Self.longestSnooze(incident.severity)
    guard request.untilAt > now, request.untilAt <= now + longest else {
      throw .invalid(
        "until_at_ms",
        "must be in the future, and for a \(incident.severity.words) within \(longest.words): so at "
          + "\(TimeText.clock(now + longest, seenAt: now)) at the latest")
    }
    draft.add(
      .snoozed(
        Snoozed(incidentId: incident.id, by: request.by, untilAt: request.untilAt, reason: request.reason)))
    let until = TimeText.clock(request.untilAt, seenAt: now)
    draft.withdraw(because: "snoozed by \(draft.name(request.by))")
    draft.announce("snoozed until \(until) by \(draft.name(request.by)): \(request.reason)")
    return answer(draft, "quiet until \(until); then \(draft.name(incident.owner)) is paged again")
  }

  static func longestSnooze(_ severity: Severity) -> Span {
    severity == .sev1 || severity == .sev2 ? .hours(4) : .days(7)
  }
}

extension Draft {
  mutating func endSnooze() {
    add(.snoozeEnded(SnoozeEnded(incidentId: incident.id)))
    pageAgain(because: "its snooze is over, and it is still open")
  }

  /// Whoever had it, and whoever is primary now.
  mutating func pageAgain(because: String) {
    if timelines.knows(incident.owner) { page(incident.owner, tier: 1, .duty, because: because) }
    page(tier: 1, because: because)
    if !incident.pages.contains(where: \.isCalling) { moveOn(to: 2, because: because) }
  }
}

extension RunningIncident {
  /// When its snooze ends; `.unset` when there is none.
  var snoozedUntil: Instant { clocks.first { $0.kind == .snoozeEnd }?.due ?? .unset }
  var isSnoozed: Bool { clocks.contains { $0.kind == .snoozeEnd } }
}
