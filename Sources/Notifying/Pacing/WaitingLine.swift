import HeapModule
import Messages

/// What waits at one place, by the time at which each is due; of one time, in the order in which they came.
///
/// The first of them costs O(1) to find, the first k O(k log k) to read without taking them out, and moving one O(log n):
/// whoever decides what goes out together only looks. Moved and cancelled tickets linger in the heap until they reach its top
/// or outnumber the living.
struct WaitingLine: Sendable {
  struct Ticket: Comparable, Sendable {
    var due: Instant
    var arrival: UInt64
    var id: String

    /// Not before a time: of those that wait for the same one, who came first goes first.
    func notBefore(_ time: Instant) -> Ticket { Ticket(due: max(due, time), arrival: arrival, id: id) }
    func notAfter(_ time: Instant) -> Ticket { Ticket(due: min(due, time), arrival: arrival, id: id) }
    func called(_ id: String) -> Ticket { Ticket(due: due, arrival: arrival, id: id) }

    static func < (left: Ticket, right: Ticket) -> Bool {
      (left.due, left.arrival, left.id) < (right.due, right.arrival, right.id)
    }
  }
  /// No ticket is before the one at half its index.
  private var heap: [Ticket] = []
  private var living: [String: Ticket] = [:]

  var count: Int { living.count }
  var first: Ticket? { heap.first }

  mutating func set(_ ticket: Ticket) {
    guard living[ticket.id] != ticket else { return }
    living[ticket.id] = ticket
    heap.append(ticket)
    rise()
    dropTheDead()
  }

  mutating func set(_ id: String, to ticket: Ticket?) {
    if let ticket { set(ticket.called(id)) } else { remove(id) }
  }

  mutating func remove(_ id: String) {
    guard living.removeValue(forKey: id) != nil else { return }
    dropTheDead()
  }

  /// The first that are due, in order.
  func first(_ limit: Int, through now: Instant) -> [Ticket] {
    var found: [Ticket] = []
    var seen = Set<String>()
    var next = Heap<Candidate>()
    if !heap.isEmpty { next.insert(Candidate(ticket: heap[0], index: 0)) }
    while found.count < limit, let candidate = next.popMin(), candidate.ticket.due <= now {
      for child in [2 * candidate.index + 1, 2 * candidate.index + 2] where child < heap.count {
        next.insert(Candidate(ticket: heap[child], index: child))
      }
      if isLiving(candidate.ticket), seen.insert(candidate.ticket.id).inserted { found.append(candidate.ticket) }
    }
    return found
  }

  /// How many are due: O(n), for whoever asks how things stand.
  func count(through now: Instant) -> Int { living.values.count { $0.due <= now } }

  private struct Candidate: Comparable {
    var ticket: Ticket
    var index: Int
    static func < (left: Candidate, right: Candidate) -> Bool { left.ticket < right.ticket }
  }

  private func isLiving(_ ticket: Ticket) -> Bool { living[ticket.id] == ticket }

  private mutating func dropTheDead() {
    while let top = heap.first, !isLiving(top) { dropTop() }
    guard heap.count > 2 * living.count + 64 else { return }
    heap = living.values.sorted()
  }

  private mutating func dropTop() {
    let last = heap.removeLast()
    guard !heap.isEmpty else { return }
    heap[0] = last
    sink()
  }

  private mutating func rise() {
    var index = heap.count - 1
    while index > 0, heap[index] < heap[(index - 1) / 2] {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func sink() {
    var index = 0
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child] < heap[least] {
        least = child
      }
      guard least != index else { return }
      heap.swapAt(index, least)
      index = least
    }
  }
}
