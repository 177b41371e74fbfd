import Messages

/// A header as it lies in its frame: read once, without copies, and only what may be there. The generated `Header` is the
/// same thing for those who aren't in a hurry.
public struct RawHeader {
  public var version: UInt32 = 0
  public var kind: UInt32 = 0
  public var callID: UInt64 = 0
  public var method = UnsafeRawBufferPointer(start: nil, count: 0)
  public var timeoutMilliseconds: UInt32 = 0
  public var attempt: UInt32 = 0
  public var idempotencyKey = UnsafeRawBufferPointer(start: nil, count: 0)
  public var streamSequence: UInt64 = 0
  public var credit: UInt32 = 0
  public var status: UInt32 = 0
  public var statusMessage = UnsafeRawBufferPointer(start: nil, count: 0)
  public var statusDetails = UnsafeRawBufferPointer(start: nil, count: 0)
  public var pushbackMilliseconds: Int32 = 0
  public var serverEpoch: UInt64 = 0
  public var traceparent = UnsafeRawBufferPointer(start: nil, count: 0)
  public var payloadChecksum: UInt32 = 0
  public var session = UnsafeRawBufferPointer(start: nil, count: 0)
  public var sequence: UInt64 = 0
  public var acknowledgedThrough: UInt64 = 0

  public static let maximumBytes = 4_096

  public init() {}

  /// - Throws: what is wrong with the frame, naming the field.
  public init(_ frame: UnsafeRawBufferPointer) throws(WireError) {
    guard frame.count <= Self.maximumBytes else {
      throw WireError(field: "header", rule: "has \(frame.count) bytes; at most \(Self.maximumBytes) are taken")
    }
    var reader = WireReader(frame)
    var seen: UInt32 = 0
    while !reader.isAtEnd {
      guard let (number, type) = reader.tag() else { throw WireError(field: "header", rule: "holds a malformed tag") }
      guard number <= 20 else {
        guard reader.skip(type) else { throw WireError(field: "header", rule: "ends in the middle of field \(number)") }
        continue
      }
      let bit = UInt32(1) << number
      guard number == 20 || seen & bit == 0 else {
        throw WireError(field: "header", rule: "field \(number) occurs twice")
      }
      seen |= bit
      guard read(number, type, &reader) else {
        throw WireError(field: "header", rule: "field \(number) is malformed or of the wrong wire type")
      }
    }
  }

  private mutating func read(_ number: UInt32, _ type: UInt8, _ reader: inout WireReader) -> Bool {
    switch (number, type) {
    case (1, 0): reader.number(&version)
    case (2, 0): reader.number(&kind)
    case (3, 1): reader.fixed(&callID)
    case (4, 2): reader.slice(&method)
    case (5, 0): reader.number(&timeoutMilliseconds)
    case (6, 0): reader.number(&attempt)
    case (7, 2): reader.slice(&idempotencyKey)
    case (8, 1): reader.fixed(&streamSequence)
    case (9, 0): reader.number(&credit)
    case (10, 0): reader.number(&status)
    case (11, 2): reader.slice(&statusMessage)
    case (12, 2): reader.slice(&statusDetails)
    case (13, 0): reader.zigzag(&pushbackMilliseconds)
    case (14, 1): reader.fixed(&serverEpoch)
    case (15, 2): reader.slice(&traceparent)
    case (16, 5): reader.fixed(&payloadChecksum)
    case (17, 2): reader.slice(&session)
    case (18, 1): reader.fixed(&sequence)
    case (19, 1): reader.fixed(&acknowledgedThrough)
    case (20, 2): reader.skip(type)
    default: false
    }
  }
}

extension WireReader {
  fileprivate mutating func number(_ into: inout UInt32) -> Bool {
    guard let value = varint(), let number = UInt32(exactly: value) else { return false }
    into = number
    return true
  }

  fileprivate mutating func zigzag(_ into: inout Int32) -> Bool {
    var raw: UInt32 = 0
    guard number(&raw) else { return false }
    into = Int32(bitPattern: raw >> 1) ^ -Int32(bitPattern: raw & 1)
    return true
  }

  fileprivate mutating func fixed<Number: FixedWidthInteger>(_ into: inout Number) -> Bool {
    guard let bytes = take(MemoryLayout<Number>.size) else { return false }
    into = Number(littleEndian: bytes.loadUnaligned(as: Number.self))
    return true
  }

  fileprivate mutating func slice(_ into: inout UnsafeRawBufferPointer) -> Bool {
    guard let bytes = lengthDelimited() else { return false }
    into = bytes
    return true
  }
}
