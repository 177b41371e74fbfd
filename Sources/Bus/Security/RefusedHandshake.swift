/// Somebody who was turned away at a door, so far as one such is like another.
public struct RefusedHandshake: Hashable, Sendable {
  /// "unknown", "revoked", "early", "expired", "address", "mechanism".
  public var reason: String
  /// Whose key it was; empty: nobody's that is known.
  public var principal: String
  /// The address of the other end.
  public var from: String
}

/// Those of them that nobody has counted yet. Bounded: of a flood from more places than this it is known how many they were.
struct RefusedHandshakes {
  static let kindsAtMost = 500
  private var kinds: [RefusedHandshake: (words: String, count: UInt64)] = [:]

  /// - Parameter words: of this one, for people.
  mutating func add(_ one: RefusedHandshake, _ words: String) {
    let isKnown = kinds[one] != nil || kinds.count < Self.kindsAtMost
    let kind = isKnown ? one : RefusedHandshake(reason: one.reason, principal: "", from: "")
    kinds[kind] = (words, (kinds[kind]?.count ?? 0) + 1)
  }

  mutating func takeAll() -> [(one: RefusedHandshake, words: String, count: UInt64)] {
    defer { kinds = [:] }
    return kinds.map { (one: $0.key, words: $0.value.words, count: $0.value.count) }
  }
}
