import CTocsinProto
import Foundation

/// Any message of the protocol as JSON and back, by its full name: for `tocsinctl call` and for scripts.
///
/// Field names are those of the `.proto`; 64-bit numbers are strings, as in protobuf's own JSON; enums are names; bytes are
/// base64. Fields at their default are written too, so that scripts find every key.
public enum MessageJSON {
  public static func decode(fullName: String, bytes: [UInt8]) throws(WireError) -> String {
    let descriptor = try known(fullName)
    try Lint.outside.check(bytes, descriptor)
    let object = bytes.withUnsafeBytes { JSONReader.object($0, descriptor.pointer) }
    let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? JSONSerialization.data(withJSONObject: object, options: options) else {
      throw WireError(field: "", rule: "\(fullName) can't be written as JSON")
    }
    return String(decoding: data, as: UTF8.self)
  }

  public static func encode(fullName: String, json: String) throws(WireError) -> [UInt8] {
    let descriptor = try known(fullName)
    let object: Any
    do {
      object = try JSONSerialization.jsonObject(with: Data((json.isEmpty ? "{}" : json).utf8))
    } catch {
      let words = (error as NSError).userInfo["NSDebugDescription"].map { "\($0)" } ?? "\(error)"
      throw WireError(field: "", rule: "is not JSON: \(words)")
    }
    let bytes = try JSONWriter.message(object, descriptor.pointer, path: "")
    try Lint.outside.check(bytes, descriptor)
    return bytes
  }

  private static func known(_ fullName: String) throws(WireError) -> Descriptor {
    guard let descriptor = Schema.descriptors[fullName] else {
      throw WireError(field: "", rule: "there is no message \(fullName)")
    }
    return descriptor
  }
}

typealias FieldDescriptor = UnsafePointer<ProtobufCFieldDescriptor>
typealias MessageDescriptor = UnsafePointer<ProtobufCMessageDescriptor>

extension ProtobufCFieldDescriptor {
  var isRepeated: Bool { label == PROTOBUF_C_LABEL_REPEATED }
  var isOneof: Bool { flags & UInt32(PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue) != 0 }
  var inner: MessageDescriptor { UnsafeRawPointer(descriptor!).assumingMemoryBound(to: ProtobufCMessageDescriptor.self) }
  var enumeration: UnsafePointer<ProtobufCEnumDescriptor> {
    UnsafeRawPointer(descriptor!).assumingMemoryBound(to: ProtobufCEnumDescriptor.self)
  }
}

/// Linted bytes into what JSONSerialization writes.
private enum JSONReader {
  static func object(_ bytes: UnsafeRawBufferPointer, _ message: MessageDescriptor) -> [String: Any] {
    var object: [String: Any] = [:]
    for index in 0..<Int(message.pointee.n_fields) {
      let field = message.pointee.fields! + index
      if let value = initial(field) { object[String(cString: field.pointee.name)] = value }
    }
    var reader = WireReader(bytes)
    while let (number, type) = reader.isAtEnd ? nil : reader.tag() {
      guard let field = protobuf_c_message_descriptor_get_field(message, number) else {
        _ = reader.skip(type)
        continue
      }
      let name = String(cString: field.pointee.name)
      let isScalar = type != 2
      if field.pointee.isRepeated, !isScalar, field.pointee.type.isNumber {
        var inside = WireReader(reader.lengthDelimited() ?? UnsafeRawBufferPointer(start: nil, count: 0))
        var list = object[name] as? [Any] ?? []
        while !inside.isAtEnd, let value = scalar(field, &inside) { list.append(value) }
        object[name] = list
      } else if let value = scalar(field, &reader) {
        object[name] = field.pointee.isRepeated ? (object[name] as? [Any] ?? []) + [value] : value
      }
    }
    return object
  }

  private static func initial(_ field: FieldDescriptor) -> Any? {
    if field.pointee.isRepeated { return [Any]() }
    if field.pointee.isOneof { return nil }
    switch field.pointee.type {
    case PROTOBUF_C_TYPE_MESSAGE: return nil
    case PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_BYTES: return ""
    case PROTOBUF_C_TYPE_BOOL: return false
    case PROTOBUF_C_TYPE_ENUM: return name(0, field)
    case PROTOBUF_C_TYPE_INT64, PROTOBUF_C_TYPE_UINT64, PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_SFIXED64,
      PROTOBUF_C_TYPE_SINT64:
      return "0"
    default: return 0
    }
  }

  private static func scalar(_ field: FieldDescriptor, _ reader: inout WireReader) -> Any? {
    switch field.pointee.type {
    case PROTOBUF_C_TYPE_MESSAGE: return reader.lengthDelimited().map { object($0, field.pointee.inner) }
    case PROTOBUF_C_TYPE_STRING: return reader.lengthDelimited().map { String(decoding: $0, as: UTF8.self) }
    case PROTOBUF_C_TYPE_BYTES: return reader.lengthDelimited().map { Data($0).base64EncodedString() }
    case PROTOBUF_C_TYPE_BOOL: return reader.varint().map { $0 != 0 }
    case PROTOBUF_C_TYPE_ENUM: return reader.varint().map { name(Int32(truncatingIfNeeded: $0), field) }
    case PROTOBUF_C_TYPE_INT32: return reader.varint().map { Int32(truncatingIfNeeded: $0) }
    case PROTOBUF_C_TYPE_UINT32: return reader.varint().map { UInt32(truncatingIfNeeded: $0) }
    case PROTOBUF_C_TYPE_SINT32: return reader.varint().map { Int32(truncatingIfNeeded: $0 >> 1) ^ -Int32($0 & 1) }
    case PROTOBUF_C_TYPE_INT64: return reader.varint().map { String(Int64(bitPattern: $0)) }
    case PROTOBUF_C_TYPE_UINT64: return reader.varint().map { String($0) }
    case PROTOBUF_C_TYPE_FIXED64: return reader.take(8).map { String($0.loadUnaligned(as: UInt64.self).littleEndian) }
    case PROTOBUF_C_TYPE_FIXED32: return reader.take(4).map { $0.loadUnaligned(as: UInt32.self).littleEndian }
    case PROTOBUF_C_TYPE_DOUBLE: return reader.take(8).map { $0.loadUnaligned(as: Double.self) }
    default: return nil
    }
  }

  private static func name(_ number: Int32, _ field: FieldDescriptor) -> String {
    protobuf_c_enum_descriptor_get_value(field.pointee.enumeration, number).map { String(cString: $0.pointee.name) }
      ?? String(number)
  }
}

extension ProtobufCType {
  fileprivate var isNumber: Bool {
    self != PROTOBUF_C_TYPE_STRING && self != PROTOBUF_C_TYPE_BYTES && self != PROTOBUF_C_TYPE_MESSAGE
  }
}
