import Messages

/// A debt on its way to a peer.
public struct Payment<Debt: Owed>: Sendable {
  public var peer: Peer
  public var debt: Debt
  /// 0 the first time.
  public var attempt: Int
}

extension Engine {
  /// Decide which debts to pay now; they leave once the rows that made them are durable.
  public func stagePayments(at now: Instant) {
    for index in books.indices { stage(index, at: now) }
  }

  /// Payments whose cause is on disk, in order.
  public func takePayments(_ send: (Payment<Rules.Debt>) -> Void) {
    while let first = staged.first, first.sequence <= durableThrough {
      staged.removeFirst()
      send(first.payment)
    }
  }

  /// Whether the next rows to be written hold the intent to pay a peer.
  public func intendsToPay(_ peer: Peer) -> Bool {
    staged.contains { $0.payment.peer == peer && $0.sequence > durableThrough }
  }

  /// How payments ended: each of them exactly once. Those worth trying again stay in this engine's memory; the rest become
  /// facts, all in one row.
  public func settle(_ settlements: [Settlement], at now: Instant) {
    var facts: [Rules.Fact] = []
    for settlement in settlements {
      guard let index = books.firstIndex(where: { $0.peer == settlement.peer }) else { continue }
      guard !books[index].landed(settlement, at: now) else { continue }
      let made = rules.settle(settlement, at: now)
      for fact in made { rules.apply(fact, at: now) }
      facts += made
      keepIfStillOwed(settlement, index, at: now)
    }
    if !facts.isEmpty { append(Entry(at: now, facts: facts)) }
  }

  /// When a payment is next tried again.
  public var nextRetry: Instant? { books.lazy.compactMap(\.nextRetry).min() }

  /// A peer came back: what waits for it need not wait longer.
  public func peerReturned(_ peer: Peer, at now: Instant) {
    guard let index = books.firstIndex(where: { $0.peer == peer }) else { return }
    books[index].isUp = true
    books[index].retryAll(at: now)
  }

  /// A peer is out of reach. Only a few payments try it from now on, so that the most urgent go first when it is back.
  public func peerLeft(_ peer: Peer) {
    guard let index = books.firstIndex(where: { $0.peer == peer }) else { return }
    books[index].isUp = false
  }

  /// Nobody knows where the other peers are: what is owed to them stays owed.
  public func pays(only peers: Set<Peer>) {
    books.removeAll { !peers.contains($0.peer) }
  }

  private func stage(_ index: Int, at now: Instant) {
    guard let queue = rules.debts(to: books[index].peer) else { return }
    books[index].collectRetries(at: now)
    while books[index].hasRoom, let id = books[index].next(from: queue) {
      guard let debt = rules.owed(id, to: books[index].peer) else {
        books[index].forget(id)
        continue
      }
      guard let attempt = books[index].depart(debt.key, urgency: queue.urgency(of: id) ?? 0) else { continue }
      staged.append((decidedThrough, Payment(peer: books[index].peer, debt: debt, attempt: attempt)))
    }
  }

  /// Rules that keep a debt although it was answered for good will have it tried again, a while later.
  private func keepIfStillOwed(_ settlement: Settlement, _ index: Int, at now: Instant) {
    guard rules.owed(settlement.key.id, to: settlement.peer)?.key == settlement.key else { return }
    let urgency = rules.debts(to: settlement.peer)?.urgency(of: settlement.key.id) ?? 0
    books[index].wait(settlement.key, urgency: urgency, until: now + .seconds(5))
  }
}

extension Engine {
  /// One turn of the loop after what arrived was received: settle, let time pass, decide what to pay. Returns whether more
  /// is due at once.
  public func turn(settling settlements: [Settlement], at now: Instant) -> Bool {
    settle(settlements, at: now)
    let more = lapse(at: now)
    stagePayments(at: now)
    return more
  }
}
