import CivilTime
import Machinery
import Messages
import Notifying
import Wire

extension Tier where Rules == Notifications {
  /// notifier: makes pages reach people.
  ///
  /// - Parameters:
  ///   - zones: those that quiet hours may name.
  ///   - contactKeys: what addresses are sealed with on its disk (N7).
  ///   - answering: how pages can be answered by their own channels; nil: not at all.
  ///   - intakes: how many there are.
  public static func notifier(
    zones: TimeZones, contactKeys: ContactKeys, answering: AnsweringTerms? = nil, intakes: UInt32 = 1
  ) -> Tier {
    let seal = ContactSeal(keys: contactKeys)
    return Tier(
      name: "notifier", peer: .notifier, rules: Notifications(zones: zones, answering: answering),
      codec: EntryCodec(
        encode: {
          NotifyingEntry(
            at: $0.at, answered: $0.answered, facts: seal.sealed($0), mark: $0.mark, audited: $0.audited
          ).encoded()
        },
        decode: {
          let entry = try NotifyingEntry(decodingTrusted: $0)
          return Entry(
            at: entry.at, answered: entry.answered, facts: try seal.opened(entry.facts), mark: entry.mark,
            audited: entry.audited)
        }),
      peers: [.provider: 512, .escalator: 256],
      commands: table(
        command(NotificationMethods.putPage) { page, _ in
          .putPage(page)
        } answer: {
          if case .done(let done) = $0 { done } else { nil }
        },
        command(NotificationMethods.putPost) { post, _ in
          .putPost(post)
        } answer: {
          if case .done(let done) = $0 { done } else { nil }
        },
        command(NotificationMethods.configure, needsKey: true) {
          .configure($0, by: $1.principal.name)
        } answer: {
          if case .configured(let reply) = $0 { reply } else { nil }
        }
      ).merging(contactCommands()) { $1 }.merging(signInCommands()) { $1 },
      queries: table(
        query(NotificationMethods.listPages) { rules, request, _ throws(Refusal) in try rules.listPages(request) },
        query(PageReceiptsMethods.showPage) { rules, request, _ throws(Refusal) in try rules.showPage(request) },
        query(ContactsMethods.list) { rules, request, _ throws(Refusal) in try rules.listContacts(request) },
        query(SignInsMethods.check) { rules, request, _ throws(Refusal) in rules.checkSignIn(request) },
        query(PageLinksMethods.show) { rules, request, now throws(Refusal) in try rules.showLink(request, at: now) },
        query(PageLinksMethods.outcome) { rules, request, _ throws(Refusal) in rules.outcome(request) },
        query(ChannelsMethods.status) { rules, request, now throws(Refusal) in rules.channelStatus(request, at: now) },
        query(ChannelsMethods.paces) { rules, request, now throws(Refusal) in try rules.paces(request, at: now) }),
      pastQueries: [:], watch: nil,
      pay: { debt, _ in
        switch debt {
        case .attempt(let attempt): .attempt(attempt)
        case .answer(let answer): .call(path: EscalationMethods.answerPage.path, payload: answer.encoded())
        case .receipt(let receipt): .call(path: EscalationMethods.putReceipt.path, payload: receipt.encoded())
        }
      },
      lines: { _, _, _ in [] }, remembered: { _ in nil },
      questions: (1...max(1, intakes)).map { number in
        let intake = Peer.intake(number: number)
        return Question(
          peer: intake, path: AcceptedMethods.list.path,
          payload: { $0.question(to: intake)?.encoded() },
          input: { (try? AcceptedList(decoding: $0)).map { (.accepted($0, from: intake), $0.more) } })
      },
      endToEnd: { $0.endToEnd(at: $1) },
      callbacks: CallbackAnswering(
        routes: { $0.callbackRoutes },
        input: {
          switch $0 {
          case .answer(let given): .answer(given)
          case .reported(let report): .reported(report)
          }
        },
        answer: { if case .answered(let words) = $0 { words.encoded() } else { AnswerWords(taken: true).encoded() } },
        outcome: { $0.outcome(ofAnswer: $1)?.encoded() }),
      told: { path, payload in
        guard path == EscalationMethods.answerPage.path, let reply = try? PageAnswerReply(decoding: payload) else {
          return Told()
        }
        // An older version says only that it was refused.
        let why = Status(rawValue: reply.status).flatMap { $0 == .ok ? nil : $0 } ?? .failedPrecondition
        return Told(status: reply.refused ? why : .ok, words: reply.words)
      },
      contactKeys: contactKeys, personalMethods: [NotificationMethods.configure.path, ContactsMethods.putMethod.path],
      secretFiles: { $0.callbackRoutes.flatMap { [$0.secretFile, $0.signingFile] }.filter { !$0.isEmpty } },
      examined: { $0.examinedChannels }, logged: { LoggedEvents.of($0) }, standing: notifierStanding)
  }
}
