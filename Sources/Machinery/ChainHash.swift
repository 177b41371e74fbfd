import Cryptography
import Messages

/// A hash over a row and everything before it: SQLite does not notice a flipped bit in a payload, this does.
public struct ChainHash: Hashable, Sendable {
  public var bytes: [UInt8]

  public static let genesis = ChainHash(bytes: Array(repeating: 0, count: 32))

  public init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The hash after one more row: SHA-256 over the hash before, the row's number, time, kind and body.
  public func followed(by row: Row, sequence: UInt64) -> ChainHash {
    var hash = SHA256()
    hash.update(bytes)
    hash.update(sequence)
    hash.update(row.at.milliseconds)
    hash.update(row.kind.rawValue)
    hash.update(row.body)
    return ChainHash(bytes: hash.finalize())
  }
}
