import Alerting
import Machinery
import Messages

extension Tier where Rules == Alerts {
  /// Silences. An alert's own record says the rest.
  static let intakeStanding: @Sendable (Rules, Rules.Input, Rules.Answer, Instant) -> Standing? = {
    rules, _, answer, _ in
    switch answer {
    case .silence(let reply): Standing(rules.silence(reply.silence?.id ?? ""))
    case .configured(let reply): Standing(reply)
    case .published, .beat, .done: nil
    }
  }
}
