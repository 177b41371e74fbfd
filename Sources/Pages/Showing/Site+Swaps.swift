import Messages
import Serving
import Wire

/// Swaps that wait for somebody's word.
extension Site {
  func swaps(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let roster = await roster()
    let time = time(of: visit, roster)
    let reply = try await desk.ask(.scheduler, ScheduleMethods.listSwaps, ListSwapsRequest(openOnly: true))
    let waiting = reply.swaps.filter { Self.waits(for: visit.by, $0) }
    let ids = Set(waiting.map(\.id))
    return printer.page(
      "swaps", "Swaps",
      [
        "live": true, "mine": .list(waiting.map { swap($0, roster, visit, time) }),
        "others": .list(reply.swaps.filter { !ids.contains($0.id) }.map { swap($0, roster, visit, time) }),
        "hasOthers": .flag(reply.swaps.count > waiting.count), "noneMine": .flag(waiting.isEmpty),
        "zone": .text(time.name),
      ], for: visit)
  }

  func answerSwap(_ visit: Visit, agrees: Bool) async throws(Refusal) -> WebAnswer {
    let answer = SwapAnswer(swapId: visit.wild[0], by: visit.by, agrees: agrees, words: visit.form["words"])
    let reply = try await desk.ask(.scheduler, ScheduleMethods.answerSwap, answer, as: key(of: visit))
    let words =
      switch reply.swap?.state {
      case .agreed: "Agreed: it is in the schedule."
      case .declined: "Declined: nothing is changed."
      case .withdrawn: "Withdrawn: nothing is changed."
      default: agrees ? "Your agreement is recorded." : "Your answer is recorded."
      }
    return back(to: "/swaps", saying: ([words] + reply.warnings).joined(separator: " "), at: visit.now)
  }

  /// Whether it is this person's to say something: the giver's or a taker's, who hasn't yet.
  private static func waits(for person: String, _ swap: Swap) -> Bool {
    guard let request = swap.request, !swap.consents.contains(where: { $0.person == person }) else { return false }
    return request.giver == person || request.takers.contains(person)
  }

  private func swap(_ swap: Swap, _ roster: Roster, _ visit: Visit, _ time: ReaderTime) -> Shown.Fields {
    let request = swap.request ?? SwapRequest()
    let back =
      request.returnTier == 0
      ? ""
      : "\(DutyTier.word(request.returnTier)), \(time.short(request.returnFromAt)) to \(time.short(request.returnUntilAt))"
    let isMine = request.by == visit.by || request.giver == visit.by
    return [
      "id": .text(swap.id), "giver": .text(roster.name(request.giver)),
      "takers": .text(request.takers.map { roster.name($0) }.joined(separator: " or ")),
      "tier": .text(DutyTier.word(request.tier)), "team": .text(request.team),
      "span": .text("\(time.short(request.fromAt)) to \(time.short(request.untilAt))"), "back": .text(back),
      "reason": .text(request.reason), "asked": .text(time.distance(swap.requestedAt)),
      "consents": .text(
        swap.consents.map { "\(roster.name($0.person)) \($0.agrees ? "agrees" : "declines")" }.joined(separator: ", ")),
      "agree": .text(PlainPath.to("swaps", swap.id, "agree")),
      "decline": .text(PlainPath.to("swaps", swap.id, "decline")),
      "canWithdraw": .flag(isMine),
    ]
  }
}
