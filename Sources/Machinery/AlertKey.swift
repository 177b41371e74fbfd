import Cryptography
import Messages

/// An alert's source and dedup key as sixteen bytes that nobody can make two of: by it the same alert is known at several intakes,
/// and a million open ones cost little memory.
public struct AlertKey: Hashable, Sendable {
  public var high: UInt64
  public var low: UInt64

  /// No key: such an alert is like no other.
  public static let none = AlertKey(high: 0, low: 0)

  public var isNone: Bool { self == .none }

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The first half of SHA-256: a source that could choose a key which is taken for another source's would silence that one.
  public init(source: String, dedupKey: String) {
    guard !dedupKey.isEmpty else {
      self = .none
      return
    }
    var hash = SHA256()
    // The length keeps "a" of source "bc" apart from "ab" of source "c".
    hash.update(UInt64(source.utf8.count))
    hash.update(source)
    hash.update(dedupKey)
    (high, low) = hash.finalize().withUnsafeBytes {
      ($0.loadUnaligned(fromByteOffset: 0, as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
  }
}
