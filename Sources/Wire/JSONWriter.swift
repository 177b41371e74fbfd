import CTocsinProto
import JSON

/// JSON as the bytes of a message; each mistake names the field and what is expected there.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(
    _ json: JSONValue, _ message: UnsafePointer<ProtobufCMessageDescriptor>
  ) throws(WireError) {
    guard case .object(let members) = json else { throw WireError(field: "", rule: "must be a JSON object") }
    for member in members {
      let (name, value) = (member.name, member.value)
      guard let field = Self.field(name, of: message) else {
        let known = (0..<message.count).map { (message.pointee.fields + $0).name }
        throw WireError(
          field: name, rule: "is no field of \(message.fullName), which has \(known.joined(separator: ", "))")
      }
      if value == .null { continue }
      guard field.isRepeated else {
        try put(value, field, field.name)
        continue
      }
      guard case .array(let elements) = value else { throw WireError(field: field.name, rule: "must be a JSON array") }
      for (index, element) in elements.enumerated() { try put(element, field, "\(field.name)[\(index)]") }
    }
  }

  /// By the name in the `.proto`, or as protobuf's JSON spells it.
  private static func field(
    _ name: String, of message: UnsafePointer<ProtobufCMessageDescriptor>
  ) -> UnsafePointer<ProtobufCFieldDescriptor>? {
    let snake = name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    return protobuf_c_message_descriptor_get_field_by_name(message, name)
      ?? protobuf_c_message_descriptor_get_field_by_name(message, snake)
  }

  private mutating func put(
    _ json: JSONValue, _ field: UnsafePointer<ProtobufCFieldDescriptor>, _ place: String
  ) throws(WireError) {
    varint(UInt64(field.pointee.id) << 3 | UInt64(field.wireType))
    do throws(WireError) {
      switch field.pointee.type {
      case PROTOBUF_C_TYPE_MESSAGE:
        var inner = JSONWriter()
        try inner.write(json, field.message)
        delimited(inner.bytes)
      case PROTOBUF_C_TYPE_STRING:
        guard case .string(let text) = json else { throw WireError(field: "", rule: "must be a JSON string") }
        delimited(Array(text.utf8))
      case PROTOBUF_C_TYPE_BYTES:
        guard case .string(let text) = json, let content = Base64.bytes(text) else {
          throw WireError(field: "", rule: "must be a JSON string in base64")
        }
        delimited(content)
      case PROTOBUF_C_TYPE_BOOL:
        guard case .bool(let value) = json else { throw WireError(field: "", rule: "must be true or false") }
        varint(value ? 1 : 0)
      case PROTOBUF_C_TYPE_ENUM: varint(UInt64(try Self.value(json, field.enumeration)))
      case PROTOBUF_C_TYPE_DOUBLE: fixed(try Self.double(json).bitPattern)
      case PROTOBUF_C_TYPE_FLOAT: fixed(Float(try Self.double(json)).bitPattern)
      case PROTOBUF_C_TYPE_UINT32: varint(UInt64(try Self.integer(json, UInt32.self)))
      case PROTOBUF_C_TYPE_UINT64: varint(try Self.integer(json, UInt64.self))
      case PROTOBUF_C_TYPE_FIXED32: fixed(try Self.integer(json, UInt32.self))
      case PROTOBUF_C_TYPE_FIXED64: fixed(try Self.integer(json, UInt64.self))
      case PROTOBUF_C_TYPE_SFIXED32: fixed(try Self.integer(json, Int32.self))
      case PROTOBUF_C_TYPE_SFIXED64: fixed(try Self.integer(json, Int64.self))
      case PROTOBUF_C_TYPE_SINT32: varint(Self.zigzag(Int64(try Self.integer(json, Int32.self))))
      case PROTOBUF_C_TYPE_SINT64: varint(Self.zigzag(try Self.integer(json, Int64.self)))
      case PROTOBUF_C_TYPE_INT32: varint(UInt64(bitPattern: Int64(try Self.integer(json, Int32.self))))
      default: varint(UInt64(bitPattern: try Self.integer(json, Int64.self)))
      }
    } catch {
      throw error.inside(place)
    }
  }

  private static func value(
    _ json: JSONValue, _ values: UnsafePointer<ProtobufCEnumDescriptor>
  ) throws(WireError) -> UInt32 {
    if case .string(let name) = json, let found = protobuf_c_enum_descriptor_get_value_by_name(values, name) {
      return UInt32(bitPattern: found.pointee.value)
    }
    let names = (0..<Int(values.pointee.n_values)).map { String(cString: values.pointee.values[$0].name) }
    throw WireError(field: "", rule: "must be one of \(names.joined(separator: ", "))")
  }

  private static func integer<Number: FixedWidthInteger>(
    _ json: JSONValue, _ type: Number.Type
  ) throws(WireError) -> Number {
    switch json {
    case .number(let digits), .string(let digits):
      if let value = Number(digits) { return value }
    default: break
    }
    throw WireError(field: "", rule: "must be a whole number from \(Number.min) to \(Number.max)")
  }

  private static func double(_ json: JSONValue) throws(WireError) -> Double {
    switch json {
    case .number(let digits), .string(let digits):
      if let value = Double(digits) { return value }
    default: break
    }
    throw WireError(field: "", rule: "must be a number")
  }

  private static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func delimited(_ content: [UInt8]) {
    varint(UInt64(content.count))
    bytes += content
  }

  private mutating func fixed<Number: FixedWidthInteger>(_ value: Number) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}
