import DequeModule

/// Values under numbers that are given out in rising order, in pages of 64.
///
/// No table is ever moved as a whole, so growing to millions doesn't stall the loop; what came together lies together. A
/// value costs one lookup among the pages and a count of bits; the order is that of the numbers.
public struct NumberedPages<Value: Sendable>: Sendable {
  @usableFromInline struct Page: Sendable {
    /// A bit for each number that has a value.
    @usableFromInline var taken: UInt64 = 0
    /// Of the taken numbers, in order.
    @usableFromInline var values: [Value] = []

    @inlinable init() {}

    @inlinable func index(_ bit: UInt64) -> Int { (taken & (bit - 1)).nonzeroBitCount }
  }
  @inlinable static var size: UInt64 { 64 }
  @usableFromInline var pages: [UInt64: Page] = [:]
  /// The pages that there are, rising.
  @usableFromInline var order: Deque<UInt64> = []
  @usableFromInline var held = 0

  @inlinable public init() {}

  @inlinable public var count: Int { held }

  @inlinable public subscript(number: UInt64) -> Value? {
    get {
      index(number).map { pages[number / Self.size]!.values[$0] }
    }
    set {
      if let newValue { set(newValue, number) } else { remove(number) }
    }
  }

  /// Changes a value where it lies. Returns whether there was one.
  @discardableResult
  @inlinable public mutating func update(_ number: UInt64, _ change: (inout Value) -> Void) -> Bool {
    guard let index = index(number) else { return false }
    change(&pages[number / Self.size]!.values[index])
    return true
  }

  /// Changes every value where it lies, in order: O(n).
  @inlinable public mutating func updateAll(_ change: (UInt64, inout Value) -> Void) {
    for place in order {
      var taken = pages[place]!.taken
      for index in pages[place]!.values.indices {
        change(place * Self.size + UInt64(taken.trailingZeroBitCount), &pages[place]!.values[index])
        taken &= taken - 1
      }
    }
  }

  /// Values in the order of their numbers, beyond the given one, as long as `take` wants more.
  @inlinable public func forEach(after number: UInt64? = nil, _ take: (UInt64, Value) -> Bool) {
    let from = number.map { $0 + 1 } ?? 0
    for place in order[firstPlace(from / Self.size)...] {
      guard var page = pages[place] else { continue }
      if place == from / Self.size {
        let dropped = page.index(Self.bit(from))
        page.values.removeFirst(dropped)
        page.taken &= ~(Self.bit(from) - 1)
      }
      for value in page.values {
        let number = place * Self.size + UInt64(page.taken.trailingZeroBitCount)
        page.taken &= page.taken - 1
        if !take(number, value) { return }
      }
    }
  }

  /// Where the value of a number lies in its page. Gives no page away, which then would be copied at a change.
  @inlinable func index(_ number: UInt64) -> Int? {
    let bit = Self.bit(number)
    guard let page = pages[number / Self.size], page.taken & bit != 0 else { return nil }
    return page.index(bit)
  }

  @inlinable static func bit(_ number: UInt64) -> UInt64 { 1 << (number % Self.size) }

  @inlinable mutating func set(_ value: Value, _ number: UInt64) {
    let bit = Self.bit(number)
    let place = number / Self.size
    if pages[place] == nil {
      var page = Page()
      page.values.reserveCapacity(order.last.map { $0 < place } ?? true ? Int(Self.size) : 1)
      pages[place] = page
      order.insert(place, at: firstPlace(place))
    }
    let isTaken = pages[place]!.taken & bit != 0
    let index = pages[place]!.index(bit)
    if isTaken {
      pages[place]!.values[index] = value
    } else {
      pages[place]!.taken |= bit
      if index == pages[place]!.values.count {
        pages[place]!.values.append(value)
      } else {
        pages[place]!.values.insert(value, at: index)
      }
      held += 1
    }
  }

  @inlinable mutating func remove(_ number: UInt64) {
    guard let index = index(number) else { return }
    let place = number / Self.size
    held -= 1
    guard pages[place]!.values.count > 1 else {
      pages[place] = nil
      order.remove(at: firstPlace(place))
      return
    }
    pages[place]!.taken &= ~Self.bit(number)
    pages[place]!.values.remove(at: index)
    // Where few are left they give back the room of the rest.
    guard pages[place]!.values.count * 4 <= pages[place]!.values.capacity else { return }
    pages[place]!.values = pages[place]!.values.map { $0 }
  }

  /// Where a page stands in the order, or would.
  @inlinable func firstPlace(_ place: UInt64) -> Int {
    if let last = order.last, last < place { return order.count }
    var low = 0
    var high = order.count
    while low < high {
      let middle = (low + high) / 2
      if order[middle] < place { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension NumberedPages: Equatable where Value: Equatable {
  @inlinable public static func == (left: NumberedPages, right: NumberedPages) -> Bool {
    guard left.count == right.count else { return false }
    var isEqual = true
    left.forEach { number, value in
      isEqual = right[number] == value
      return isEqual
    }
    return isEqual
  }
}
