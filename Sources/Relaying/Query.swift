/// `a=b&c=d`, as it stands behind a "?" and in forms.
enum Query {
  static func pairs(_ text: some StringProtocol) -> [(name: String, value: String)] {
    text.split(separator: "&", maxSplits: 1_000).map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (plain(parts[0], isForm: true), parts.count > 1 ? plain(parts[1], isForm: true) : "")
    }
  }

  /// The first of a name.
  static func value(_ name: String, in text: some StringProtocol) -> String? {
    pairs(text).first { $0.name == name }?.value
  }

  /// `%41` is A; what is no text then stands for nothing.
  static func plain(_ text: some StringProtocol, isForm: Bool = false) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2, let value = hex(rest.prefix(2)) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(isForm && byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func hex(_ digits: ArraySlice<UInt8>) -> UInt8? {
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
