import Machinery
import Messages

/// What an edit would change, before it is made: it is decided and remembered as it would be, on a copy, and both schedules
/// are asked by the function that answers the pager.
extension Schedules {
  static let previewed = Span.days(91)

  public func preview(_ request: PreviewRequest, now: Instant) throws(Refusal) -> PreviewReply {
    let until = request.untilAt.isSet ? request.untilAt : now + Self.previewed
    guard now < until, until - now <= Self.shownAtMost else {
      throw .invalid("until_at_ms", "must be ahead, and at most two years")
    }
    var reply = PreviewReply()
    let facts: [ScheduleFact]
    switch request.edit {
    case .configuration(var configuration):
      configuration.dryRun = false
      facts = try preview(.configure(configuration, by: ""), &reply, at: now)
    case .override(let override): facts = try preview(.addOverride(override), &reply, at: now)
    case .cover(let cover): facts = try preview(.assignCover(cover), &reply, at: now)
    case .removal(let removal): facts = try preview(.removeOverride(removal), &reply, at: now)
    case .absence(let absence): facts = try preview(.requestAbsence(absence), &reply, at: now)
    case .training(let record): facts = try preview(.recordTraining(record), &reply, at: now)
    case .swap(let swap): facts = try previewSwap(swap, &reply, at: now)
    case nil: throw .invalid("edit", "says nothing")
    }
    var after = self
    for fact in facts { after.apply(fact, at: now) }
    reply.changes = after.changes(since: self, from: now, until: until)
    let concerned = Set(reply.changes.map(\.team))
    reply.notes = after.boards.filter { concerned.contains($0.key) }.sorted { $0.key < $1.key }.flatMap(\.value.notes)
    return reply
  }

  private func preview(
    _ input: ScheduleInput, _ reply: inout PreviewReply, at now: Instant
  ) throws(Refusal) -> [ScheduleFact] {
    let decision = try decide(input, at: now)
    switch decision.answer {
    case .configured(let answer): reply.words = answer.changes
    case .overridden(let answer): reply.words = answer.warnings
    case .absent(let answer):
      reply.words = answer.uncovered.map {
        "nobody is \(ScheduleDraft.name(ofTier: $0.shift?.tier ?? 0)) of team \($0.team)"
      }
    case .trained(let answer): reply.words = [answer.eligibility?.words ?? ""]
    case .swapped(let answer): reply.words = answer.warnings
    case .shadowed, .pay, .handoff, .readiness, .done: break
    }
    return decision.facts
  }

  /// As if all who must agree had.
  private func previewSwap(
    _ request: SwapRequest, _ reply: inout PreviewReply, at now: Instant
  ) throws(Refusal) -> [ScheduleFact] {
    let asked = try decide(.requestSwap(request), at: now)
    guard case .swapped(let answer) = asked.answer, var swap = answer.swap, let taker = swap.request?.takers.first
    else {
      return []
    }
    reply.words = answer.warnings
    var draft = ScheduleDraft(self, at: now)
    draft.agree(&swap, taker: taker)
    return draft.facts
  }

  /// Who holds what now and didn't before, span by span, in order of team, tier and time.
  func changes(since before: Schedules, from: Instant, until: Instant) -> [ShiftChange] {
    var found: [ShiftChange] = []
    for id in Set(boards.keys).union(before.boards.keys).sorted() {
      let old = before.boards[id] ?? Board()
      let new = boards[id] ?? Board()
      guard old != new else { continue }
      for tier: UInt32 in 1...3 {
        var at = from
        while at < until {
          let was = old.shift(tier: tier, at: at)
          let becomes = new.shift(tier: tier, at: at)
          let end = min(was.untilAt, becomes.untilAt, until)
          defer { at = end }
          guard was.person != becomes.person else { continue }
          if let last = found.last, last.team == id, last.tier == tier, last.untilAt == at, last.loses == was.person,
            last.gains == becomes.person, last.explanation == becomes.explanation
          {
            found[found.count - 1].untilAt = end
            continue
          }
          found.append(
            ShiftChange(
              team: id, tier: tier, fromAt: at, untilAt: end, loses: was.person, gains: becomes.person,
              explanation: becomes.explanation))
        }
      }
    }
    return found
  }
}
