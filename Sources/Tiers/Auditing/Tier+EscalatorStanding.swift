import Escalating
import Machinery
import Messages

extension Tier where Rules == Escalations {
  /// What follows by itself from what somebody did, and what never changes.
  private static let consequences: Set<String> = [
    "pages", "steps", "runbook", "next_step", "next_step_at_ms", "next_update_due_at_ms", "policy", "policy_version",
    "more_alerts", "more_firing", "evidence",
  ]

  /// Incidents and reviews.
  static let escalatorStanding: @Sendable (Rules, Rules.Input, Rules.Answer, Instant) -> Standing? = {
    rules, input, answer, _ in
    switch answer {
    case .incident(let reply):
      let id = reply.incident?.id ?? ""
      return Standing(rules.incident(id) ?? reply.incident, hiding: consequences, words: reply.explanation)
    case .review(let reply):
      let id = reply.review?.incidentId ?? ""
      return Standing(rules.review(id), hiding: consequences, words: reply.explanation)
    case .configured(let reply): return Standing(reply)
    case .answered(let reply):
      guard case .answer(let given) = input else { return nil }
      return Standing(
        rules.incident(given.incidentId), hiding: consequences, words: reply.words,
        status: reply.refused ? .failedPrecondition : .ok)
    case .done, .taken: return nil
    }
  }
}
