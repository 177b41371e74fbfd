/// The names in a google.protobuf.FileDescriptorSet, read with the few field numbers of descriptor.proto that say them.
struct EmbeddedSchema {
  private(set) var messages: [String] = []
  private(set) var methods: [MethodDescription] = []

  init(_ fileDescriptorSet: [UInt8]) {
    fileDescriptorSet.withUnsafeBytes { set in
      for file in Self.parts(of: set, 1) {
        let package = Self.text(of: file, 2)
        messages += Self.parts(of: file, 4).map { "\(package).\(Self.text(of: $0, 1))" }
        for service in Self.parts(of: file, 6) {
          let name = "\(package).\(Self.text(of: service, 1))"
          methods += Self.parts(of: service, 2).map { Self.method($0, of: name) }
        }
      }
    }
    messages.sort()
    methods.sort { $0.path < $1.path }
  }

  private static func method(_ bytes: UnsafeRawBufferPointer, of service: String) -> MethodDescription {
    MethodDescription(
      path: "/\(service)/\(text(of: bytes, 1))", input: String(text(of: bytes, 2).dropFirst()),
      output: String(text(of: bytes, 3).dropFirst()), streams: number(of: bytes, 6) == 1)
  }

  static func text(of message: UnsafeRawBufferPointer, _ number: UInt32) -> String {
    parts(of: message, number).last.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  static func parts(of message: UnsafeRawBufferPointer, _ number: UInt32) -> [UnsafeRawBufferPointer] {
    var parts: [UnsafeRawBufferPointer] = []
    var reader = WireReader(message)
    while let (found, type) = reader.isAtEnd ? nil : reader.tag() {
      if found == number, type == 2, let part = reader.lengthDelimited() {
        parts.append(part)
      } else if !reader.skip(type) {
        break
      }
    }
    return parts
  }

  /// nil when the field isn't there.
  static func number(of message: UnsafeRawBufferPointer, _ number: UInt32) -> UInt64? {
    var reader = WireReader(message)
    while let (found, type) = reader.isAtEnd ? nil : reader.tag() {
      if found == number, type == 0 { return reader.varint() }
      guard reader.skip(type) else { break }
    }
    return nil
  }
}
