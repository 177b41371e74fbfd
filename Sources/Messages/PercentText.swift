/// Text as it stands in addresses and forms: `%41` is A. What is no pair of hexadecimal digits stands for itself.
public enum PercentText {
  /// What is no text then has U+FFFD in it.
  ///
  /// - Parameter isForm: a plus is a space.
  public static func plain(_ text: some Sequence<UInt8>, isForm: Bool = false) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text)[...]
    bytes.reserveCapacity(rest.count)
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = Self.byte(of: rest.prefix(2)) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(isForm && byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func byte(of digits: ArraySlice<UInt8>) -> UInt8? {
    guard digits.count == 2, let high = HexText.value(digits[digits.startIndex]),
      let low = HexText.value(digits[digits.startIndex + 1])
    else { return nil }
    return high << 4 | low
  }
}
