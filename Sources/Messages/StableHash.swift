/// FNV-1a: the same number for the same words in every process and version, where one is read off an id.
public struct StableHash: Hashable, Sendable {
  public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  public init() {}

  public mutating func mix(_ word: UInt64) {
    value = (value ^ word) &* 0x100_0000_01b3
  }

  public mutating func mix(_ text: String) {
    for byte in text.utf8 { mix(UInt64(byte)) }
  }

  /// For a remainder: the lowest bits alone are mixed less well.
  public var folded: UInt64 { value ^ (value >> 32) }
}
