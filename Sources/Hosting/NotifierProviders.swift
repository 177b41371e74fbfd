import Logging
import Messages
import Notifying
import Providers

/// The providers that this build knows, by the names that channel routes use.
enum NotifierProviders {
  static func make(_ options: HostOptions, log: Logger) throws -> Providers {
    Providers([
      "console": try ConsoleProvider(path: options.pages),
      "webhook": try WebhookProvider(),
      "synthetic": try SyntheticProvider(beatURL: options.beatUrl) { log.warning("\($0)") },
    ])
  }
}

extension HandOver {
  init(_ attempt: Attempt, at now: Instant) {
    self.init(
      id: attempt.key.id, attempt: attempt.number, isRepeat: attempt.isRepeat, channel: attempt.channel,
      person: attempt.person, name: attempt.name, address: attempt.address, incidentId: attempt.incidentId,
      severity: attempt.severity, title: attempt.title, text: attempt.text, at: now, route: attempt.route,
      traceparent: attempt.traceparent, age: attempt.age(at: now))
  }
}
