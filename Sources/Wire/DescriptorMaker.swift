import CTocsinProto
import Glibc

/// Makes protobuf-c's descriptors, as protoc-c writes them, at run time.
struct DescriptorMaker {
  private typealias Message = UnsafeMutablePointer<ProtobufCMessageDescriptor>
  private typealias Enumeration = UnsafeMutablePointer<ProtobufCEnumDescriptor>
  private var messages: [String: Message] = [:]
  private var enumerations: [String: Enumeration] = [:]

  static func make(_ fileDescriptorSet: [UInt8]) throws(WireError) -> [String: Descriptor] {
    let made: Result<[String: Descriptor], WireError> = fileDescriptorSet.withUnsafeBytes { set in
      var maker = DescriptorMaker()
      do throws(WireError) {
        return .success(try maker.make(set))
      } catch {
        return .failure(error)
      }
    }
    return try made.get()
  }

  /// Every message first, then their fields: those may be of any message.
  private mutating func make(_ set: UnsafeRawBufferPointer) throws(WireError) -> [String: Descriptor] {
    var bodies: [(Message, UnsafeRawBufferPointer)] = []
    for file in EmbeddedSchema.parts(of: set, 1) {
      let package = EmbeddedSchema.text(of: file, 2)
      for enumeration in EmbeddedSchema.parts(of: file, 5) {
        let name = EmbeddedSchema.text(of: enumeration, 1)
        enumerations["\(package).\(name)"] = Self.enumeration(enumeration, "\(package).\(name)", short: name)
      }
      for message in EmbeddedSchema.parts(of: file, 4) {
        let name = EmbeddedSchema.text(of: message, 1)
        let made = Self.zeroed(ProtobufCMessageDescriptor.self)
        made.pointee.magic = 0x28aa_eef9
        made.pointee.name = Self.kept("\(package).\(name)")
        made.pointee.short_name = Self.kept(name)
        made.pointee.package_name = Self.kept(package)
        messages["\(package).\(name)"] = made
        bodies.append((made, message))
      }
    }
    for (message, body) in bodies { try fill(message, body) }
    return messages.mapValues { Descriptor(UnsafePointer($0)) }
  }

  private func fill(_ message: Message, _ body: UnsafeRawBufferPointer) throws(WireError) {
    var fields: [ProtobufCFieldDescriptor] = []
    for part in EmbeddedSchema.parts(of: body, 2) { fields.append(try field(part)) }
    fields.sort { $0.id < $1.id }
    message.pointee.n_fields = UInt32(fields.count)
    message.pointee.fields = Self.kept(fields)
    let byName = fields.indices.sorted { strcmp(fields[$0].name, fields[$1].name) < 0 }
    message.pointee.fields_sorted_by_name = Self.kept(byName.map { UInt32($0) })
    let ranges = Self.ranges(fields.map { Int32($0.id) })
    message.pointee.n_field_ranges = UInt32(ranges.count - 1)
    message.pointee.field_ranges = Self.kept(ranges)
  }

  private func field(_ part: UnsafeRawBufferPointer) throws(WireError) -> ProtobufCFieldDescriptor {
    var field = ProtobufCFieldDescriptor()
    let name = EmbeddedSchema.text(of: part, 1)
    field.name = Self.kept(name)
    let number = EmbeddedSchema.number(of: part, 3) ?? 0
    guard Self.fieldNumbers.contains(number) else {
      let range = "\(Self.fieldNumbers.lowerBound) to \(Self.fieldNumbers.upperBound)"
      throw WireError(field: name, rule: "has the number \(number); fields have \(range)")
    }
    field.id = UInt32(number)
    field.label = EmbeddedSchema.number(of: part, 4) == 3 ? PROTOBUF_C_LABEL_REPEATED : PROTOBUF_C_LABEL_NONE
    if let oneof = EmbeddedSchema.number(of: part, 9) {
      field.flags |= UInt32(PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue)
      // Members of one have this in common, which is all that is asked of it here.
      field.quantifier_offset = UInt32(truncatingIfNeeded: oneof) &+ 1
    }
    guard let type = Self.types[EmbeddedSchema.number(of: part, 5) ?? 0] else {
      throw WireError(field: name, rule: "is of a type that is not used here")
    }
    field.type = type
    let typeName = String(EmbeddedSchema.text(of: part, 6).dropFirst())
    if type == PROTOBUF_C_TYPE_MESSAGE {
      field.descriptor = messages[typeName].map { UnsafeRawPointer($0) }
    } else if type == PROTOBUF_C_TYPE_ENUM {
      field.descriptor = enumerations[typeName].map { UnsafeRawPointer($0) }
    } else {
      return field
    }
    guard field.descriptor != nil else {
      throw WireError(field: name, rule: "is a \(typeName), which is not described")
    }
    return field
  }

