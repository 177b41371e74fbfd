import Alerting
import Machinery
import Messages
import Wire

extension Tier where Rules == Alerts {
  /// alert-intake: sources tell it what is wrong.
  ///
  /// - Parameters:
  ///   - number: which of several it is, from 1 on; 0: it is the only one.
  ///   - intakes: how many there are, where it was told of the others.
  public static func intake(number: UInt32 = 0, of intakes: UInt32 = 1) -> Tier {
    let rules = Alerts(intake: number, of: intakes)
    return Tier(
      name: "alert-intake", peer: .intake(number: number), rules: rules,
      codec: EntryCodec(
        encode: {
          AlertingEntry(at: $0.at, answered: $0.answered, facts: $0.facts, mark: $0.mark, audited: $0.audited).encoded()
        },
        decode: {
          let entry = try AlertingEntry(decodingTrusted: $0)
          return Entry(
            at: entry.at, answered: entry.answered, facts: entry.facts, mark: entry.mark, audited: entry.audited)
        }),
      peers: [.escalator: 256, .scheduler: 64].merging(rules.others.map { ($0, 64) }) { own, _ in own },
      watches: [.notifier],
      commands: intakeCommands(),
      queries: table(
        query(IntakeMethods.listAlerts) { rules, request, _ throws(Refusal) in try rules.list(request) },
        query(HeartbeatsMethods.list) { rules, request, _ throws(Refusal) in rules.list(request) },
        query(AcceptedMethods.list) { rules, request, now throws(Refusal) in try rules.accepted(request, now: now) },
        query(ChangesMethods.list) { rules, request, _ throws(Refusal) in try rules.list(request) },
        query(SilencesMethods.list) { rules, request, _ throws(Refusal) in rules.list(request) }),
      pastQueries: [:], watch: nil,
      pay: { debt, now in
        switch debt {
        case .alert(var alert):
          alert.handedOverAt = now
          return .call(path: EscalationMethods.putAlert.path, payload: alert.encoded())
        case .change(let change):
          let told = ChangeTold(change: ChangeEvent(change), handedOverAt: now)
          return .call(path: HandoffMethods.putChange.path, payload: told.encoded())
        case .synthetic(var synthetic):
          synthetic.handedOverAt = now
          return .call(path: EscalationMethods.putSynthetic.path, payload: synthetic.encoded())
        case .evidence(let change):
          let reported = ChangeReported(change: change, handedOverAt: now)
          return .call(path: ReviewsMethods.putChange.path, payload: reported.encoded())
        case .silence, .silenceOver, .beat:
          return .call(path: SharingMethods.put.path, payload: (Shared(debt, saidAt: now) ?? Shared()).encoded())
        }
      },
      lines: { _, _, _ in [] },
      distress: { words in
        .publish(
          Event(action: .trigger, source: "tocsin", severity: .sev2, summary: "Tocsin needs a look: \(words)"),
          traceparent: [])
      },
      lost: { peer, isLost, words in
        // The escalator opens an incident for that, and an alert would be one more about the same.
        guard peer != .notifier, peer.intakeNumber == nil else { return nil }
        return .publish(
          Event(
            action: isLost ? .trigger : .resolve, source: "tocsin", dedupKey: "tier-lost/\(peer)",
            severity: peer == .escalator ? .sev1 : .sev2, summary: words, alertClass: "tier_lost"), traceparent: [])
      },
      remembered: { _ in nil },
      share: { rules, input in
        // A name that is too long is refused by the rules, and not remembered here.
        guard case .publish(let event, _) = input, event.source.utf8.count <= 128,
          let limit = rules.configuration.rateLimit
        else { return nil }
        let isUrgent = !isNewWork(input)
        return Share(source: event.source, limit: isUrgent ? limit.ofUrgent : limit, isUrgent: isUrgent)
      },
      methodsForSources: [IntakeMethods.publish.path, HeartbeatsMethods.beat.path],
      told: { path, payload in
        guard path == EscalationMethods.putAlert.path, let taken = try? AlertTaken(decoding: payload) else {
          return Told()
        }
        return Told(reference: taken.partOf)
      },
      logged: { LoggedEvents.of($0) },
      standing: intakeStanding, intakeNumber: number)
  }

  private static func intakeCommands() -> [String: Command<Rules>] {
    let silence: @Sendable (AlertAnswer) -> SilenceReply? = { if case .silence(let reply) = $0 { reply } else { nil } }
    return table(
      command(
        IntakeMethods.publish, needsKey: true, lint: .strangers, canWait: isNewWork, audited: { $0.isPersonOnly }
      ) {
        .publish($0, traceparent: $1.traceparent)
      } answer: {
        if case .published(let reply) = $0 { reply } else { nil }
      },
      command(IntakeMethods.closeAlert) { closing, _ in
        .close(closing)
      } answer: {
        if case .done(let done) = $0 { done } else { nil }
      },
      command(SharingMethods.put) { shared, _ in
        .share(shared)
      } answer: {
        if case .done(let done) = $0 { done } else { nil }
      },
      command(IntakeMethods.configure, needsKey: true) { configuration, _ in
        .configure(configuration)
      } answer: {
        if case .configured(let reply) = $0 { reply } else { nil }
      },
      command(SilencesMethods.add, needsKey: true, { request, _ in .silence(request) }, answer: silence),
      command(
        HeartbeatsMethods.beat, needsKey: true, lint: .strangers, audited: { $0.isPersonOnly },
        { beat, caller in
          .beat(beat, source: caller.principal.isSourceOnly ? caller.principal.name : "")
        }
      ) {
        if case .beat(let reply) = $0 { reply } else { nil }
      },
      command(SilencesMethods.end, needsKey: true, { ending, _ in .endSilence(ending) }, answer: silence))
  }

  /// A flood, and a disk that is full or behind, refuses new alerts first, those of SEV-1 not before it must; acknowledgements
  /// and resolves go on (I5).
  private static let isNewWork: @Sendable (AlertInput) -> Bool = { input in
    guard case .publish(let event, _) = input else { return false }
    return event.action == .change || (event.action == .trigger && event.severity != .sev1)
  }
}

extension ChangeEvent {
  /// As the handoff document tells it.
  fileprivate init(_ change: Change) {
    self.init(
      id: change.id, team: change.team, service: change.service, summary: change.summary, at: change.happenedAt,
      link: change.links.first?.href ?? "", by: change.source)
  }
}
