import DequeModule

/// Ids in the order in which they came, so that a page of a list costs O(log n + output) however many are open.
///
/// Ids that left linger until they reach the front or outnumber the living.
public struct OpeningOrder: Sendable {
  private struct Place: Sendable {
    var number: UInt64
    var id: String
  }
  private var places: Deque<Place> = []
  private var numbers = SplitDictionary<String, UInt64>()
  private var issued: UInt64 = 0

  public init() {}

  public mutating func append(_ id: String) {
    guard numbers[id] == nil else { return }
    issued += 1
    numbers[id] = issued
    places.append(Place(number: issued, id: id))
  }

  public mutating func remove(_ id: String) {
    guard numbers.removeValue(forKey: id) != nil else { return }
    while let first = places.first, numbers[first.id] != first.number { places.removeFirst() }
    guard places.count > 2 * numbers.count + 1_024 else { return }
    let numbers = self.numbers
    places.removeAll { numbers[$0.id] != $0.number }
  }

  /// Ids after the given one (all, when it is empty or gone), in order, as long as `take` wants more.
  public func forEach(after id: String, _ take: (String) -> Bool) {
    for place in places[(numbers[id].map { firstIndex(after: $0) } ?? 0)...] where numbers[place.id] == place.number {
      if !take(place.id) { return }
    }
  }

  /// Ids before the given one (all, when it is empty or gone), the last first, as long as `take` wants more.
  public func forEachBackwards(before id: String, _ take: (String) -> Bool) {
    var index = numbers[id].map { firstIndex(after: $0) - 1 } ?? places.count
    while index > 0 {
      index -= 1
      let place = places[index]
      if numbers[place.id] == place.number, !take(place.id) { return }
    }
  }

  private func firstIndex(after number: UInt64) -> Int {
    var low = 0
    var high = places.count
    while low < high {
      let middle = (low + high) / 2
      if places[middle].number <= number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
