import CTocsinProto

/// What reads and writes the bytes of messages.
public enum WireLibrary {
  /// protobuf-c's, for posture reports.
  public static var version: String { String(cString: protobuf_c_version()) }
}
