import DequeModule
import Messages

/// The ids of what is owed, most urgent first and oldest first within an urgency.
///
/// Holds no content: what a debt says is read off the machine's state when it is paid. Owing, settling and taking the next
/// cost O(log n) amortised; tickets of settled debts linger in their lane until they reach its front or outnumber the living.
public struct DebtQueue: Sendable {
  /// How far a reader of the queue has come, lane by lane. A debt that changes gets a new ticket, so a reader meets it again.
  public struct Cursor: Sendable {
    fileprivate var met: [UInt64] = []

    public init() {}
  }
  private struct Ticket: Sendable {
    var id: String
    var number: UInt64
  }
  private struct Place: Sendable {
    var number: UInt64
    var generation: UInt64
    var urgency: Int
    var since: Instant
  }
  private var lanes: [Deque<Ticket>]
  private var living = SplitDictionary<String, Place>()
  private var issued: UInt64 = 0

  /// - Parameter urgencies: how many lanes; 0 is the most urgent.
  public init(urgencies: Int) {
    lanes = Array(repeating: [], count: urgencies)
  }

  public var count: Int { living.count }
  public var urgencies: Int { lanes.count }

  public func contains(_ id: String) -> Bool { living[id] != nil }
  public func urgency(of id: String) -> Int? { living[id]?.urgency }

  /// Owe a state of a debt. The same state again changes nothing unless it became more urgent; a new generation goes to the
  /// back of its lane, and is never less urgent than the one before.
  public mutating func owe(_ key: DebtKey, urgency: Int, since: Instant) {
    let before = living[key.id]
    if let before, before.generation == key.generation, before.urgency <= urgency { return }
    issued += 1
    let lane = min(urgency, before?.urgency ?? urgency)
    living[key.id] = Place(
      number: issued, generation: key.generation, urgency: lane, since: before?.since ?? since)
    lanes[lane].append(Ticket(id: key.id, number: issued))
    if let before { dropTheDead(in: before.urgency) }
  }

  public mutating func settle(_ id: String) {
    guard let place = living.removeValue(forKey: id) else { return }
    dropTheDead(in: place.urgency)
  }

  /// The first ids in order.
  public func first(_ limit: Int) -> [String] {
    var found: [String] = []
    found.reserveCapacity(min(limit, living.count))
    for lane in lanes {
      for ticket in lane where isLiving(ticket) {
        if found.count == limit { return found }
        found.append(ticket.id)
      }
    }
    return found
  }

  /// The next id of a lane that a reader has not met.
  public func next(in lane: Int, after cursor: inout Cursor) -> String? {
    while cursor.met.count <= lane { cursor.met.append(0) }
    guard let last = lanes[lane].last, last.number > cursor.met[lane] else { return nil }
    for index in firstIndex(in: lane, after: cursor.met[lane])..<lanes[lane].count {
      let ticket = lanes[lane][index]
      cursor.met[lane] = ticket.number
      if isLiving(ticket) { return ticket.id }
    }
    return nil
  }

  public var summary: DebtSummary {
    DebtSummary(count: living.count, oldest: lanes.compactMap { $0.first.flatMap { living[$0.id]?.since } }.min())
  }

  private func firstIndex(in lane: Int, after number: UInt64) -> Int {
    var low = 0
    var high = lanes[lane].count
    while low < high {
      let middle = (low + high) / 2
      if lanes[lane][middle].number <= number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func isLiving(_ ticket: Ticket) -> Bool { living[ticket.id]?.number == ticket.number }

  private mutating func dropTheDead(in urgency: Int) {
    while let front = lanes[urgency].first, !isLiving(front) { lanes[urgency].removeFirst() }
    guard lanes[urgency].count > 2 * living.count + 64 else { return }
    let living = self.living
    lanes[urgency].removeAll { living[$0.id]?.number != $0.number }
  }
}
