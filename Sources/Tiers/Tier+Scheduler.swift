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
        encode: {
          SchedulingEntry(at: $0.at, answered: $0.answered, facts: $0.facts, mark: $0.mark, audited: $0.audited)
            .encoded()
        },
        decode: {
          let entry = try SchedulingEntry(decodingTrusted: $0)
          return Entry(
            at: entry.at, answered: entry.answered, facts: entry.facts, mark: entry.mark, audited: entry.audited)
        }),
      peers: [.escalator: 64, .notifier: 64],
      commands: table(
        command(ScheduleMethods.configure, needsKey: true) {
          .configure($0, by: $1.principal.name)
        } answer: {
          if case .configured(let reply) = $0 { reply } else { nil }
        },
        command(ScheduleMethods.addOverride, needsKey: true) { request, _ in
          .addOverride(request)
        } answer: {
          if case .overridden(let reply) = $0 { reply } else { nil }
        },
        command(ScheduleMethods.assignCover, needsKey: true) { request, _ in
          .assignCover(request)
        } answer: {
          if case .overridden(let reply) = $0 { reply } else { nil }
        },
        command(ScheduleMethods.removeOverride, needsKey: true) { request, _ in
          .removeOverride(request)
        } answer: {
          if case .done(let done) = $0 { done } else { nil }
        },
        command(ScheduleMethods.recordTraining, needsKey: true) { request, _ in
          .recordTraining(request)
        } answer: {
          if case .trained(let reply) = $0 { reply } else { nil }
        },
        command(ScheduleMethods.assignShadow, needsKey: true) { request, _ in
          .assignShadow(request)
        } answer: {
          if case .shadowed(let reply) = $0 { reply } else { nil }
        },
        command(ScheduleMethods.removeShadow, needsKey: true) { request, _ in
          .removeShadow(request)
        } answer: {
          if case .done(let done) = $0 { done } else { nil }
        },
        command(ScheduleMethods.requestAbsence, needsKey: true) { request, _ in
          .requestAbsence(request)
        } answer: {
          if case .absent(let reply) = $0 { reply } else { nil }
        },
        command(ScheduleMethods.endAbsence, needsKey: true) { request, _ in
          .endAbsence(request)
        } answer: {
          if case .done(let done) = $0 { done } else { nil }
        },
        command(ScheduleMethods.requestSwap, needsKey: true) { request, _ in
          .requestSwap(request)
        } answer: {
          if case .swapped(let reply) = $0 { reply } else { nil }
        },
        command(ScheduleMethods.answerSwap, needsKey: true) { request, _ in
          .answerSwap(request)
        } answer: {
          if case .swapped(let reply) = $0 { reply } else { nil }
        }
      ).merging(payCommands()) { $1 }.merging(handoffCommands()) { $1 }.merging(readinessCommands()) { $1 }
        .mapValues(\.heldToItsName),
      queries: table(
        query(ScheduleMethods.onCall) { rules, request, now throws(Refusal) in try rules.onCall(request, now: now) },
        query(ScheduleMethods.show) { rules, request, now throws(Refusal) in try rules.show(request, now: now) },
        query(ScheduleMethods.listPeople) { rules, request, _ throws(Refusal) in try rules.listPeople(request) },
        query(ScheduleMethods.listEligibility) { rules, request, now throws(Refusal) in
          try rules.listEligibility(request, now: now)
        },
        query(ScheduleMethods.listAbsences) { rules, request, now throws(Refusal) in
          try rules.listAbsences(request, now: now)
        },
        query(ScheduleMethods.listSwaps) { rules, request, _ throws(Refusal) in rules.listSwaps(request) },
        query(ScheduleMethods.showLeaving) { rules, request, now throws(Refusal) in
          try rules.showLeaving(request, now: now)
        },
        query(ScheduleMethods.preview) { rules, request, now throws(Refusal) in try rules.preview(request, now: now) },
        query(TimelinesMethods.past) { rules, request, now throws(Refusal) in
          try rules.pastTimeline(request, now: now)
        },
        query(CalendarMethods.feed) { rules, request, now throws(Refusal) in try rules.feed(request, now: now) }
      ).merging(payQueries()) { $1 }.merging(handoffQueries()) { $1 }.merging(readinessQueries()) { $1 },
      pastQueries: [:], watch: nil,
      pay: { debt, now in
        switch debt {
        case .timeline(let timeline):
          return .call(path: EscalationMethods.putTimeline.path, payload: timeline.encoded())
        case .announcement(let post): return .call(path: NotificationMethods.putPost.path, payload: post.encoded())
        case .page(var page):
          page.handedOverAt = now
          return .call(path: NotificationMethods.putPage.path, payload: page.encoded())
        }
      },
      lines: { _, _, _ in [] }, remembered: { _ in nil }, standing: schedulerStanding)
  }
}

extension Command where Rules == Schedules {
  /// The edge knows what a key may do, and the rules who the people are: they are told of a key that acts in its own name only.
  fileprivate var heldToItsName: Command {
    var held = self
    let (input, name) = (self.input, self.name)
    held.input = { payload, caller throws(Refusal) in
      let asked = try input(payload, caller)
      return caller.principal.mayActForOthers ? asked : .inOwnName(asked, of: name(payload, caller.principal))
    }
    return held
  }
}
