import CivilTime
import Machinery
import Messages

/// Trading shifts (requirement S6): asked by the giver, by somebody who would take it, or by a lead; agreed by the giver and
/// one taker, each as themselves; then in the schedule at once, whole or not at all.
///
/// A swap is about a shift that is promised. One that isn't published yet is published, with all before it, when the swap is
/// agreed: so it can't move away from those who agreed on it.
extension Schedules {
  /// A shift further ahead can't be promised.
  static let promisedAtMost = Span.days(366)

  func requestSwap(_ asked: SwapRequest, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    var request = asked
    if request.giver.isEmpty { request.giver = request.by }
    try check(request, at: now)
    guard let board = boards[request.team], let team = board.team else {
      throw .notFound("no team is called \(request.team)", field: "team")
    }
    let isParty = request.by == request.giver || request.takers.contains(request.by)
    guard isParty || isLead(request.by, of: team) else {
      throw Refusal(
        .permissionDenied, "\(request.by) neither gives nor takes this shift and isn't a lead of team \(team.id) (S6)",
        field: "by")
    }
    try holds(request.giver, request.team, request.tier, request.fromAt, request.untilAt, "from_at_ms")
    if request.returnTier != 0 {
      try holds(
        request.takers[0], request.team, request.returnTier, request.returnFromAt, request.returnUntilAt,
        "return_from_at_ms")
    }
    var swap = Swap(id: "swap-\(numbering.swaps + 1)", request: request, state: .open, requestedAt: now)
    if let turns = board.lanes[Int(request.tier) - 1].rotations.first, let slot = turns.slot(at: request.fromAt) {
      swap.rotation = turns.id
      swap.shiftNumber = Int64(slot.number)
    }
    if isParty { swap.consents = [Consent(person: request.by, agrees: true, at: now, words: request.reason)] }
    // Nobody is asked who couldn't take it.
    for taker in request.takers { try mayTrade(swap, taker: taker, at: now) }
    var draft = ScheduleDraft(self, at: now)
    draft.add(.swapMoved(SwapMoved(swap: swap)))
    let what = draft.words(of: swap, in: team)
    draft.tell(
      team, "\(swap.id): \(what), asked by \(draft.name(request.by)): \(request.reason)", channel: "#on-call-swaps")
    for person in (request.takers + [request.giver]).distinct where person != request.by {
      draft.tell(person, of: team, "\(swap.id) waits for your answer: \(what) (\(request.reason))")
    }
    let warnings = draft.warnings(of: swap, taker: request.takers[0])
    return Decision(draft.facts, answer: .swapped(SwapReply(swap: swap, warnings: warnings)))
  }

  func answerSwap(_ answer: SwapAnswer, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    guard var swap = swaps[answer.swapId], let request = swap.request, let team = boards[request.team]?.team else {
      throw .notFound("no swap is called \(answer.swapId)", field: "swap_id")
    }
    try text(answer.words, "words", 0...500)
    guard swap.state == .open else {
      throw Refusal(
        .failedPrecondition, "\(swap.id) is \(swap.state) (\(swap.words)): ask for a new one", field: "swap_id")
    }
    let isParty = answer.by == request.giver || request.takers.contains(answer.by)
    guard isParty || (!answer.agrees && (answer.by == request.by || isLead(answer.by, of: team))) else {
      throw Refusal(
        .permissionDenied,
        "\(answer.by) is asked nothing by \(swap.id) (S6): \(request.giver) and \(request.takers.joined(separator: " or ")) "
          + "agree, each as themselves", field: "by")
    }
    var draft = ScheduleDraft(self, at: now)
    swap.consents.removeAll { $0.person == answer.by }
    swap.consents.append(Consent(person: answer.by, agrees: answer.agrees, at: now, words: answer.words))
    if answer.agrees {
      let taker = request.takers.first { swap.agrees($0) }
      if let taker { try mayTrade(swap, taker: taker, at: now) }
      if let taker, swap.agrees(request.giver) {
        draft.agree(&swap, taker: taker)
        return Decision(
          draft.facts, answer: .swapped(SwapReply(swap: swap, warnings: draft.warnings(of: swap, taker: taker))))
      }
      draft.add(.swapMoved(SwapMoved(swap: swap)))
    } else {
      let isWithdrawn = answer.by == request.by || answer.by == request.giver || !isParty
      let isDeclined = request.takers.allSatisfy { taker in swap.consents.contains { $0.person == taker && !$0.agrees }
      }
      if isWithdrawn {
        draft.end(&swap, as: .withdrawn, "taken back by \(draft.name(answer.by))")
      } else if isDeclined {
        draft.end(&swap, as: .declined, "declined by \(request.takers.map(draft.name).joined(separator: ", "))")
      } else {
        draft.add(.swapMoved(SwapMoved(swap: swap)))
      }
    }
    return Decision(draft.facts, answer: .swapped(SwapReply(swap: swap)))
  }

