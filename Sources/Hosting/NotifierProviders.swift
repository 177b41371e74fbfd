import Logging
import Messages
import Notifying
import Providers

/// The providers that this build knows, by the names that channel routes use.
enum NotifierProviders {
  static func make(_ options: HostOptions, log: Logger) throws -> Providers {
    let reach = try options.allowInward.map { try Reach(allowing: $0) } ?? .outwards
    let conversations = try Conversations(reach: reach)
    let synthetic = try SyntheticProvider(conversations, beatURL: options.beatUrl) { log.warning("\($0)") }
    let byKind: [ProviderKind: any Provider] = [
      .console: try ConsoleProvider(path: options.pages),
      .webhook: WebhookProvider(conversations), .ntfy: NtfyProvider(conversations),
      .pushover: PushoverProvider(conversations), .twilio: TwilioProvider(conversations),
      .slack: SlackProvider(conversations), .slackWebhook: SlackWebhookProvider(conversations),
      .smtp: SMTPProvider(reach: reach),
    ]
    return Providers(byKind, synthetic: synthetic)
  }
}

extension HandOver {
  init(_ attempt: Attempt, at now: Instant) {
    self.init(
      id: attempt.key.id, attempt: attempt.number, isRepeat: attempt.isRepeat, channel: attempt.channel,
      person: attempt.person, name: attempt.name, address: attempt.address, incidentId: attempt.incidentId,
      severity: attempt.severity, title: attempt.title, text: attempt.text, at: now, route: attempt.route,
      traceparent: attempt.traceparent, age: attempt.age(at: now), isDuty: attempt.isDuty, link: attempt.link)
  }
}
