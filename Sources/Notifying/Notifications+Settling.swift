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
    guard let (id, index) = Attempt.parse(debtID: settlement.key.id), let entry = ledger[id],
      entry.deliveries.indices.contains(Int(index))
    else { return [] }
    let delivery = entry.deliveries[Int(index)]
    guard delivery.state == .due, UInt64(delivery.attempts) == settlement.key.generation else { return [] }
    var end = AttemptEnded(
      pageId: id, delivery: index, attempt: delivery.attempts, words: words(of: settlement, about: entry.person))
    switch settlement.status {
    case .ok: end.state = .handedOver
    case .unknown where !entry.isWanted: end.state = .unknown
    case let status where !status.isWorthRetrying: end.state = .failed
    case _ where !entry.isWanted: end.state = .cancelled
    case let status where delivery.attempts < Patience.tries:
      end.state = status == .unknown ? .unknown : .retrying
      end.retryAt = now + Patience.wait(after: delivery.attempts, of: settlement.key.id, asked: settlement.retryAfter)
    default:
      end.state = .failed
      end.words = "given up after \(delivery.attempts) tries: \(end.words)"
    }
    return [.init(kind: .attemptEnded(end))] + bringForward(id, entry, after: end, at: now)
  }

  /// A delivery whose address is gone since it was planned fails at once.
  func lost(_ id: String, _ entry: LedgerEntry, delivery index: Int, at now: Instant) -> [NotificationFact] {
    let delivery = entry.deliveries[index]
    let end = AttemptEnded(
      pageId: id, delivery: UInt32(index), attempt: delivery.attempts, state: .failed,
      words: "\(entry.person) has no address for \(delivery.channel) any more")
    return [.init(kind: .attemptEnded(end))] + bringForward(id, entry, after: end, at: now)
  }

  /// The provider's words, or at least its status; an address that it repeats goes no further (requirement N7).
  private func words(of settlement: Settlement, about person: String) -> String {
    let words = CleanText.line(book.withoutAddresses(settlement.words, of: person), limit: 200)
    return words.isEmpty && settlement.status != .ok ? settlement.status.name : words
  }

  /// When a channel fails for the first time, the page's next one need not wait for its time; nor when one fails for
  /// good and nothing has reached the person yet.
  private func bringForward(
    _ id: String, _ entry: LedgerEntry, after end: AttemptEnded, at now: Instant
  ) -> [NotificationFact] {
    guard end.state != .handedOver, entry.isWanted, let next = entry.nextPlanned(besides: Int(end.delivery)),
      entry.deliveries[next].dueAt > now
    else { return [] }
    let failing = entry.deliveries[Int(end.delivery)]
    let reachedNobody = !entry.deliveries.contains { $0.state == .handedOver }
    guard !failing.hasBeenHeardOf || (end.state == .failed && reachedNobody) else { return [] }
    return [
      .init(
        kind: .broughtForward(
          BroughtForward(
            pageId: id, delivery: UInt32(next), dueAt: now, because: "\(failing.channel) failed: \(end.words)")))
    ]
  }
}