  private static func enumeration(_ body: UnsafeRawBufferPointer, _ name: String, short: String) -> Enumeration {
    let made = zeroed(ProtobufCEnumDescriptor.self)
    made.pointee.magic = 0x1143_15af
    made.pointee.name = kept(name)
    made.pointee.short_name = kept(short)
    var values = EmbeddedSchema.parts(of: body, 2).map { part in
      var value = ProtobufCEnumValue()
      value.name = kept(EmbeddedSchema.text(of: part, 1))
      value.value = Int32(truncatingIfNeeded: EmbeddedSchema.number(of: part, 2) ?? 0)
      return value
    }
    values.sort { $0.value < $1.value }
    made.pointee.n_values = UInt32(values.count)
    made.pointee.values = kept(values)
    let byName = values.indices.sorted { strcmp(values[$0].name, values[$1].name) < 0 }.map { index in
      ProtobufCEnumValueIndex(name: values[index].name, index: UInt32(index))
    }
    made.pointee.n_value_names = UInt32(byName.count)
    made.pointee.values_by_name = kept(byName)
    let ranges = ranges(values.map(\.value))
    made.pointee.n_value_ranges = UInt32(ranges.count - 1)
    made.pointee.value_ranges = kept(ranges)
    return made
  }

  /// Runs of numbers without gaps, each with the place of its first, and what ends the list.
  private static func ranges(_ numbers: [Int32]) -> [ProtobufCIntRange] {
    var ranges: [ProtobufCIntRange] = []
    for (index, number) in numbers.enumerated() where index == 0 || number != numbers[index - 1] &+ 1 {
      ranges.append(ProtobufCIntRange(start_value: number, orig_index: UInt32(index)))
    }
    return ranges + [ProtobufCIntRange(start_value: 0, orig_index: UInt32(numbers.count))]
  }

  private static func kept(_ text: String) -> UnsafePointer<CChar>? { UnsafePointer(strdup(text)) }

  private static func kept<Element>(_ elements: [Element]) -> UnsafePointer<Element>? {
    guard !elements.isEmpty else { return nil }
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: elements.count)
    memory.initialize(from: elements, count: elements.count)
    return UnsafePointer(memory)
  }

  private static func zeroed<Value>(_ type: Value.Type) -> UnsafeMutablePointer<Value> {
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: MemoryLayout<Value>.size, alignment: MemoryLayout<Value>.alignment)
    memset(memory, 0, MemoryLayout<Value>.size)
    return memory.bindMemory(to: Value.self, capacity: 1)
  }

  /// Of protobuf's fields.
  private static let fieldNumbers: ClosedRange<UInt64> = 1...536_870_911

  /// The numbers of google.protobuf.FieldDescriptorProto.Type.
  private static let types: [UInt64: ProtobufCType] = [
    1: PROTOBUF_C_TYPE_DOUBLE, 2: PROTOBUF_C_TYPE_FLOAT, 3: PROTOBUF_C_TYPE_INT64, 4: PROTOBUF_C_TYPE_UINT64,
    5: PROTOBUF_C_TYPE_INT32, 6: PROTOBUF_C_TYPE_FIXED64, 7: PROTOBUF_C_TYPE_FIXED32, 8: PROTOBUF_C_TYPE_BOOL,
    9: PROTOBUF_C_TYPE_STRING, 11: PROTOBUF_C_TYPE_MESSAGE, 12: PROTOBUF_C_TYPE_BYTES, 13: PROTOBUF_C_TYPE_UINT32,
    14: PROTOBUF_C_TYPE_ENUM, 15: PROTOBUF_C_TYPE_SFIXED32, 16: PROTOBUF_C_TYPE_SFIXED64, 17: PROTOBUF_C_TYPE_SINT32,
    18: PROTOBUF_C_TYPE_SINT64,
  ]
}
