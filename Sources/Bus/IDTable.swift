/// Values by the ids that a client chose, found with one multiplication instead of a keyed hash. The multiplier is secret,
/// so that ids can't be chosen to collide.
struct IDTable<Value> {
  private struct Slot {
    var id: UInt64
    var value: Value
  }
  private let multiplier = secretMultiplier
  private var slots: ContiguousArray<Slot?> = []
  private(set) var count = 0

  subscript(id: UInt64) -> Value? {
    guard let index = index(of: id) else { return nil }
    return slots[index]?.value
  }

  /// False when the id is taken.
  mutating func insert(_ id: UInt64, _ value: Value) -> Bool {
    if 4 * (count + 1) > 3 * slots.count { grow() }
    var index = home(of: id)
    while let slot = slots[index] {
      if slot.id == id { return false }
      index = (index + 1) & (slots.count - 1)
    }
    slots[index] = Slot(id: id, value: value)
    count += 1
    return true
  }

  /// Changes a value in place; nil when there is none.
  mutating func change<Result>(_ id: UInt64, _ body: (inout Value) -> Result) -> Result? {
    guard let index = index(of: id) else { return nil }
    return body(&slots[index]!.value)
  }

  mutating func remove(_ id: UInt64) -> Value? {
    guard var hole = index(of: id) else { return nil }
    let value = slots[hole]?.value
    slots[hole] = nil
    count -= 1
    var index = (hole + 1) & (slots.count - 1)
    while let slot = slots[index] {
      let distance = (index &- home(of: slot.id)) & (slots.count - 1)
      if distance >= (index &- hole) & (slots.count - 1) {
        slots[hole] = slot
        slots[index] = nil
        hole = index
      }
      index = (index + 1) & (slots.count - 1)
    }
    return value
  }

  func forEach(_ body: (UInt64, Value) -> Void) {
    for case let slot? in slots { body(slot.id, slot.value) }
  }

  private func home(of id: UInt64) -> Int {
    Int(truncatingIfNeeded: (id &* multiplier) >> 32) & (slots.count - 1)
  }

  private func index(of id: UInt64) -> Int? {
    guard count > 0 else { return nil }
    var index = home(of: id)
    while let slot = slots[index] {
      if slot.id == id { return index }
      index = (index + 1) & (slots.count - 1)
    }
    return nil
  }

  private mutating func grow() {
    let old = slots
    slots = ContiguousArray(repeating: nil, count: max(16, 2 * old.count))
    for case let slot? in old {
      var index = home(of: slot.id)
      while slots[index] != nil { index = (index + 1) & (slots.count - 1) }
      slots[index] = slot
    }
  }
}

private let secretMultiplier = UInt64.random(in: 0...UInt64.max) | 1
