import CTocsinProto
import Foundation

/// What JSONSerialization read, as the bytes of a message; each mistake names the field and what is expected there.
enum JSONWriter {
  static func message(_ json: Any, _ message: MessageDescriptor, path: String) throws(WireError) -> [UInt8] {
    guard let object = json as? [String: Any] else { throw WireError(field: path, rule: "must be a JSON object") }
    var bytes: [UInt8] = []
    for (name, value) in object.sorted(by: { $0.key < $1.key }) {
      let place = path.isEmpty ? name : "\(path).\(name)"
      guard let field = protobuf_c_message_descriptor_get_field_by_name(message, name) else {
        let known = (0..<Int(message.pointee.n_fields)).map { String(cString: (message.pointee.fields! + $0).pointee.name) }
        throw WireError(
          field: place, rule: "is no field of \(String(cString: message.pointee.name)), which has \(known.joined(separator: ", "))")
      }
      if value is NSNull { continue }
      if field.pointee.isRepeated {
        guard let list = value as? [Any] else { throw WireError(field: place, rule: "must be a JSON array") }
        for (index, element) in list.enumerated() { try put(element, field, "\(place)[\(index)]", &bytes) }
      } else {
        try put(value, field, place, &bytes)
      }
    }
    return bytes
  }

  private static func put(
    _ json: Any, _ field: FieldDescriptor, _ place: String, _ bytes: inout [UInt8]
  ) throws(WireError) {
    let number = UInt64(field.pointee.id)
    switch field.pointee.type {
    case PROTOBUF_C_TYPE_MESSAGE: delimited(number, try message(json, field.pointee.inner, path: place), &bytes)
    case PROTOBUF_C_TYPE_STRING:
      guard let text = json as? String else { throw WireError(field: place, rule: "must be a JSON string") }
      delimited(number, Array(text.utf8), &bytes)
    case PROTOBUF_C_TYPE_BYTES:
      guard let text = json as? String, let data = Data(base64Encoded: text) else {
        throw WireError(field: place, rule: "must be base64")
      }
      delimited(number, [UInt8](data), &bytes)
    case PROTOBUF_C_TYPE_BOOL:
      guard let value = json as? Bool else { throw WireError(field: place, rule: "must be true or false") }
      varint(number << 3, value ? 1 : 0, &bytes)
    case PROTOBUF_C_TYPE_ENUM: varint(number << 3, UInt64(bitPattern: Int64(try value(json, field, place))), &bytes)
    case PROTOBUF_C_TYPE_DOUBLE:
      guard let value = json as? Double else { throw WireError(field: place, rule: "must be a number") }
      fixed(number << 3 | 1, value.bitPattern, &bytes)
    case PROTOBUF_C_TYPE_FIXED64: fixed(number << 3 | 1, UInt64(truncatingIfNeeded: try integer(json, 0...Int.max, place)), &bytes)
    case PROTOBUF_C_TYPE_FIXED32:
      fixed(number << 3 | 5, UInt32(try integer(json, 0...Int(UInt32.max), place)), &bytes)
    case PROTOBUF_C_TYPE_SINT32:
      let value = try integer(json, Int(Int32.min)...Int(Int32.max), place)
      varint(number << 3, UInt64(truncatingIfNeeded: value << 1 ^ value >> 63), &bytes)
    case PROTOBUF_C_TYPE_UINT32: varint(number << 3, UInt64(try integer(json, 0...Int(UInt32.max), place)), &bytes)
    case PROTOBUF_C_TYPE_UINT64: varint(number << 3, UInt64(try integer(json, 0...Int.max, place)), &bytes)
    default: varint(number << 3, UInt64(bitPattern: Int64(try integer(json, Int.min...Int.max, place))), &bytes)
    }
  }

  private static func value(_ json: Any, _ field: FieldDescriptor, _ place: String) throws(WireError) -> Int32 {
    let values = field.pointee.enumeration
    if let name = json as? String, let found = protobuf_c_enum_descriptor_get_value_by_name(values, name) {
      return found.pointee.value
    }
    if let number = json as? Int, let exact = Int32(exactly: number),
      protobuf_c_enum_descriptor_get_value(values, exact) != nil
    {
      return exact
    }
    let names = (0..<Int(values.pointee.n_values)).map { String(cString: (values.pointee.values! + $0).pointee.name) }
    throw WireError(field: place, rule: "must be one of \(names.joined(separator: ", "))")
  }

  private static func integer(_ json: Any, _ range: ClosedRange<Int>, _ place: String) throws(WireError) -> Int {
    let value = (json as? String).flatMap { Int($0) } ?? (json as? NSNumber).flatMap { Int(exactly: $0.doubleValue) }
    guard let value, range.contains(value) else {
      throw WireError(field: place, rule: "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  private static func varint(_ tag: UInt64, _ value: UInt64, _ bytes: inout [UInt8]) {
    for var rest in [tag, value] {
      while rest >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
  }

  private static func delimited(_ number: UInt64, _ content: [UInt8], _ bytes: inout [UInt8]) {
    varint(number << 3 | 2, UInt64(content.count), &bytes)
    bytes += content
  }

  private static func fixed<Number: FixedWidthInteger>(_ tag: UInt64, _ value: Number, _ bytes: inout [UInt8]) {
    bytes.append(UInt8(tag))
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}
