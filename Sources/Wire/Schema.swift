import CTocsinProto

/// All messages and methods of the protocol.
public enum Schema {
  /// A serialized google.protobuf.FileDescriptorSet of everything under proto/, for reflection.
  public static var fileDescriptorSet: [UInt8] {
    [UInt8](UnsafeBufferPointer(start: tocsin_descriptor_set, count: Int(tocsin_descriptor_set_size)))
  }

  public static var messageNames: [String] { descriptors.keys.sorted() }
}
