/// A dictionary in parts, for tables that grow to millions: when it grows, one part is moved at a time, so that no call of
/// the loop waits for the whole of it.
public struct SplitDictionary<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// As long as it is small it is one part.
  @inlinable static var splitAt: Int { 4_096 }
  @inlinable static var partsWhenSplit: Int { 256 }

  @usableFromInline var parts: [[Key: Value]] = [[:]]
  @usableFromInline var held = 0

  @inlinable public init() {}

  @inlinable public var count: Int { held }

  @inlinable public subscript(key: Key) -> Value? {
    get { parts[part(of: key)][key] }
    set {
      guard let newValue else {
        removeValue(forKey: key)
        return
      }
      updateValue(newValue, forKey: key)
    }
  }

  @discardableResult
  @inlinable public mutating func updateValue(_ value: Value, forKey key: Key) -> Value? {
    let before = parts[part(of: key)].updateValue(value, forKey: key)
    if before == nil {
      held += 1
      if parts.count == 1, held == Self.splitAt { split() }
    }
    return before
  }

  @discardableResult
  @inlinable public mutating func removeValue(forKey key: Key) -> Value? {
    guard let before = parts[part(of: key)].removeValue(forKey: key) else { return nil }
    held -= 1
    return before
  }

  /// In no order.
  @inlinable public func forEach(_ body: (Key, Value) -> Void) {
    for part in parts { for (key, value) in part { body(key, value) } }
  }

  /// Changes every value: O(n).
  @inlinable public mutating func updateAll(_ change: (Key, inout Value) -> Void) {
    for part in parts.indices {
      for place in parts[part].indices { change(parts[part].keys[place], &parts[part].values[place]) }
    }
  }

  @inlinable func part(of key: Key) -> Int {
    parts.count == 1 ? 0 : Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue) >> 56)
  }

  @inlinable mutating func split() {
    let all = parts[0]
    parts = Array(repeating: [:], count: Self.partsWhenSplit)
    for (key, value) in all { parts[part(of: key)][key] = value }
  }
}

extension SplitDictionary: Equatable where Value: Equatable {
  @inlinable public static func == (left: SplitDictionary, right: SplitDictionary) -> Bool {
    guard left.count == right.count else { return false }
    return left.parts.allSatisfy { $0.allSatisfy { right[$0.key] == $0.value } }
  }
}
