/// The messages and methods that a server says it has: for calling what this program was not built with.
///
/// Makes protobuf-c's descriptors of a google.protobuf.FileDescriptorSet, so that lint and JSON work with them as with those
/// that protoc-c has made. Of what is not used under proto/ (nested messages, groups) it knows nothing. The descriptors are
/// kept for as long as the process lives.
public struct ReflectedSchema: Sendable {
  public let methods: [MethodDescription]
  private let messages: [String: Descriptor]

  /// - Throws: which name the set uses and doesn't have.
  public init(_ fileDescriptorSet: [UInt8]) throws(WireError) {
    methods = EmbeddedSchema(fileDescriptorSet).methods
    messages = try DescriptorMaker.make(fileDescriptorSet)
  }

  public func decode(fullName: String, bytes: [UInt8]) throws(WireError) -> String {
    try MessageJSON.decode(try known(fullName), bytes)
  }

  public func encode(fullName: String, json: String) throws(WireError) -> [UInt8] {
    try MessageJSON.encode(try known(fullName), json)
  }

  private func known(_ fullName: String) throws(WireError) -> Descriptor {
    guard let message = messages[fullName] else {
      throw WireError(field: "", rule: "the server describes no message \(fullName)")
    }
    return message
  }
}
