import Glibc

/// An address of a machine, by its bytes: 4 of them (IPv4) or 16 (IPv6).
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  public let bytes: [UInt8]

  /// As `inet_pton` reads it, and nobody else: "0x7f.1" is a name, which the system's resolver takes for 127.0.0.1.
  public init?(_ text: String) {
    var found = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &found) == 1 {
      bytes = Array(found.prefix(4))
    } else if inet_pton(AF_INET6, text, &found) == 1 {
      bytes = found
    } else {
      return nil
    }
  }

  public init(_ bytes: [UInt8]) {
    precondition(bytes.count == 4 || bytes.count == 16, "an address has 4 or 16 bytes, not \(bytes.count)")
    self.bytes = bytes
  }

  /// Where a socket is about to be connected to; nil for what is neither IPv4 nor IPv6.
  public init?(_ address: UnsafeRawPointer, family: Int32) {
    switch family {
    case AF_INET:
      let place = address.loadUnaligned(as: sockaddr_in.self)
      bytes = withUnsafeBytes(of: place.sin_addr.s_addr) { Array($0) }
    case AF_INET6:
      let place = address.loadUnaligned(as: sockaddr_in6.self)
      bytes = withUnsafeBytes(of: place.sin6_addr) { Array($0) }
    default: return nil
    }
  }

  public var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "\(bytes)" }
    return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  /// An IPv4 address in IPv6 clothes (::ffff:a.b.c.d), as a socket for both shows it, without them.
  public var undressed: IPAddress {
    let clothes = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
    return bytes.count == 16 && bytes.starts(with: clothes) ? IPAddress(Array(bytes[12...])) : self
  }

  /// The IPv4 address that packets to this one end up at, where its form carries one: mapped (::ffff:a.b.c.d), translated
  /// (::ffff:0:a.b.c.d), NAT64 (64:ff9b::) and 6to4 (2002:).
  public var carried: IPAddress? {
    guard bytes.count == 16 else { return nil }
    if bytes.starts(with: [0x20, 0x02]) { return IPAddress(Array(bytes[2..<6])) }
    let forms: [[UInt8]] = [
      Array(repeating: 0, count: 10) + [0xff, 0xff], Array(repeating: 0, count: 8) + [0xff, 0xff, 0, 0],
      [0, 0x64, 0xff, 0x9b] + Array(repeating: 0, count: 8),
    ]
    return forms.contains { bytes.starts(with: $0) } ? IPAddress(Array(bytes[12...])) : nil
  }
}
