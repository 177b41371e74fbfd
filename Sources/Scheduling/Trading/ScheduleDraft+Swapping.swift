import CivilTime
import Messages

/// What follows when a swap is agreed or ends.
extension ScheduleDraft {
  /// Both sides agreed: everything at once.
  mutating func agree(_ swap: inout Swap, taker: String) {
    guard let request = swap.request, let team = schedules.boards[request.team]?.team else { return }
    let end = max(request.untilAt, request.returnUntilAt)
    if let promises = schedules.boards[request.team]?.promises(until: end, at: now) {
      add(.schedulePublished(promises))
    }
    swap.overrideIds = lay(swap, taker: taker)
    swap.taker = taker
    swap.state = .agreed
    swap.settledAt = now
    let what = words(of: swap, in: team)
    swap.words = "agreed by both"
    add(.swapMoved(SwapMoved(swap: swap)))
    publish(team.id, because: .arranged("\(swap.id): \(what), agreed by both"))
    for person in [request.giver, taker] { tell(person, of: team, "\(swap.id) is agreed: \(what)") }
    for other in request.takers where other != taker { tell(other, of: team, "\(swap.id) went to \(name(taker))") }
  }

  /// Puts both sides into the schedule; returns their ids.
  @discardableResult
  mutating func lay(_ swap: Swap, taker: String) -> [String] {
    guard let request = swap.request else { return [] }
    var ids = [
      lay(swap, request.tier, from: request.giver, to: taker, request.fromAt, request.untilAt)
    ]
    if request.returnTier != 0 {
      ids.append(
        lay(swap, request.returnTier, from: taker, to: request.giver, request.returnFromAt, request.returnUntilAt))
    }
    return ids
  }

  private mutating func lay(
    _ swap: Swap, _ tier: UInt32, from giver: String, to taker: String, _ begin: Instant, _ end: Instant
  ) -> String {
    let id = "override-\(schedules.numbering.overrides + 1)"
    let team = swap.request?.team ?? ""
    add(
      .overrideAdded(
        OverrideAdded(
          id: id,
          request: OverrideRequest(
            team: team, tier: tier, person: taker, fromAt: begin, untilAt: end, reason: swap.request?.reason ?? "",
            by: swap.request?.by ?? ""),
          knownAt: now, kind: .swap, swapId: swap.id, giver: giver,
          instead: schedules.boards[team]?.shift(tier: tier, at: begin).explanation ?? "")))
    return id
  }

  /// The shift of an open swap begins: it lapses.
  mutating func lapseSwap(_ id: String) {
    guard var swap = schedules.swaps[id] else { return }
    end(&swap, as: .lapsed, "its shift began before both had agreed")
  }

  mutating func end(_ swap: inout Swap, as state: SwapState, _ words: String) {
    swap.state = state
    swap.settledAt = now
    swap.words = words
    add(.swapMoved(SwapMoved(swap: swap)))
    guard let request = swap.request, let team = schedules.boards[request.team]?.team else { return }
    tell(team, "\(swap.id): \(self.words(of: swap, in: team)): \(words)", channel: "#on-call-swaps")
    for person in ([request.giver] + request.takers).distinct {
      tell(person, of: team, "\(swap.id) is over: \(words)")
    }
  }

  /// Two primary turns running of either side, as things stand in this draft.
  func runs(of swap: Swap, taker: String) -> [String] {
    guard let request = swap.request else { return [] }
    var found = turnsRunning(
      taker, tier: request.tier, team: request.team, from: request.fromAt, until: request.untilAt)
    if request.returnTier != 0 {
      found += turnsRunning(
        request.giver, tier: request.returnTier, team: request.team, from: request.returnFromAt,
        until: request.returnUntilAt)
    }
    return found
  }

  /// What the rules allow and people should know: somebody would hold two tiers at once.
  func warnings(of swap: Swap, taker: String) -> [String] {
    guard let request = swap.request, let board = schedules.boards[request.team], let team = board.team else {
      return []
    }
    var sides = [(taker, request.tier, request.fromAt, request.untilAt)]
    if request.returnTier != 0 {
      sides.append((request.giver, request.returnTier, request.returnFromAt, request.returnUntilAt))
    }
    return sides.flatMap { person, tier, from, until in
      board.held(by: person, from: from, until: until).filter { $0.tier != tier }.map {
        "\(name(person)) is \(Self.name(ofTier: $0.tier)) too "
          + words(from: max($0.fromAt, from), until: min($0.untilAt, until), in: team)
      }
    }
  }

  /// "Ana gives primary from … until … to Ben, and takes secondary from … until …"
  func words(of swap: Swap, in team: Team) -> String {
    guard let request = swap.request else { return swap.id }
    let takers = swap.taker.isEmpty ? request.takers : [swap.taker]
    let given =
      "\(name(request.giver)) gives \(Self.name(ofTier: request.tier)) "
      + "\(words(from: request.fromAt, until: request.untilAt, in: team)) to \(takers.map(name).joined(separator: " or "))"
    guard request.returnTier != 0 else { return given }
    return "\(given) and takes \(Self.name(ofTier: request.returnTier)) "
      + words(from: request.returnFromAt, until: request.returnUntilAt, in: team)
  }
}

extension Swap {
  func agrees(_ person: String) -> Bool { consents.contains { $0.person == person && $0.agrees } }
}

extension Schedules {
  mutating func apply(_ moved: SwapMoved) {
    guard let swap = moved.swap, let request = swap.request else { return }
    if swaps.updateValue(swap, forKey: swap.id) == nil { numbering.swaps += 1 }
    let begins = request.returnTier == 0 ? request.fromAt : min(request.fromAt, request.returnFromAt)
    swapEnds.set(swap.id, to: swap.state == .open ? begins : nil)
  }
}
