import HeapModule
import Messages

/// What will happen in the simulated world, in order of time; equal times in order of planning.
final class Agenda {
  private struct Item: Comparable {
    var at: Instant
    var number: UInt64
    var action: () -> Void
    static func < (left: Item, right: Item) -> Bool {
      left.at == right.at ? left.number < right.number : left.at < right.at
    }
    static func == (left: Item, right: Item) -> Bool { left.number == right.number }
  }
  private var items = Heap<Item>()
  private var planned: UInt64 = 0
  private(set) var now: Instant
  private(set) var steps = 0

  init(startingAt start: Instant) {
    now = start
  }

  func plan(at instant: Instant, _ action: @escaping () -> Void) {
    planned += 1
    items.insert(Item(at: max(instant, now), number: planned, action: action))
  }

  func plan(after span: Span, _ action: @escaping () -> Void) {
    plan(at: now + span, action)
  }

  /// Run everything up to and including an instant; the clock then stands there.
  func run(until end: Instant) {
    while let next = items.min, next.at <= end {
      items.removeMin()
      now = next.at
      steps += 1
      next.action()
    }
    now = end
  }
}
