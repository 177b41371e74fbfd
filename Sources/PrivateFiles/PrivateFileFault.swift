import Glibc

/// Why such a file isn't used.
public struct PrivateFileFault: Error, Hashable, Sendable {
  /// What goes after its name: "can be read by others (mode 644); chmod 400 it".
  public var words: String
  /// Whether trying again can help with the file as it is.
  public var isPassing: Bool
  public var isMissing: Bool

  init(_ words: String, isPassing: Bool = false, isMissing: Bool = false) {
    self.words = words
    self.isPassing = isPassing
    self.isMissing = isMissing
  }

  static func unreadable(_ reason: Int32) -> PrivateFileFault {
    PrivateFileFault(
      "can't be read: \(String(cString: strerror(reason)))", isPassing: true, isMissing: reason == ENOENT)
  }
}
