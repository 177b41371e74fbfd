import CTocsinProto

/// The state of one lint: what was counted so far, and where in the message it is.
struct LintPass {
  private typealias Field = UnsafePointer<ProtobufCFieldDescriptor>

  let lint: Lint
  private var fields = 0
  private var unknown = 0
  private var path: [(name: UnsafePointer<CChar>, index: Int?)] = []

  init(lint: Lint) {
    self.lint = lint
  }

  mutating func check(
    _ bytes: UnsafeRawBufferPointer, _ message: UnsafePointer<ProtobufCMessageDescriptor>, depth: Int
  ) throws(WireError) {
    guard depth <= lint.depth else { throw fault("nests deeper than \(lint.depth) messages") }
    var reader = WireReader(bytes)
    var seen: UInt64 = 0
    var counts: [UInt32: Int] = [:]
    while !reader.isAtEnd {
      guard let (number, type) = reader.tag() else { throw fault("holds a malformed tag") }
      fields += 1
      guard fields <= lint.fields else { throw fault("has more than \(lint.fields) fields") }
      guard let field = find(number, in: message) else {
        unknown += 1
        guard unknown <= lint.unknown else { throw fault("has unknown fields (the last is number \(number)); at most \(lint.unknown) are taken") }
        guard reader.skip(type) else { throw fault("ends in the middle of unknown field \(number)") }
        continue
      }
      let isRepeated = field.pointee.label == PROTOBUF_C_LABEL_REPEATED
      let place = UInt64(field - message.pointee.fields!)
      if !isRepeated, lint.refusesDuplicates {
        guard place >= 64 || seen & (1 << place) == 0 else { throw fault("occurs twice", in: field) }
        if place < 64 { seen |= 1 << place }
      }
      if isRepeated { counts[number, default: 0] += 1 }
      path.append((field.pointee.name, isRepeated ? counts[number]! - 1 : nil))
      try check(field, type, &reader, depth: depth, isRepeated: isRepeated)
      path.removeLast()
    }
  }

  private mutating func check(
    _ field: UnsafePointer<ProtobufCFieldDescriptor>, _ type: UInt8, _ reader: inout WireReader, depth: Int,
    isRepeated: Bool
  ) throws(WireError) {
    switch field.pointee.type {
    case PROTOBUF_C_TYPE_STRING:
      guard type == 2, let bytes = reader.lengthDelimited() else { throw fault("must be a string within its message") }
      try checkText(bytes)
    case PROTOBUF_C_TYPE_BYTES:
      guard type == 2, let bytes = reader.lengthDelimited() else { throw fault("must be bytes within their message") }
      guard bytes.count <= lint.bytes else { throw fault("is longer than \(lint.bytes) bytes") }
    case PROTOBUF_C_TYPE_MESSAGE:
      guard type == 2, let bytes = reader.lengthDelimited() else { throw fault("must be a message within its parent") }
      let inner = UnsafeRawPointer(field.pointee.descriptor!).assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
      try check(bytes, inner, depth: depth + 1)
    default:
      if type == 2, isRepeated {
        guard let bytes = reader.lengthDelimited() else { throw fault("ends in the middle of a list") }
        var inside = WireReader(bytes)
        while !inside.isAtEnd {
          fields += 1
          guard fields <= lint.fields else { throw fault("has more than \(lint.fields) fields") }
          try checkScalar(field, expectedType(field), &inside)
        }
      } else {
        guard type == expectedType(field) else { throw fault("has wire type \(type); \(expectedType(field)) is expected") }
        try checkScalar(field, type, &reader)
      }
    }
  }

  private func checkScalar(
    _ field: UnsafePointer<ProtobufCFieldDescriptor>, _ type: UInt8, _ reader: inout WireReader
  ) throws(WireError) {
    guard type == 0 else {
      guard reader.skip(type) else { throw fault("ends in the middle of a number") }
      return
    }
    guard let value = reader.varint() else { throw fault("holds a malformed number") }
    guard field.pointee.type == PROTOBUF_C_TYPE_ENUM else { return }
    let known = UnsafeRawPointer(field.pointee.descriptor!).assumingMemoryBound(to: ProtobufCEnumDescriptor.self)
    guard let number = Int32(exactly: value), protobuf_c_enum_descriptor_get_value(known, number) != nil else {
      throw fault("\(value) is no value of \(String(cString: known.pointee.short_name))")
    }
  }

  private func checkText(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
    guard bytes.count <= lint.stringBytes else {
      throw fault("has \(bytes.count) bytes; a text has at most \(lint.stringBytes)")
    }
    var isASCII = true
    for byte in bytes {
      if byte < 0x20, byte != 0x0a, byte != 0x09, byte != 0x0d {
        throw fault(byte == 0 ? "holds a NUL" : "holds the control character \(byte)")
      }
      if byte >= 0x7f { isASCII = false }
    }
    if isASCII { return }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("is not valid UTF-8") }
    for scalar in text.unicodeScalars where (0x7f...0x9f).contains(scalar.value) {
      throw fault("holds the control character \(scalar.value)")
    }
  }

  private func expectedType(_ field: UnsafePointer<ProtobufCFieldDescriptor>) -> UInt8 {
    switch field.pointee.type {
    case PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_SFIXED64, PROTOBUF_C_TYPE_DOUBLE: 1
    case PROTOBUF_C_TYPE_FIXED32, PROTOBUF_C_TYPE_SFIXED32, PROTOBUF_C_TYPE_FLOAT: 5
    default: 0
    }
  }

  private func find(
    _ number: UInt32, in message: UnsafePointer<ProtobufCMessageDescriptor>
  ) -> UnsafePointer<ProtobufCFieldDescriptor>? {
    protobuf_c_message_descriptor_get_field(message, number)
  }

  private func fault(_ rule: String, in field: UnsafePointer<ProtobufCFieldDescriptor>? = nil) -> WireError {
    var names = path.map { place in
      String(cString: place.name) + (place.index.map { "[\($0)]" } ?? "")
    }
    if let field { names.append(String(cString: field.pointee.name)) }
    return WireError(field: names.joined(separator: "."), rule: rule)
  }
}
