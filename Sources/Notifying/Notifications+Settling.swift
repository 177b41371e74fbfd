import Machinery
import Messages

/// What follows from how attempts ended (requirement N3).
extension Notifications {
  public func settle(_ settlement: Settlement, at now: Instant) -> [NotificationFact] {
    switch settlement.peer {
    case .provider: ended(settlement, at: now)
    case .escalator:
      ledger[settlement.key.id].map { entry in
        entry.receiptSettled < settlement.key.generation
          ? [
            .init(
              kind: .receiptHandedOver(
                ReceiptHandedOver(pageId: settlement.key.id, generation: settlement.key.generation)))
          ] : []
      } ?? []
    default: []
    }
  }

  private func ended(_ settlement: Settlement, at now: Instant) -> [NotificationFact] {
    guard let (id, index) = Attempt.parse(debtID: settlement.key.id), let entry = ledger[id] else { return [] }
    let delivery = entry.deliveries[Int(index)]
    guard delivery.state == .due, UInt64(delivery.attempts) == settlement.key.generation else { return [] }
    var end = AttemptEnded(
      pageId: id, delivery: index, attempt: delivery.attempts, words: CleanText.line(settlement.words, limit: 200))
    let wait = Patience.wait(after: delivery.attempts, of: settlement.key.id, asked: settlement.retryAfter)
    let mayTryAgain = delivery.attempts < Patience.tries && entry.isWanted
    switch settlement.status {
    case .ok: end.state = .handedOver
    case .unknown:
      end.state = .unknown
      end.retryAt = mayTryAgain ? now + wait : .unset
    case .unavailable, .resourceExhausted, .deadlineExceeded, .aborted, .cancelled:
      end.state = mayTryAgain ? .retrying : entry.isWanted ? .failed : .cancelled
      end.retryAt = mayTryAgain ? now + wait : .unset
    default: end.state = .failed
    }
    return [.init(kind: .attemptEnded(end))] + bringForward(id, entry, after: end, at: now)
  }

  /// When a channel fails, the page's next one need not wait for its time.
  private func bringForward(
    _ id: String, _ entry: LedgerEntry, after end: AttemptEnded, at now: Instant
  ) -> [NotificationFact] {
    let isFirstFailure = end.state == .failed || ((end.state == .retrying || end.state == .unknown) && end.attempt == 1)
    guard isFirstFailure, entry.isWanted, entry.page != nil, let next = entry.nextPlanned,
      entry.deliveries[next].dueAt > now
    else { return [] }
    let failed = entry.deliveries[Int(end.delivery)].channel
    return [
      .init(
        kind: .broughtForward(
          BroughtForward(pageId: id, delivery: UInt32(next), dueAt: now, because: "\(failed) failed: \(end.words)")))
    ]
  }
}
