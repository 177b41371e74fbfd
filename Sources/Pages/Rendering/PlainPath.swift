/// A path of ours with what others have named in it.
enum PlainPath {
  /// "/incidents/2f-1/acknowledge"
  static func to(_ parts: String...) -> String { "/" + parts.map { escaped($0) }.joined(separator: "/") }

  /// Letters, digits and - . _ ~ as they are, any other byte as %2F.
  static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: String(UnicodeScalar(byte))
      default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }.joined()
  }
}
