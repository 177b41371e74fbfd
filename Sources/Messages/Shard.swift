/// Which of 64 shares of the work an alert and its incident belong to, stored in their id and never computed again.
///
/// One process owns all 64 by default; nothing may assume that.
public struct Shard: Hashable, Sendable {
  public static let count: UInt64 = 64
  public var number: UInt32

  public init(number: UInt32) {
    self.number = number
  }

  /// Read off team and dedup key, so that every intake gives the same alert to the same owner.
  public init(team: String, dedupKey: String) {
    var hash = StableHash()
    hash.mix(team)
    hash.mix(0)
    hash.mix(dedupKey)
    number = UInt32(hash.value % Shard.count)
  }

  /// The id of the `number`th alert: two hexadecimal digits of shard, a dash, the number in base 36.
  public func id(number: UInt64) -> String {
    let digits = String(self.number, radix: 16)
    return (digits.count == 1 ? "0" + digits : digits) + "-" + String(number, radix: 36)
  }
}
