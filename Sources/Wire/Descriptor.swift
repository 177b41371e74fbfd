import CTocsinProto

/// A pointer to one of protobuf-c's descriptors: constant data, made by protoc-c, that nobody writes.
struct Descriptor: @unchecked Sendable {
  // Sendable because the descriptors are immutable globals of the generated C code.
  let pointer: UnsafePointer<ProtobufCMessageDescriptor>

  init(_ pointer: UnsafePointer<ProtobufCMessageDescriptor>) {
    self.pointer = pointer
  }
}

extension UnsafePointer<ProtobufCMessageDescriptor> {
  var fullName: String { String(cString: pointee.name) }
  var count: Int { Int(pointee.n_fields) }

  /// Fields are numbered from 1 without gaps almost everywhere: look there first.
  func field(_ number: UInt32) -> UnsafePointer<ProtobufCFieldDescriptor>? {
    if number <= pointee.n_fields, pointee.fields[Int(number) - 1].id == number {
      return pointee.fields + (Int(number) - 1)
    }
    return protobuf_c_message_descriptor_get_field(self, number)
  }

  func place(of field: UnsafePointer<ProtobufCFieldDescriptor>) -> Int { field - pointee.fields }
}

extension UnsafePointer<ProtobufCFieldDescriptor> {
  var name: String { String(cString: pointee.name) }
  var isRepeated: Bool { pointee.label == PROTOBUF_C_LABEL_REPEATED }
  var isInOneof: Bool { pointee.flags & UInt32(PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue) != 0 }

  /// Of a field of message type.
  var message: UnsafePointer<ProtobufCMessageDescriptor> {
    UnsafeRawPointer(pointee.descriptor!).assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
  }

  /// Of a field of enum type.
  var enumeration: UnsafePointer<ProtobufCEnumDescriptor> {
    UnsafeRawPointer(pointee.descriptor!).assumingMemoryBound(to: ProtobufCEnumDescriptor.self)
  }

  /// How one element lies on the wire.
  var wireType: UInt8 {
    switch pointee.type {
    case PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_SFIXED64, PROTOBUF_C_TYPE_DOUBLE: 1
    case PROTOBUF_C_TYPE_FIXED32, PROTOBUF_C_TYPE_SFIXED32, PROTOBUF_C_TYPE_FLOAT: 5
    case PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_MESSAGE: 2
    default: 0
    }
  }

  /// "labels[3]": the field that begins at an offset of its message, for people.
  func place(in message: UnsafeRawBufferPointer, at offset: Int) -> String {
    guard isRepeated else { return name }
    var reader = WireReader(message)
    var index = 0
    while reader.position < offset, let (number, type) = reader.tag(), reader.skip(type) {
      if number == pointee.id { index += 1 }
    }
    return "\(name)[\(index)]"
  }
}
