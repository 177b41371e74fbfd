import CTocsinProto

/// One pass over a message's bytes: what was counted so far, and the rules for each field.
///
/// A message without fault costs no allocation: where a fault lies is worked out only when there is one, on the way back up.
struct LintPass {
  typealias Message = UnsafePointer<ProtobufCMessageDescriptor>
  typealias Field = UnsafePointer<ProtobufCFieldDescriptor>

  let lint: Lint
  private var fields = 0
  private var unknown = 0

  init(lint: Lint) {
    self.lint = lint
  }

  mutating func check(_ bytes: UnsafeRawBufferPointer, _ message: Message, depth: Int) throws(WireError) {
    guard depth <= lint.depth else { throw fault("nests deeper than \(lint.depth) messages") }
    var reader = WireReader(bytes)
    var seen: UInt128 = 0
    while !reader.isAtEnd {
      let start = reader.position
      guard let (number, type) = reader.tag() else { throw fault("holds a malformed tag") }
      try countField()
      guard let field = message.field(number) else {
        try skipUnknown(number, type, &reader)
        continue
      }
      do throws(WireError) {
        if field.pointee.label != PROTOBUF_C_LABEL_REPEATED { try once(field, message, &seen) }
        try check(field, type, &reader, depth: depth)
      } catch {
        throw error.inside(field.place(in: bytes, at: start))
      }
    }
  }

  private mutating func countField() throws(WireError) {
    fields += 1
    guard fields <= lint.fields else { throw fault("the message has more than \(lint.fields) fields") }
  }

  private mutating func skipUnknown(_ number: UInt32, _ type: UInt8, _ reader: inout WireReader) throws(WireError) {
    unknown += 1
    guard unknown <= lint.unknown else {
      throw fault("has unknown fields (the last is number \(number)); at most \(lint.unknown) are taken")
    }
    guard reader.skip(type) else { throw fault("ends in the middle of unknown field \(number)") }
  }

  /// A singular field comes once, and of a oneof one member: which of two is meant would depend on who reads.
  private func once(_ field: Field, _ message: Message, _ seen: inout UInt128) throws(WireError) {
    let mark: UInt128 = 1 &<< UInt128(message.place(of: field))
    guard seen & mark == 0 else { throw fault("occurs twice") }
    if field.isInOneof {
      for other in 0..<message.count where seen & (1 &<< UInt128(other)) != 0 {
        let one = message.pointee.fields + other
        guard !one.isInOneof || one.pointee.quantifier_offset != field.pointee.quantifier_offset else {
          throw fault("can't be given together with \(String(cString: one.pointee.name))")
        }
      }
    }
    seen |= mark
  }

  private mutating func check(
    _ field: Field, _ type: UInt8, _ reader: inout WireReader, depth: Int
  ) throws(WireError) {
    switch field.pointee.type {
    case PROTOBUF_C_TYPE_STRING:
      guard type == 2, let bytes = reader.lengthDelimited() else { throw fault("must be a string within its message") }
      try checkText(bytes)
    case PROTOBUF_C_TYPE_BYTES:
      guard type == 2, reader.lengthDelimited() != nil else { throw fault("must be bytes within their message") }
    case PROTOBUF_C_TYPE_MESSAGE:
      guard type == 2, let bytes = reader.lengthDelimited() else { throw fault("must be a message within its parent") }
      try check(bytes, field.message, depth: depth + 1)
    default:
      if type == 2, field.pointee.label == PROTOBUF_C_LABEL_REPEATED {
        guard let bytes = reader.lengthDelimited() else { throw fault("must be a list within its message") }
        var packed = WireReader(bytes)
        while !packed.isAtEnd {
          try countField()
          try checkNumber(field, &packed)
        }
      } else {
        guard type == field.wireType else { throw fault("has wire type \(type); \(field.wireType) is expected") }
        try checkNumber(field, &reader)
      }
    }
  }

  private func checkNumber(_ field: Field, _ reader: inout WireReader) throws(WireError) {
    guard field.wireType == 0 else {
      guard reader.skip(field.wireType) else { throw fault("ends in the middle of a number") }
      return
    }
    guard let value = reader.varint() else { throw fault("holds a malformed number") }
    switch field.pointee.type {
    case PROTOBUF_C_TYPE_ENUM:
      guard let number = Int32(exactly: value), protobuf_c_enum_descriptor_get_value(field.enumeration, number) != nil
      else { throw fault("\(value) is no value of \(String(cString: field.enumeration.pointee.short_name))") }
    case PROTOBUF_C_TYPE_UINT32, PROTOBUF_C_TYPE_SINT32:
      guard UInt32(exactly: value) != nil else { throw fault("\(value) does not fit 32 bits") }
    case PROTOBUF_C_TYPE_INT32:
      guard Int32(exactly: Int64(bitPattern: value)) != nil else { throw fault("\(value) does not fit 32 bits") }
    case PROTOBUF_C_TYPE_INT64 where lint.boundsTimes:
      let time = Int64(bitPattern: value)
      guard !(-Lint.longest...Lint.longest).contains(time), field.name.hasSuffix("_ms") else { break }
      throw fault("\(time) ms lies beyond the year 9999")
    default: break
    }
  }

  private func checkText(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
    guard bytes.count <= lint.stringBytes else {
      throw fault("has \(bytes.count) bytes; a text has at most \(lint.stringBytes)")
    }
    switch TextCheck(bytes, takesControls: lint.takesControls) {
    case .text: break
    case .control(0): throw fault("holds a NUL")
    case .control(let code): throw fault("holds the control character \(code)")
    case .notUTF8: throw fault("is not valid UTF-8")
    }
  }

  private func fault(_ rule: String) -> WireError { WireError(field: "", rule: rule) }
}
