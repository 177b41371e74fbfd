import Messages

/// What becomes of a delivery whose provider was being asked when the process ended.
extension Notifications {
  /// What its provider had reported by then counts as it would have with the answer; otherwise nobody knows.
  mutating func interrupt(_ id: String, delivery index: Int, at instant: Instant) {
    guard var entry = ledger[id] else { return }
    let before = entry.deliveries[index]
    entry.deliveries[index].interrupt(
      at: instant, isWanted: entry.isWanted, isFound: canBeFound(before), goesToSecond: goesToSecond(entry, before))
    guard before.state == .due, before.reported.rank > 0 else { return put(entry, id) }
    let state = entry.deliveries[index].state
    if entry.page == nil, state.wasTaken { entry.cancelWaiting() }
    if state.wasTaken, !state.isLastWord {
      entry.deliveries[index].askAt = nextAsk(id, entry, delivery: index, at: instant)
    }
    if state == .failed, entry.isWanted, let next = entry.nextPlanned(besides: index),
      !entry.deliveries[next].dueAt.isSet || entry.deliveries[next].dueAt > instant
    {
      let words = "\(before.channel) failed: \(before.reportedWords)"
      entry.bringForward(next, to: instant, because: words, at: instant)
    }
    if entry.tellsEscalator { entry.receiptGeneration += 1 }
    entry.changedAt = instant
    put(entry, id)
    if state.wasTaken { noteHead(entry, id) }
  }
}
