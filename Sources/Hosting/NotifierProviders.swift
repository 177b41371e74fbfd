import Logging
import Machinery
import Messages
import Notifying
import Providers

/// The providers that this build knows, by the names that channel routes use.
enum NotifierProviders {
  static func make(
    _ options: HostOptions, _ conversations: Conversations, reach: Reach, log: Logger
  ) throws -> Providers {
    let beat = try HostOptions.secret("--beat-url-file", in: options.beatUrlFile)
    let synthetic = try SyntheticProvider(conversations, beatURL: beat) { log.warning("\($0)") }
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
      id: attempt.messageID, attempt: attempt.number, isRepeat: attempt.isRepeat, channel: attempt.channel,
      person: attempt.person, name: attempt.name, address: attempt.address, incidentId: attempt.incidentId,
      severity: attempt.severity, title: attempt.title, text: attempt.text, at: now, route: attempt.route,
      traceparent: attempt.traceparent, age: attempt.age(at: now), isDuty: attempt.isDuty, link: attempt.link,
      pages: attempt.count == 1
        ? []
        : attempt.each.map {
          Told(id: $0.key.id, attempt: $0.number, isRepeat: $0.isRepeat, incidentId: $0.incidentId, text: $0.text)
        })
    answers = attempt.ways.map { HandOver.Answers($0) } ?? HandOver.Answers(attempt.waysOfEach)
    callbackURL = attempt.callbackURL
    knownIDs = attempt.knownIDs
    headID = attempt.thread?.headID ?? ""
    headText = attempt.thread?.text ?? ""
    inquiry = attempt.question.map { question in
      switch question {
      case .arrival(let since): .arrival(since: since, texts: attempt.texts)
      case .receipt(let id): .receipt(id: id)
      }
    }
  }
}

extension Settlement {
  init(of attempt: Attempt, _ outcome: HandOverOutcome) {
    self.init(
      peer: .provider, key: attempt.key, status: outcome.status, words: outcome.words, retryAfter: outcome.retryAfter,
      reference: outcome.id, reached: outcome.reached)
  }
}

extension HandOver.Answers {
  /// Of a message about several incidents: one button each, and a call's keys for the worst.
  init?(_ each: [(incident: String, ways: AnswerWays)]) {
    guard let worst = each.first else { return nil }
    self.init(
      keys: worst.ways.keys,
      choices: each.map {
        .init(
          label: "Acknowledge \($0.incident)", link: $0.ways.link(.acknowledge), token: $0.ways.token(.acknowledge))
      })
  }

  init(_ ways: AnswerWays) {
    self.init(
      keys: ways.keys,
      choices: [("Acknowledge", .acknowledge), ("Escalate", .escalate), ("Resolve", .resolve)].map { label, deed in
        .init(label: label, link: ways.link(deed), token: ways.token(deed))
      })
  }
}
