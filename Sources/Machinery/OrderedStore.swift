/// Values by id, in the order in which they came. A million of them may be here.
///
/// Values lie in chunks that are never moved, each knowing its neighbours; a place that was left is taken by the next that
/// comes. So finding, taking, leaving and going on from anywhere cost O(1), and growing never stalls the loop.
public struct OrderedStore<Value: Sendable>: Sendable {
  @usableFromInline struct Slot: Sendable {
    @usableFromInline var id: String
    /// nil while it is taken out, or nobody's.
    @usableFromInline var value: Value?
    @usableFromInline var previous = OrderedStore.nowhere
    /// Of a place that was left: the next such.
    @usableFromInline var next = OrderedStore.nowhere

    @inlinable init(_ id: String, _ value: Value) {
      self.id = id
      self.value = value
    }
  }
  @inlinable static var nowhere: UInt32 { .max }
  @inlinable static var chunk: Int { 1_024 }

  @usableFromInline var places = SplitDictionary<String, UInt32>()
  @usableFromInline var chunks: [[Slot]] = []
  @usableFromInline var used: UInt32 = 0
  @usableFromInline var first = OrderedStore.nowhere
  @usableFromInline var last = OrderedStore.nowhere
  @usableFromInline var firstLeft = OrderedStore.nowhere

  @inlinable public init() {}

  @inlinable public var count: Int { places.count }

  /// Setting a value that is here keeps its place in the order.
  @inlinable public subscript(id: String) -> Value? {
    get { places[id].flatMap { self[$0].value } }
    set {
      guard let newValue else { return remove(id) }
      if let place = places[id] { self[place].value = newValue } else { append(newValue, id) }
    }
  }

  /// Takes a value out, to be changed without a copy and set again: its place in the order is kept.
  @inlinable public mutating func take(_ id: String) -> Value? {
    places[id].flatMap { self[$0].value.take() }
  }

  @inlinable public mutating func remove(_ id: String) {
    guard let place = places.removeValue(forKey: id) else { return }
    let slot = self[place]
    if slot.previous == Self.nowhere { first = slot.next } else { self[slot.previous].next = slot.next }
    if slot.next == Self.nowhere { last = slot.previous } else { self[slot.next].previous = slot.previous }
    self[place].id = ""
    self[place].value = nil
    self[place].next = firstLeft
    firstLeft = place
  }

  /// Values after that of an id (all, when it is empty or gone), in order, as long as `take` wants more.
  @inlinable public func forEach(after id: String = "", _ take: (String, Value) -> Bool) {
    var place = places[id].map { self[$0].next } ?? first
    while place != Self.nowhere {
      let slot = self[place]
      if let value = slot.value, !take(slot.id, value) { return }
      place = slot.next
    }
  }

  /// Values before that of an id (all, when it is empty or gone), the last first, as long as `take` wants more.
  @inlinable public func forEachBackwards(before id: String = "", _ take: (String, Value) -> Bool) {
    var place = places[id].map { self[$0].previous } ?? last
    while place != Self.nowhere {
      let slot = self[place]
      if let value = slot.value, !take(slot.id, value) { return }
      place = slot.previous
    }
  }

  /// Changes every value where it lies, in order: O(n).
  @inlinable public mutating func updateAll(_ change: (String, inout Value) -> Void) {
    var place = first
    while place != Self.nowhere {
      let chunk = Int(place) / Self.chunk
      let index = Int(place) % Self.chunk
      let id = chunks[chunk][index].id
      if chunks[chunk][index].value != nil { change(id, &chunks[chunk][index].value!) }
      place = chunks[chunk][index].next
    }
  }

  @inlinable subscript(place: UInt32) -> Slot {
    get { chunks[Int(place) / Self.chunk][Int(place) % Self.chunk] }
    _modify { yield &chunks[Int(place) / Self.chunk][Int(place) % Self.chunk] }
  }

  @inlinable mutating func append(_ value: Value, _ id: String) {
    var slot = Slot(id, value)
    slot.previous = last
    let place: UInt32
    if firstLeft != Self.nowhere {
      place = firstLeft
      firstLeft = self[place].next
      self[place] = slot
    } else {
      place = used
      used += 1
      if Int(place) % Self.chunk == 0 {
        chunks.append([])
        if place > 0 { chunks[chunks.count - 1].reserveCapacity(Self.chunk) }
      }
      chunks[chunks.count - 1].append(slot)
    }
    places[id] = place
    if last == Self.nowhere { first = place } else { self[last].next = place }
    last = place
  }
}

extension OrderedStore: Equatable where Value: Equatable {
  /// The same values by id; in which order they came is not looked at.
  @inlinable public static func == (left: OrderedStore, right: OrderedStore) -> Bool {
    guard left.count == right.count else { return false }
    var isEqual = true
    left.forEach { id, value in
      isEqual = right[id] == value
      return isEqual
    }
    return isEqual
  }
}
