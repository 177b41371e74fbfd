import JSON

/// Any message of the protocol as JSON and back, by its full name: for `tocsinctl call` and for scripts.
///
/// Field names are those of the `.proto`; 64-bit numbers are strings, as in protobuf's own JSON; enums are names; bytes are
/// base64. Fields at their default are written too, so that scripts find every key.
public enum MessageJSON {
  public static func decode(fullName: String, bytes: [UInt8]) throws(WireError) -> String {
    try decode(try known(fullName), bytes)
  }

  static func decode(_ descriptor: Descriptor, _ bytes: [UInt8]) throws(WireError) -> String {
    try Lint.outside.check(bytes, descriptor)
    return bytes.withUnsafeBytes { JSONReader.object($0, descriptor.pointer) }.text
  }

  /// Names in lowerCamelCase are taken too; no text at all is the empty message.
  /// - Throws: what is wrong, naming the field.
  public static func encode(fullName: String, json: String) throws(WireError) -> [UInt8] {
    try encode(try known(fullName), json)
  }

  static func encode(_ descriptor: Descriptor, _ json: String) throws(WireError) -> [UInt8] {
    var writer = JSONWriter()
    try writer.write(try parsed(json.isEmpty ? "{}" : json), descriptor.pointer)
    try Lint.outside.check(writer.bytes, descriptor)
    return writer.bytes
  }

  private static func parsed(_ json: String) throws(WireError) -> JSONValue {
    do throws(JSONFault) {
      return try JSONValue(parsing: json.utf8)
    } catch {
      throw WireError(field: "", rule: error.description)
    }
  }

  private static func known(_ fullName: String) throws(WireError) -> Descriptor {
    guard let descriptor = Schema.descriptors[fullName] else {
      throw WireError(field: "", rule: "there is no message \(fullName)")
    }
    return descriptor
  }
}
