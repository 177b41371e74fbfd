import Configuration
import Messages

/// Swaps for people.
enum SwapText {
  static func show(_ reply: SwapReply, _ global: GlobalOptions) throws {
    try Answer.show(reply, global.output) {
      guard let swap = reply.swap, let request = swap.request else { return }
      let times = global.times
      let asked = request.takers.joined(separator: ", ")
      let wanted = ([request.giver] + request.takers).filter { person in
        !swap.consents.contains { $0.person == person }
      }
      Answer.facts([
        ("swap", "\(swap.id), \(swap.state.word)\(swap.words.isEmpty ? "" : ": \(swap.words)")"),
        ("gives", "\(request.giver): \(span(request.tier, request.fromAt, request.untilAt, times))"),
        ("takes it", swap.taker.isEmpty ? asked : swap.taker),
        ("in return", inReturn(request, times)),
        ("said", consents(swap)),
        ("waits for", swap.state == .open ? wanted.joined(separator: ", ") : ""),
        ("overrides", swap.overrideIds.joined(separator: ", ")),
      ])
      ShiftTable.warn(reply.warnings)
    }
  }

  static func table(_ swaps: [Swap], _ times: Times) -> Table {
    var table = Table(
      "SWAP", "STATE", "GIVES", "WHAT (\(times.zone))", "TO", "IN RETURN", "SAID", "OVERRIDES", "WORDS")
    for swap in swaps {
      let request = swap.request ?? SwapRequest()
      table.add(
        swap.id, swap.state.word, request.giver, span(request.tier, request.fromAt, request.untilAt, times),
        swap.taker.isEmpty ? request.takers.joined(separator: ", ") : swap.taker, inReturn(request, times),
        consents(swap), swap.overrideIds.joined(separator: ", "), swap.words.isEmpty ? request.reason : swap.words)
    }
    return table
  }

  static func balances(_ balances: [SwapBalance]) -> Table {
    var table = Table("PERSON", "GIVEN", "TAKEN", "BALANCE")
    for balance in balances {
      let net = balance.taken - balance.given
      let sign = net > .zero ? "+" : net < .zero ? "-" : ""
      table.add(
        balance.person, SpanText.text(balance.given), SpanText.text(balance.taken), sign + SpanText.text(net))
    }
    return table
  }

  private static func consents(_ swap: Swap) -> String {
    swap.consents.map { "\($0.person) \($0.agrees ? "agrees" : "declines")" }.joined(separator: ", ")
  }

  private static func inReturn(_ request: SwapRequest, _ times: Times) -> String {
    request.returnTier == 0 ? "-" : span(request.returnTier, request.returnFromAt, request.returnUntilAt, times)
  }

  private static func span(_ tier: UInt32, _ from: Instant, _ until: Instant, _ times: Times) -> String {
    "\(DutyTier.word(tier)) \(times.short(from)) to \(times.end(until))"
  }
}