  public func listSwaps(_ request: ListSwapsRequest) -> ListSwapsReply {
    let found = swaps.values.filter {
      (request.team.isEmpty || $0.request?.team == request.team) && (!request.openOnly || $0.state == .open)
    }
    return ListSwapsReply(
      swaps: found.sorted { ($0.requestedAt, $0.id) < ($1.requestedAt, $1.id) }, balances: balances(of: request.team))
  }

  /// What swaps that stand have shifted: hours given and taken, so that it can be evened out.
  private func balances(of team: String) -> [SwapBalance] {
    var found: [String: SwapBalance] = [:]
    for (id, board) in boards where team.isEmpty || id == team {
      for arrangement in board.lanes.flatMap(\.arrangements) where arrangement.added.kind == .swap {
        let span = max(.zero, arrangement.until - arrangement.from)
        let giver = arrangement.added.giver
        let given = (found[giver]?.given ?? .zero) + span
        found[giver, default: SwapBalance(person: giver)].given = given
        let taker = arrangement.person
        let taken = (found[taker]?.taken ?? .zero) + span
        found[taker, default: SwapBalance(person: taker)].taken = taken
      }
    }
    return found.values.sorted { $0.person < $1.person }
  }

  // MARK: Checks

  private func check(_ request: SwapRequest, at now: Instant) throws(Refusal) {
    guard people[request.giver] != nil else {
      throw .notFound("nobody is called \(request.giver)", field: "giver")
    }
    guard 1...3 ~= request.tier else { throw .invalid("tier", "must be 1, 2 or 3") }
    guard 1...20 ~= request.takers.count, Set(request.takers).count == request.takers.count else {
      throw .invalid("takers", "needs 1 to 20 people, each once")
    }
    guard !request.takers.contains(request.giver) else {
      throw .invalid("takers", "\(request.giver) gives the shift and can't take it")
    }
    try text(request.reason, "reason", 0...500)
    try text(request.by, "by", 1...64)
    guard request.fromAt > now else {
      throw Refusal(
        .failedPrecondition,
        "the shift has begun (S6): a swap is agreed before that; now the lead can assign cover, or an override from now on",
        field: "from_at_ms")
    }
    try checkSpan(request.fromAt, request.untilAt, "until_at_ms", at: now)
    guard request.returnTier != 0 else { return }
    guard request.takers.count == 1 else {
      throw .invalid("takers", "when something is taken in return, one person is asked")
    }
    guard 1...3 ~= request.returnTier else { throw .invalid("return_tier", "must be 1, 2 or 3") }
    guard request.returnFromAt > now else { throw .invalid("return_from_at_ms", "has begun") }
    try checkSpan(request.returnFromAt, request.returnUntilAt, "return_until_at_ms", at: now)
  }

  private func checkSpan(_ from: Instant, _ until: Instant, _ field: String, at now: Instant) throws(Refusal) {
    guard from < until else { throw .invalid(field, "must be after the beginning") }
    guard until - now <= Self.promisedAtMost else {
      throw .invalid(field, "a shift more than a year ahead can't be promised yet")
    }
  }

  /// A swap is about one's own shift, or a part of it.
  private func holds(
    _ person: String, _ team: String, _ tier: UInt32, _ from: Instant, _ until: Instant, _ field: String
  ) throws(Refusal) {
    guard let board = boards[team] else { return }
    let shift = board.shift(tier: tier, at: from)
    guard shift.person == person, shift.untilAt >= until else {
      let whose = shift.person.isEmpty ? "nobody's" : "\(shift.person)'s"
      let end = shift.person == person ? "ends \(shift.untilAt.short())" : "is \(whose) (\(shift.explanation))"
      throw Refusal(
        .failedPrecondition,
        "\(person) can't give what isn't theirs (S6): \(ScheduleDraft.name(ofTier: tier)) at \(from.short()) \(end)",
        field: field)
    }
  }

  /// The checks of P3 and S4 for one who would take it, and for the giver where something is taken in return.
  func mayTrade(_ swap: Swap, taker: String, at now: Instant) throws(Refusal) {
    guard let request = swap.request else { return }
    try holds(request.giver, request.team, request.tier, request.fromAt, request.untilAt, "from_at_ms")
    try mayHold(taker, from: request.fromAt, until: request.untilAt, field: "takers")
    if request.returnTier != 0 {
      try holds(
        taker, request.team, request.returnTier, request.returnFromAt, request.returnUntilAt, "return_from_at_ms")
      try mayHold(request.giver, from: request.returnFromAt, until: request.returnUntilAt, field: "giver")
    }
    let before = Set(ScheduleDraft(self, at: now).runs(of: swap, taker: taker))
    var trial = ScheduleDraft(self, at: now)
    trial.lay(swap, taker: taker)
    if let run = trial.runs(of: swap, taker: taker).first(where: { !before.contains($0) }) {
      throw Refusal(
        .failedPrecondition,
        "\(run). It becomes possible for part of the shift, with somebody else, or when one of the two is given away",
        field: "takers")
    }
  }
}
