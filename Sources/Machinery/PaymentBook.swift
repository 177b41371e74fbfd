import DequeModule
import Messages

/// What is under way to one peer, and what waits to be tried again.
///
/// Lives in memory only: after a restart everything owed is simply paid again, and receivers know a debt by its key. Only
/// payments on the wire take room; one that waits for another try holds nobody up, whatever its urgency.
struct PaymentBook {
  private struct Flight {
    var generation: UInt64
    var attempt: Int
    var urgency: Int
    var isOnTheWire: Bool
  }
  /// How many payments may be on the wire to a peer that is out of reach: enough to notice that it is back.
  static let probes = 8

  let peer: Peer
  private let window: Int
  var isUp = true
  private var onTheWire = 0
  private var flights: [String: Flight] = [:]
  private var retries = DueTimes()
  /// Retries whose time has come, by urgency.
  private var ready: [Deque<String>] = []
  private var cursor = DebtQueue.Cursor()

  init(peer: Peer, window: Int) {
    self.peer = peer
    self.window = window
  }

  var hasRoom: Bool { onTheWire < (isUp ? window : min(window, Self.probes)) }
  var nextRetry: Instant? { retries.next?.due }

  mutating func collectRetries(at now: Instant) {
    while let next = retries.next, next.due <= now {
      retries.set(next.key, to: nil)
      guard let urgency = flights[next.key]?.urgency else { continue }
      while ready.count <= urgency { ready.append([]) }
      ready[urgency].append(next.key)
    }
  }

  /// The most urgent id that is not under way: those tried before go first within an urgency, being older.
  mutating func next(from queue: DebtQueue) -> String? {
    for urgency in 0..<max(queue.urgencies, ready.count) {
      if urgency < ready.count, let id = ready[urgency].popFirst() { return id }
      if urgency < queue.urgencies, let id = queue.next(in: urgency, after: &cursor) { return id }
    }
    return nil
  }

  /// Puts a debt on the wire. Returns which attempt it is; nil when this state of it is under way or waits already.
  mutating func depart(_ key: DebtKey, urgency: Int) -> Int? {
    var attempt = 0
    if let flight = flights[key.id], flight.generation == key.generation {
      guard !flight.isOnTheWire, retries.due(key.id) == nil else { return nil }
      attempt = flight.attempt + 1
    }
    retries.set(key.id, to: nil)
    flights[key.id] = Flight(generation: key.generation, attempt: attempt, urgency: urgency, isOnTheWire: true)
    onTheWire += 1
    return attempt
  }

  /// A payment has ended. Returns whether that is this book's own affair: it tries again later, or a newer state of the debt
  /// has gone out since.
  mutating func landed(_ settlement: Settlement, at now: Instant) -> Bool {
    onTheWire -= 1
    let mayRetry = peer != .provider && settlement.status.leavesDebtOpen
    guard let flight = flights[settlement.key.id], flight.generation == settlement.key.generation else {
      return mayRetry
    }
    guard mayRetry else {
      flights[settlement.key.id] = nil
      return false
    }
    flights[settlement.key.id]?.isOnTheWire = false
    retries.set(settlement.key.id, to: now + backOff(after: flight.attempt, settlement))
    return true
  }

  mutating func wait(_ key: DebtKey, urgency: Int, until due: Instant) {
    guard flights[key.id] == nil else { return }
    flights[key.id] = Flight(generation: key.generation, attempt: 0, urgency: urgency, isOnTheWire: false)
    retries.set(key.id, to: due)
  }

  /// The debt is no longer owed.
  mutating func forget(_ id: String) {
    flights[id] = nil
    retries.set(id, to: nil)
  }

  mutating func retryAll(at now: Instant) {
    retries.moveAll { _ in now }
  }

  /// Waiting times are elapsed: they keep their distance to now.
  mutating func clockStepped(by span: Span) {
    retries.moveAll { $0 + span }
  }

  /// 100 ms doubling to 5 s, half a minute for what only people can mend, or what the peer asked for if that is longer.
  private func backOff(after attempt: Int, _ settlement: Settlement) -> Span {
    let own: Int64 = settlement.status.isWorthRetrying ? min(5_000, 100 << Int64(min(attempt, 6))) : 30_000
    return max(Span.milliseconds(own), settlement.retryAfter ?? .zero)
  }
}

extension Status {
  /// Whether a debt to another tier stays owed after this answer. Besides what the same call may mend, it does after answers
  /// that an upgrade or a new key will change: the debt is right, the peer can't take it yet.
  fileprivate var leavesDebtOpen: Bool {
    switch self {
    case .unimplemented, .unauthenticated, .permissionDenied: true
    default: isWorthRetrying
    }
  }
}
