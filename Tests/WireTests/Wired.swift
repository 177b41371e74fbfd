/// Bytes in protobuf's wire format, written by hand: what any client could send, right or wrong.
struct Wired {
  private(set) var bytes: [UInt8] = []

  static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  mutating func number(_ field: UInt64, _ value: UInt64) {
    bytes += Self.varint(field << 3) + Self.varint(value)
  }

  mutating func fixed<Number: FixedWidthInteger>(_ field: UInt64, _ value: Number) {
    bytes += Self.varint(field << 3 | (Number.bitWidth == 64 ? 1 : 5))
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  mutating func delimited(_ field: UInt64, _ content: [UInt8]) {
    bytes += Self.varint(field << 3 | 2) + Self.varint(UInt64(content.count)) + content
  }

  mutating func text(_ field: UInt64, _ text: String) { delimited(field, Array(text.utf8)) }

  mutating func raw(_ more: [UInt8]) { bytes += more }

  static func message(_ write: (inout Wired) -> Void) -> [UInt8] {
    var message = Wired()
    write(&message)
    return message.bytes
  }
}
