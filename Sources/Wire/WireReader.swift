/// Reads the wire format's pieces, never past the end.
struct WireReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { position == bytes.count }

  /// A field number and wire type; nil when there is none that may be.
  mutating func tag() -> (number: UInt32, type: UInt8)? {
    guard let value = varint(bytes: 5), value >> 3 >= 1, value >> 3 <= 0x1fff_ffff else { return nil }
    let type = UInt8(value & 7)
    guard type == 0 || type == 1 || type == 2 || type == 5 else { return nil }
    return (UInt32(value >> 3), type)
  }

  /// - Parameter most: tags and lengths have at most 5 bytes, as protobuf-c reads them.
  mutating func varint(bytes most: UInt64 = 10) -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.count, shift < 7 * most {
      let byte = bytes[position]
      position += 1
      if shift == 63, byte > 1 { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }

  mutating func lengthDelimited() -> UnsafeRawBufferPointer? {
    guard let length = varint(bytes: 5), length <= UInt64(bytes.count - position) else { return nil }
    defer { position += Int(length) }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(length)])
  }

  mutating func skip(_ type: UInt8) -> Bool {
    switch type {
    case 0: return varint() != nil
    case 2: return lengthDelimited() != nil
    default:
      let size = type == 1 ? 8 : 4
      guard bytes.count - position >= size else { return false }
      position += size
      return true
    }
  }

  /// The next bytes; nil when there are fewer.
  mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
    guard bytes.count - position >= count else { return nil }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  mutating func fixed<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
    take(MemoryLayout<Number>.size).map { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
  }
}
