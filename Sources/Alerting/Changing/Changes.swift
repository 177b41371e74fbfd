import DequeModule
import Machinery
import Messages

/// What was deployed or changed lately (requirement I8): kept for those who look for the cause of an incident, and owed to the
/// scheduler for the handoff document.
struct Changes: Sendable {
  struct Kept: Hashable, Sendable {
    var change: Change
    /// The scheduler is owed it no more.
    var isTold = false
    /// Nor is the escalator, which keeps it for the reviews of incidents.
    var isReviewed = false

    var isOwed: Bool { !isTold || !isReviewed }
  }

  /// In the order of their numbers.
  private var inOrder: Deque<Kept> = []
  private(set) var debts = DebtQueue(urgencies: 1)

  /// So many and so long, and whatever the scheduler or the escalator doesn't have yet. The journal keeps them all.
  static let keepsAtMost = 10_000
  static let keepsFor = Span.days(7)

  var all: [Kept] { Array(inOrder) }

  subscript(id: String) -> Kept? { index(of: id).map { inOrder[$0] } }

  /// The newest first.
  func newestFirst(before id: String, _ take: (Change) -> Bool) {
    let end = id.isEmpty ? inOrder.count : position(Alerts.number(ofId: id))
    for index in stride(from: end - 1, through: 0, by: -1) where !take(inOrder[index].change) { return }
  }

  mutating func keep(_ kept: Kept) {
    guard self[kept.change.id] == nil else { return }
    inOrder.insert(kept, at: position(Alerts.number(ofId: kept.change.id)))
    if !kept.isTold { owe(kept.change) }
  }

  mutating func note(_ change: Change, at instant: Instant) {
    keep(Kept(change: change))
    leaveOld(at: instant)
  }

  mutating func handedOver(_ fact: ChangeHandedOver, at instant: Instant) {
    guard let index = index(of: fact.id) else { return }
    defer { leaveOld(at: instant) }
    guard !fact.toEscalator else {
      inOrder[index].isReviewed = true
      return
    }
    inOrder[index].isTold = true
    if let status = Status(rawValue: fact.status), status != .ok {
      inOrder[index].change.refusal = "\(status.name) \(fact.message)".cut(to: 500)
    }
    debts.settle(fact.id)
  }

  /// The scheduler has lost what it was told.
  mutating func oweAgain() {
    for index in inOrder.indices {
      inOrder[index].isTold = false
      owe(inOrder[index].change)
    }
  }

  /// The escalator has lost what it was told.
  mutating func forgottenByReviews() -> [Change] {
    for index in inOrder.indices { inOrder[index].isReviewed = false }
    return inOrder.map(\.change)
  }

  /// How long ago they happened is elapsed time.
  mutating func clockStepped(by span: Span) {
    for index in inOrder.indices {
      inOrder[index].change.happenedAt = inOrder[index].change.happenedAt + span
      inOrder[index].change.notedAt = inOrder[index].change.notedAt + span
    }
  }

  private mutating func owe(_ change: Change) {
    debts.owe(DebtKey(id: change.id, generation: 1), urgency: 0, since: change.notedAt)
  }

  private mutating func leaveOld(at instant: Instant) {
    while let oldest = inOrder.first, !oldest.isOwed,
      inOrder.count > Self.keepsAtMost || oldest.change.notedAt + Self.keepsFor < instant
    {
      inOrder.removeFirst()
    }
  }

  private func index(of id: String) -> Int? {
    let index = position(Alerts.number(ofId: id))
    return index < inOrder.count && inOrder[index].change.id == id ? index : nil
  }

  /// Of the first whose number isn't lower.
  private func position(_ number: UInt64) -> Int {
    var range = 0..<inOrder.count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if Alerts.number(ofId: inOrder[middle].change.id) < number {
        range = middle + 1..<range.upperBound
      } else {
        range = range.lowerBound..<middle
      }
    }
    return range.lowerBound
  }
}

extension Changes: Equatable {
  static func == (left: Changes, right: Changes) -> Bool {
    left.inOrder == right.inOrder && Set(left.debts.first(.max)) == Set(right.debts.first(.max))
  }
}
