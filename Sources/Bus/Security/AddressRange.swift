import Glibc

/// Addresses that a key may be used from: `10.1.0.0/16`, `::1`.
public struct AddressRange: Hashable, Sendable, CustomStringConvertible {
  private let bytes: [UInt8]
  private let bits: Int
  public let description: String

  /// nil when the text is neither an address nor a range.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let bytes = Self.bytes(String(parts[0])) else { return nil }
    let most = bytes.count * 8
    guard let bits = parts.count == 1 ? most : Int(parts[1]), (0...most).contains(bits) else { return nil }
    self.bytes = bytes
    self.bits = bits
    description = text
  }

  public func contains(_ address: String) -> Bool {
    guard let other = Self.bytes(address), other.count == bytes.count else { return false }
    let (whole, rest) = (bits / 8, bits % 8)
    guard bytes[..<whole] == other[..<whole] else { return false }
    return rest == 0 || (bytes[whole] ^ other[whole]) >> UInt8(8 - rest) == 0
  }

  /// An IPv4 address in IPv6 clothes is that IPv4 address.
  private static func bytes(_ text: String) -> [UInt8]? {
    var four = [UInt8](repeating: 0, count: 4)
    if inet_pton(AF_INET, text, &four) == 1 { return four }
    var sixteen = [UInt8](repeating: 0, count: 16)
    guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
    let isMapped = sixteen.prefix(10).allSatisfy { $0 == 0 } && sixteen[10] == 0xff && sixteen[11] == 0xff
    return isMapped ? Array(sixteen.suffix(4)) : sixteen
  }
}
