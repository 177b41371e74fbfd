/// `a=b&c=d`, as it stands behind a "?" and in forms.
struct FormFields: Sendable {
  static let fieldsAtMost = 100
  private var pairs: [(name: String, value: String)] = []

  init(_ text: String) {
    for part in text.split(separator: "&", maxSplits: Self.fieldsAtMost).prefix(Self.fieldsAtMost) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      pairs.append((Self.plain(sides[0]), sides.count > 1 ? Self.plain(sides[1]) : ""))
    }
  }

  /// The first of a name, without spaces around it; empty when there is none.
  subscript(name: String) -> String {
    guard let value = pairs.first(where: { $0.name == name })?.value else { return "" }
    return String(value.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }

  /// `%41` is A, a plus is a space.
  private static func plain(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(hex: rest.prefix(2)) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    // A form's line ends are CR LF; a request holds no NUL.
    return String(decoding: bytes.filter { $0 != 0x0d && $0 != 0 }, as: UTF8.self)
  }
}

extension UInt8 {
  fileprivate init?(hex digits: ArraySlice<UInt8>) {
    guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    self.init(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
