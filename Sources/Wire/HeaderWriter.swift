import Messages

/// Builds a header's bytes in a buffer that is used again for each message.
public struct HeaderWriter {
  private var buffer: UnsafeMutableRawBufferPointer
  private var count = 0

  /// - Parameter buffer: at least `RawHeader.maximumBytes` long; owned by the caller.
  public init(into buffer: UnsafeMutableRawBufferPointer) {
    precondition(buffer.count >= RawHeader.maximumBytes, "a header needs \(RawHeader.maximumBytes) bytes of room")
    self.buffer = buffer
  }

  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<count]) }

  /// Begin with what every header has.
  public mutating func begin(_ kind: Kind, callID: UInt64) {
    count = 0
    varint(1, 1)
    varint(2, UInt64(kind.rawValue))
    fixed(3, callID)
  }

  public mutating func varint(_ field: UInt8, _ value: UInt64) {
    guard value != 0 else { return }
    tag(field, 0)
    varint(value)
  }

  public mutating func zigzag(_ field: UInt8, _ value: Int32) {
    varint(field, UInt64(UInt32(bitPattern: value << 1 ^ value >> 31)))
  }

  public mutating func fixed(_ field: UInt8, _ value: UInt64) {
    guard value != 0 else { return }
    tag(field, 1)
    buffer.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt64.self)
    count += 8
  }

  public mutating func fixed(_ field: UInt8, _ value: UInt32) {
    guard value != 0 else { return }
    tag(field, 5)
    buffer.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt32.self)
    count += 4
  }

  public mutating func bytes(_ field: UInt8, _ value: UnsafeRawBufferPointer) {
    guard value.count > 0 else { return }
    tag(field, 2)
    varint(UInt64(value.count))
    UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: value)
    count += value.count
  }

  public mutating func bytes(_ field: UInt8, _ value: [UInt8]) {
    value.withUnsafeBytes { bytes(field, $0) }
  }

  private mutating func tag(_ field: UInt8, _ type: UInt8) {
    if field < 16 {
      buffer[count] = field << 3 | type
      count += 1
    } else {
      varint(UInt64(field) << 3 | UInt64(type))
    }
  }

  private mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      buffer[count] = UInt8(truncatingIfNeeded: value) | 0x80
      count += 1
      value >>= 7
    }
    buffer[count] = UInt8(value)
    count += 1
  }
}
