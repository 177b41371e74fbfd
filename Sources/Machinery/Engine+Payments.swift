import Messages

/// A debt on its way to a peer.
public struct Payment<Debt: Owed>: Sendable {
  public var peer: Peer
  public var debt: Debt
  /// 0 the first time.
  public var attempt: Int
}

/// What is under way to one peer, and what waits to be tried again. Lives in memory only: after a restart everything
/// owed is simply paid again, and receivers know a debt by its key.
struct PaymentBook<Debt: Owed> {
  struct Flight {
    var generation: UInt64
    var attempt: Int
    /// nil while under way.
    var retryAt: Instant?
  }
  let window: Int
  var flights: [String: Flight] = [:]
  var mayHaveChanged = true

  init(window: Int) {
    self.window = window
  }

  var nextRetry: Instant? { flights.values.lazy.compactMap(\.retryAt).min() }
}

extension Engine {
  /// Decide which debts to pay now; they leave once the rows that made them are durable.
  public func stagePayments(at now: Instant) {
    for peer in payments.keys.sorted(by: { $0.rawValue < $1.rawValue }) { stage(to: peer, at: now) }
  }

  /// Payments whose cause is on disk, in order.
  public func takePayments(_ send: (Payment<Rules.Debt>) -> Void) {
    while let first = staged.first, first.sequence <= durableThrough {
      staged.removeFirst()
      send(first.payment)
    }
  }

  /// How attempts to pay ended. Those worth trying again stay in this engine's memory; the rest become facts, all in one row.
  public func settle(_ settlements: [Settlement], at now: Instant) {
    var facts: [Rules.Fact] = []
    for settlement in settlements where !triesAgain(settlement, at: now) {
      let made = rules.settle(settlement, at: now)
      for fact in made { rules.apply(fact, at: now) }
      facts += made
    }
    if !facts.isEmpty { append(Entry(at: now, facts: facts)) }
  }

  /// When a payment is next tried again.
  public var nextRetry: Instant? { payments.values.compactMap(\.nextRetry).min() }

  /// A peer came back: what waits for it need not wait longer.
  public func peerReturned(_ peer: Peer, at now: Instant) {
    guard var book = payments[peer] else { return }
    for (id, flight) in book.flights where flight.retryAt != nil { book.flights[id]?.retryAt = now }
    book.mayHaveChanged = true
    payments[peer] = book
  }

  private func stage(to peer: Peer, at now: Instant) {
    guard var book = payments[peer] else { return }
    let retryDue = book.nextRetry.map { $0 <= now } ?? false
    guard book.mayHaveChanged || retryDue else { return }
    book.mayHaveChanged = false
    for debt in rules.owed(to: peer, limit: max(book.window, book.flights.count)) {
      guard book.flights.count < 4 * book.window || book.flights[debt.key.id] != nil else { continue }
      let flight = book.flights[debt.key.id]
      if let flight, flight.generation == debt.key.generation, flight.retryAt.map({ $0 > now }) ?? true { continue }
      let attempt = flight?.generation == debt.key.generation ? (flight?.attempt ?? 0) + 1 : 0
      book.flights[debt.key.id] = .init(generation: debt.key.generation, attempt: attempt)
      staged.append((decidedThrough, Payment(peer: peer, debt: debt, attempt: attempt)))
    }
    payments[peer] = book
  }

  /// Whether the engine keeps a failed payment to itself and tries again later. Providers' outcomes never: what to try
  /// next there is a matter of rules.
  private func triesAgain(_ settlement: Settlement, at now: Instant) -> Bool {
    guard var book = payments[settlement.peer] else { return false }
    defer { payments[settlement.peer] = book }
    book.mayHaveChanged = true
    guard let flight = book.flights[settlement.key.id], flight.generation == settlement.key.generation else {
      return settlement.status != .ok && settlement.status.isWorthRetrying && settlement.peer != .provider
    }
    guard settlement.peer != .provider, settlement.status.isWorthRetrying else {
      book.flights[settlement.key.id] = nil
      return false
    }
    book.flights[settlement.key.id]?.retryAt = now + backOff(after: flight.attempt, asked: settlement.retryAfter)
    return true
  }

  /// 100 ms doubling to 5 s, or what the peer asked for if that is longer.
  private func backOff(after attempt: Int, asked: Span?) -> Span {
    let own = Span.milliseconds(min(5_000, 100 << Int64(min(attempt, 6))))
    return max(own, asked ?? .zero)
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
