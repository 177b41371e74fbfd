import CivilTime
import Machinery
import Messages
import Scheduling
import Wire

extension Tier where Rules == Schedules {
  /// scheduler: who is on call, when and why.
  public static func scheduler(zones: TimeZones) -> Tier {
    Tier(
      name: "scheduler", peer: .scheduler, rules: Schedules(zones: zones),
      codec: EntryCodec(
        encode: { SchedulingEntry(at: $0.at, answered: $0.answered, facts: $0.facts, mark: $0.mark).encoded() },
        decode: {
          let entry = try SchedulingEntry(decodingTrusted: $0)
          return Entry(at: entry.at, answered: entry.answered, facts: entry.facts, mark: entry.mark)
        }),
      peers: [.escalator: 64, .notifier: 64],
      commands: table(
        command(ScheduleMethods.configure, needsKey: true) {
          .configure($0, by: $1.principal)
        } answer: {
          if case .configured(let reply) = $0 { reply } else { nil }
        },
        command(ScheduleMethods.addOverride, needsKey: true) { request, _ in
          .addOverride(request)
        } answer: {
          if case .overridden(let reply) = $0 { reply } else { nil }
        },
        command(ScheduleMethods.removeOverride, needsKey: true) { request, _ in
          .removeOverride(request)
        } answer: {
          if case .done(let done) = $0 { done } else { nil }
        }),
      queries: table(
        query(ScheduleMethods.onCall) { rules, request, now throws(Refusal) in try rules.onCall(request, now: now) },
        query(ScheduleMethods.show) { rules, request, now throws(Refusal) in try rules.show(request, now: now) },
        query(ScheduleMethods.listPeople) { rules, request, _ throws(Refusal) in try rules.listPeople(request) }),
      pastQueries: [:], watch: nil,
      pay: { debt, _ in
        switch debt {
        case .timeline(let timeline): .call(path: EscalationMethods.putTimeline.path, payload: timeline.encoded())
        case .announcement(let post): .call(path: NotificationMethods.putPost.path, payload: post.encoded())
        }
      },
      lines: { _, _, _ in [] }, remembered: { _ in nil })
  }
}
