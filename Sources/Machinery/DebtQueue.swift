import DequeModule
import Messages

/// The ids of what is owed, most urgent first and oldest first within an urgency.
///
/// Holds no content: what a debt says is read off the machine's state when it is paid. Owing and settling cost O(1)
/// amortised; settled ids linger in the lanes until they reach the front or outnumber the living.
public struct DebtQueue: Sendable {
  private struct Ticket: Sendable {
    var id: String
    var number: UInt64
    var since: Instant
  }
  private var lanes: [Deque<Ticket>]
  private var living: [String: (number: UInt64, urgency: Int)] = [:]
  private var issued: UInt64 = 0

  /// - Parameter urgencies: how many lanes; 0 is the most urgent.
  public init(urgencies: Int) {
    lanes = Array(repeating: [], count: urgencies)
  }

  public var count: Int { living.count }

  public func contains(_ id: String) -> Bool { living[id] != nil }

  /// Put an id into the queue; one that is there already keeps its place unless it became more urgent.
  public mutating func owe(_ id: String, urgency: Int, since: Instant) {
    if let place = living[id], place.urgency <= urgency { return }
    issued += 1
    living[id] = (issued, urgency)
    lanes[urgency].append(Ticket(id: id, number: issued, since: since))
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

  public var summary: DebtSummary {
    let fronts = lanes.compactMap { lane in lane.first(where: isLiving)?.since }
    return DebtSummary(count: living.count, oldest: fronts.min())
  }

  private func isLiving(_ ticket: Ticket) -> Bool { living[ticket.id]?.number == ticket.number }

  private mutating func dropTheDead(in urgency: Int) {
    while let front = lanes[urgency].first, !isLiving(front) { lanes[urgency].removeFirst() }
    guard lanes[urgency].count > 2 * living.count + 64 else { return }
    let living = self.living
    lanes[urgency].removeAll { living[$0.id]?.number != $0.number }
  }
}
