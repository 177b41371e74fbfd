import CTocsinProto

extension Schema {
  /// Whether protoc-c's descriptors, the generated Swift and the descriptor set that reflection serves are of one making, and
  /// whether the schema keeps to what the lint counts on. Cheap; for the start of a program.
  /// - Throws: the first message or method that differs.
  public static func check() throws(WireError) {
    for name in messageNames {
      guard let descriptor = descriptors[name], descriptor.pointer.fullName == name else {
        throw WireError(field: name, rule: "protoc-c knows this message by another name")
      }
      guard descriptor.pointer.count <= 128 else {
        throw WireError(field: name, rule: "has more than 128 fields; the lint keeps one bit for each")
      }
      try checkRecursion(descriptor.pointer, above: [])
    }
    let embedded = EmbeddedSchema(fileDescriptorSet)
    guard embedded.messages == messageNames else {
      let differing = Set(embedded.messages).symmetricDifference(messageNames).sorted()
      throw WireError(field: differing.first ?? "", rule: "the embedded descriptor set and the generated code disagree")
    }
    let known = methods.sorted { $0.path < $1.path }
    guard embedded.methods == known else {
      let differing = Set(embedded.methods).symmetricDifference(known).map(\.path).sorted()
      throw WireError(field: differing.first ?? "", rule: "the embedded descriptor set and the generated code disagree")
    }
  }

  /// protobuf-c unpacks recursively and without limit: no message may contain itself.
  private static func checkRecursion(
    _ message: UnsafePointer<ProtobufCMessageDescriptor>, above: [UnsafePointer<ProtobufCMessageDescriptor>]
  ) throws(WireError) {
    guard !above.contains(message) else { throw WireError(field: message.fullName, rule: "contains itself") }
    for place in 0..<message.count {
      let field = message.pointee.fields + place
      guard field.pointee.type == PROTOBUF_C_TYPE_MESSAGE else { continue }
      try checkRecursion(field.message, above: above + [message])
    }
  }
}
