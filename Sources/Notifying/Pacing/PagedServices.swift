import DequeModule
import Messages

/// When each person was last given a duty for each service: whether the next is news to them. What is older than `Pacing`
/// asks for is dropped as new ones come.
struct PagedServices: Sendable {
  private struct Pair: Hashable, Sendable {
    var person: String
    var service: String
  }
  private var last: [Pair: Instant] = [:]
  private var order: Deque<(pair: Pair, at: Instant)> = []

  func isFirst(_ page: Page, at instant: Instant) -> Bool {
    guard page.purpose == .duty, page.wanted else { return false }
    return last[Pair(person: page.person, service: page.service)].map { $0 + Pacing.firstAgainAfter <= instant } ?? true
  }

  mutating func note(_ page: Page, at instant: Instant) {
    guard page.purpose == .duty, page.wanted else { return }
    add(Pair(person: page.person, service: page.service), at: instant)
    while let oldest = order.first, oldest.at + Pacing.firstAgainAfter <= instant {
      order.removeFirst()
      if last[oldest.pair] == oldest.at { last[oldest.pair] = nil }
    }
  }

  mutating func shift(by span: Span) {
    for index in order.indices { order[index].at = order[index].at + span }
    for index in last.values.indices { last.values[index] = last.values[index] + span }
  }

  /// The oldest first.
  var all: [PagedService] {
    var seen: Set<Pair> = []
    return order.reversed().compactMap { pair, at in
      guard last[pair] == at, seen.insert(pair).inserted else { return nil }
      return PagedService(person: pair.person, service: pair.service, pagedAt: at)
    }.reversed()
  }

  mutating func restore(_ paged: [PagedService]) {
    for one in paged { add(Pair(person: one.person, service: one.service), at: one.pagedAt) }
  }

  private mutating func add(_ pair: Pair, at instant: Instant) {
    guard last[pair] != instant else { return }
    last[pair] = instant
    order.append((pair, instant))
  }
}
