import CTocsinProto
import JSON

/// A linted message's bytes as JSON, by its descriptor, in the order of the `.proto`.
enum JSONReader {
  static func object(
    _ bytes: UnsafeRawBufferPointer, _ message: UnsafePointer<ProtobufCMessageDescriptor>
  ) -> JSONValue {
    var found = [[JSONValue]](repeating: [], count: message.count)
    var reader = WireReader(bytes)
    while let (number, type) = reader.isAtEnd ? nil : reader.tag() {
      guard let field = message.field(number) else {
        guard reader.skip(type) else { break }
        continue
      }
      let place = message.place(of: field)
      if type == 2, field.wireType != 2 {
        var packed = WireReader(reader.lengthDelimited() ?? UnsafeRawBufferPointer(start: nil, count: 0))
        while !packed.isAtEnd, let value = value(field, &packed) { found[place].append(value) }
      } else if let value = value(field, &reader) {
        found[place].append(value)
      }
    }
    var members: [JSONValue.Member] = []
    for place in 0..<message.count {
      let field = message.pointee.fields + place
      if field.isRepeated {
        members.append(JSONValue.Member(name: field.name, value: .array(found[place])))
      } else if let value = found[place].last ?? initial(field) {
        members.append(JSONValue.Member(name: field.name, value: value))
      }
    }
    return .object(members)
  }

  /// What a field is when it is not on the wire; nil when its absence says something.
  private static func initial(_ field: UnsafePointer<ProtobufCFieldDescriptor>) -> JSONValue? {
    if field.isInOneof { return nil }
    switch field.pointee.type {
    case PROTOBUF_C_TYPE_MESSAGE: return nil
    case PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_BYTES: return .string("")
    default:
      return zeros.withUnsafeBytes { bytes in
        var reader = WireReader(bytes)
        return value(field, &reader)
      }
    }
  }

  private static func value(
    _ field: UnsafePointer<ProtobufCFieldDescriptor>, _ reader: inout WireReader
  ) -> JSONValue? {
    switch field.pointee.type {
    case PROTOBUF_C_TYPE_MESSAGE: reader.lengthDelimited().map { object($0, field.message) }
    case PROTOBUF_C_TYPE_STRING: reader.lengthDelimited().map { .string(String(decoding: $0, as: UTF8.self)) }
    case PROTOBUF_C_TYPE_BYTES: reader.lengthDelimited().map { .string(Base64.text([UInt8]($0))) }
    case PROTOBUF_C_TYPE_BOOL: reader.varint().map { .bool($0 != 0) }
    case PROTOBUF_C_TYPE_ENUM: reader.varint().map { .string(name($0, field)) }
    case PROTOBUF_C_TYPE_INT32: reader.varint().map { .number("\(Int32(truncatingIfNeeded: $0))") }
    case PROTOBUF_C_TYPE_UINT32: reader.varint().map { .number("\(UInt32(truncatingIfNeeded: $0))") }
    case PROTOBUF_C_TYPE_SINT32: reader.varint().map { .number("\(unzigzag($0))") }
    case PROTOBUF_C_TYPE_INT64: reader.varint().map { .string("\(Int64(bitPattern: $0))") }
    case PROTOBUF_C_TYPE_SINT64: reader.varint().map { .string("\(unzigzag($0))") }
    case PROTOBUF_C_TYPE_UINT64: reader.varint().map { .string("\($0)") }
    case PROTOBUF_C_TYPE_FIXED64: reader.fixed(UInt64.self).map { .string("\($0)") }
    case PROTOBUF_C_TYPE_SFIXED64: reader.fixed(Int64.self).map { .string("\($0)") }
    case PROTOBUF_C_TYPE_FIXED32: reader.fixed(UInt32.self).map { .number("\($0)") }
    case PROTOBUF_C_TYPE_SFIXED32: reader.fixed(Int32.self).map { .number("\($0)") }
    case PROTOBUF_C_TYPE_DOUBLE: reader.fixed(UInt64.self).map { number(Double(bitPattern: $0)) }
    case PROTOBUF_C_TYPE_FLOAT: reader.fixed(UInt32.self).map { number(Double(Float(bitPattern: $0))) }
    default: nil
    }
  }

  private static let zeros = [UInt8](repeating: 0, count: 8)

  private static func unzigzag(_ value: UInt64) -> Int64 { Int64(value >> 1) ^ -Int64(value & 1) }

  private static func number(_ value: Double) -> JSONValue {
    if value.isNaN { return .string("NaN") }
    if value.isInfinite { return .string(value < 0 ? "-Infinity" : "Infinity") }
    return .number("\(value)")
  }

  private static func name(_ raw: UInt64, _ field: UnsafePointer<ProtobufCFieldDescriptor>) -> String {
    let number = Int32(truncatingIfNeeded: raw)
    return protobuf_c_enum_descriptor_get_value(field.enumeration, number).map { String(cString: $0.pointee.name) }
      ?? "\(number)"
  }
}
