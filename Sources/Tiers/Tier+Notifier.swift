import Machinery
import Messages
import Notifying
import Wire

extension Tier where Rules == Notifications {
  /// notifier: makes pages reach people.
  public static func notifier() -> Tier {
    Tier(
      name: "notifier", peer: .notifier, rules: Notifications(),
      codec: EntryCodec(
        encode: { NotifyingEntry(at: $0.at, answered: $0.answered, facts: $0.facts, mark: $0.mark).encoded() },
        decode: {
          let entry = try NotifyingEntry(decodingTrusted: $0)
          return Entry(at: entry.at, answered: entry.answered, facts: entry.facts, mark: entry.mark)
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
          .configure($0, by: $1.principal)
        } answer: {
          if case .configured(let reply) = $0 { reply } else { nil }
        }),
      queries: table(
        query(NotificationMethods.listPages) { rules, request, _ throws(Refusal) in try rules.listPages(request) },
        query(ChannelsMethods.status) { rules, request, now throws(Refusal) in rules.channelStatus(request, at: now) },
        query(ChannelsMethods.paces) { rules, request, now throws(Refusal) in try rules.paces(request, at: now) }),
      pastQueries: [:], watch: nil,
      pay: { debt, _ in
        switch debt {
        case .attempt(let attempt): .attempt(attempt)
        case .receipt(let receipt): .call(path: EscalationMethods.putReceipt.path, payload: receipt.encoded())
        }
      },
      lines: { _, _, _ in [] }, remembered: { _ in nil },
      question: Question(
        peer: .intake, path: AcceptedMethods.list.path,
        payload: { $0.question?.encoded() },
        input: { (try? AcceptedList(decoding: $0)).map { (.accepted($0), $0.more) } }),
      endToEnd: { $0.endToEnd(at: $1) })
  }
}
