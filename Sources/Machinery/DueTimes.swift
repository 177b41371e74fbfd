import HeapModule
import Messages

/// When each thing next does something by itself: an ordered structure, so that finding the most overdue costs O(1) and
/// moving a due time O(log n).
///
/// Moved and cancelled times linger in the heap until they reach the top or outnumber the living.
public struct DueTimes: Sendable {
  private struct Entry: Comparable, Sendable {
    var due: Instant
    var key: String
    static func < (left: Entry, right: Entry) -> Bool {
      left.due == right.due ? left.key < right.key : left.due < right.due
    }
  }
  private var heap = Heap<Entry>()
  private var dueByKey = SplitDictionary<String, Instant>()

  public init() {}

  public var count: Int { dueByKey.count }

  /// The most overdue, or the next to come.
  public var next: (due: Instant, key: String)? { heap.min.map { ($0.due, $0.key) } }

  public func due(_ key: String) -> Instant? { dueByKey[key] }

  /// Set, move or (with nil) cancel the time of a key.
  public mutating func set(_ key: String, to due: Instant?) {
    guard dueByKey[key] != due else { return }
    dueByKey[key] = due
    if let due { heap.insert(Entry(due: due, key: key)) }
    dropTheStale()
  }

  /// Move every time at once: O(n).
  public mutating func moveAll(_ move: (Instant) -> Instant) {
    dueByKey.updateAll { _, due in due = move(due) }
    heap = everything
  }

  private mutating func dropTheStale() {
    while let top = heap.min, dueByKey[top.key] != top.due { heap.removeMin() }
    guard heap.count > 2 * dueByKey.count + 1_024 else { return }
    heap = everything
  }

  private var everything: Heap<Entry> {
    var entries: [Entry] = []
    entries.reserveCapacity(dueByKey.count)
    dueByKey.forEach { key, due in entries.append(Entry(due: due, key: key)) }
    return Heap(entries)
  }
}
