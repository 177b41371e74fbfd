import Wire

/// The fields of every message, read from the descriptor set that reflection serves: independent of protoc-c's descriptors,
/// so that a test which writes messages from it checks one against the other.
struct EmbeddedFields {
  struct Field {
    var number: UInt64 = 0
    var name = ""
    var isRepeated = false
    /// google.protobuf.FieldDescriptorProto.Type
    var type: UInt64 = 0
    var typeName = ""
    var oneof: UInt64?
  }

  private(set) var messages: [String: [Field]] = [:]
  private(set) var enums: [String: [UInt64]] = [:]

  init() {
    for file in Self.parts(Schema.fileDescriptorSet, 1) {
      let package = Self.text(file, 2)
      for message in Self.parts(file, 4) {
        messages["\(package).\(Self.text(message, 1))"] = Self.parts(message, 2).map(Self.field)
      }
      for values in Self.parts(file, 5) {
        enums["\(package).\(Self.text(values, 1))"] = Self.parts(values, 2).map { Self.number($0, 2) ?? 0 }
      }
    }
  }

  private static func field(_ bytes: [UInt8]) -> Field {
    Field(
      number: number(bytes, 3) ?? 0, name: text(bytes, 1), isRepeated: number(bytes, 4) == 3,
      type: number(bytes, 5) ?? 0,
      typeName: String(text(bytes, 6).dropFirst()), oneof: number(bytes, 9))
  }

  private static func text(_ message: [UInt8], _ number: UInt64) -> String {
    parts(message, number).last.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  private static func parts(_ message: [UInt8], _ number: UInt64) -> [[UInt8]] {
    fields(message).compactMap { $0.number == number ? $0.content : nil }
  }

  private static func number(_ message: [UInt8], _ number: UInt64) -> UInt64? {
    fields(message).last { $0.number == number }?.value
  }

  /// A descriptor set has no fields but numbers and delimited ones.
  private static func fields(_ bytes: [UInt8]) -> [(number: UInt64, value: UInt64, content: [UInt8])] {
    var position = 0
    func varint() -> UInt64 {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while true {
        let byte = bytes[position]
        position += 1
        value |= UInt64(byte & 0x7f) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
    }
    var fields: [(number: UInt64, value: UInt64, content: [UInt8])] = []
    while position < bytes.count {
      let tag = varint()
      let value = varint()
      guard tag & 7 == 2 else {
        fields.append((tag >> 3, value, []))
        continue
      }
      fields.append((tag >> 3, 0, Array(bytes[position..<position + Int(value)])))
      position += Int(value)
    }
    return fields
  }
}
