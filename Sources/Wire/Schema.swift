import CTocsinProto

/// All messages and methods of the protocol.
public enum Schema {
  /// A serialized google.protobuf.FileDescriptorSet of everything under proto/, for reflection.
  public static var fileDescriptorSet: [UInt8] {
    [UInt8](UnsafeBufferPointer(start: tocsin_descriptor_set, count: Int(tocsin_descriptor_set_size)))
  }

  /// Every message by its full name.
  public static let types: [String: any WireMessage.Type] = Dictionary(
    uniqueKeysWithValues: packed.map { ($0.fullName, $0) })

  static let descriptors: [String: Descriptor] = Dictionary(
    uniqueKeysWithValues: packed.map { ($0.fullName, $0.descriptor) })

  /// The full names of all messages, in order.
  public static var messageNames: [String] { descriptors.keys.sorted() }

  /// The method of a path such as "/tocsin.intake.v1.Intake/Publish".
  public static func method(_ path: String) -> MethodDescription? { methods.first { $0.path == path } }
}
