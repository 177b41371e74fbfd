/// All addresses that begin alike: "10.0.0.0/8", "fc00::/7", or one of them: "10.1.2.3".
public struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
  private let first: IPAddress
  private let bits: Int

  /// nil for what is neither, or has bits set behind those that count: what was meant can't be told.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard 1...2 ~= parts.count, let first = IPAddress(String(parts[0])) else { return nil }
    let most = first.bytes.count * 8
    guard parts.count == 1 || parts[1].allSatisfy(\.isNumber), let bits = parts.count == 1 ? most : Int(parts[1]),
      0...most ~= bits
    else { return nil }
    self.first = first
    self.bits = bits
    guard first.bytes.indices.allSatisfy({ first.bytes[$0] & ~Self.mask(bits, $0) == 0 }) else { return nil }
  }

  public func contains(_ address: IPAddress) -> Bool {
    address.bytes.count == first.bytes.count
      && first.bytes.indices.allSatisfy { address.bytes[$0] & Self.mask(bits, $0) == first.bytes[$0] }
  }

  /// An IPv4 address in IPv6 clothes is that IPv4 address; what is no address is nowhere.
  public func contains(_ text: String) -> Bool { IPAddress(text).map { contains($0.undressed) } ?? false }

  public var description: String { bits == first.bytes.count * 8 ? "\(first)" : "\(first)/\(bits)" }

  /// Which bits of a byte belong to what all addresses of a network share.
  private static func mask(_ bits: Int, _ byte: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: 0xff00 >> min(8, max(0, bits - byte * 8)))
  }
}
