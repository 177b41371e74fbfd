import Machinery

/// Which open alerts may have a dedup key: their numbers, by a hash of the key.
///
/// Keys themselves are held by the alerts alone, so whoever asks compares them there. Nearly every key has one source, so
/// that one is held without a table of its own.
struct OpenKeys: Equatable, Sendable {
  private enum Holders: Hashable, Sendable {
    case one(UInt64)
    case several([UInt64])
  }
  private var holders = SplitDictionary<Int, Holders>()

  /// Alerts that may be open under a key, in no order.
  func candidates(_ dedupKey: String) -> [UInt64] {
    switch holders[dedupKey.hashValue] {
    case .one(let number): [number]
    case .several(let numbers): numbers
    case nil: []
    }
  }

  /// The first of them that is meant; costs no list.
  @discardableResult
  func first(_ dedupKey: String, where isMeant: (UInt64) -> Bool) -> UInt64? {
    switch holders[dedupKey.hashValue] {
    case .one(let number): isMeant(number) ? number : nil
    case .several(let numbers): numbers.first(where: isMeant)
    case nil: nil
    }
  }

  mutating func insert(_ number: UInt64, _ dedupKey: String) {
    let hash = dedupKey.hashValue
    switch holders.updateValue(.one(number), forKey: hash) {
    case .one(let other) where other != number: holders[hash] = .several([other, number])
    case .several(let numbers): holders[hash] = .several(numbers.filter { $0 != number } + [number])
    default: break
    }
  }

  mutating func remove(_ number: UInt64, _ dedupKey: String) {
    let hash = dedupKey.hashValue
    switch holders[hash] {
    case .one(number): holders[hash] = nil
    case .several(let numbers):
      let left = numbers.filter { $0 != number }
      holders[hash] = left.count == 1 ? .one(left[0]) : .several(left)
    default: break
    }
  }
}
