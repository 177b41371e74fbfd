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

  /// The id of an intake's `number`th alert: two hexadecimal digits of shard, a dash, the number in base 36. One of several
  /// intakes puts its own number between them, so that no two ever give the same id: "2f-1k" is the first's, "2f-2-1k" the
  /// second's.
  public func id(number: UInt64, intake: UInt32 = 1) -> String {
    let digits = String(self.number, radix: 16)
    let shard = digits.count == 1 ? "0" + digits : digits
    return (intake < 2 ? shard : "\(shard)-\(intake)") + "-" + String(number, radix: 36)
  }

  /// Which intake gave an alert its id: who must hear that it is over.
  public static func intake(ofAlert id: String) -> Peer {
    let parts = id.split(separator: "-", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].utf8.count == 2, let number = UInt32(parts[1]), number <= Peer.intakesAtMost else {
      return .intake
    }
    return .intake(number: number)
  }
}
