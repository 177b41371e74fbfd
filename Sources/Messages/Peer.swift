/// Whom a tier can owe something: another tier, or the outside world behind the notifier.
public enum Peer: String, CaseIterable, Hashable, Sendable {
  case intake, scheduler, escalator, notifier
  /// Push, SMS, webhook … services that the notifier hands pages to.
  case provider
}
