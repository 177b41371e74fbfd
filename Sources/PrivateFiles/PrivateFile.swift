import Glibc

/// Files that hold what nobody else may know, or decide what nobody else may: read only while nobody else could read or write them.
public enum PrivateFile {
  public enum Privacy: Sendable {
    /// Nobody else may read it.
    case secret
    /// Others may read it, and not write it.
    case list

    fileprivate var others: mode_t { self == .secret ? 0o077 : 0o022 }
    fileprivate var fault: String { self == .secret ? "can be read by others" : "can be written by others" }
    fileprivate var cure: String { self == .secret ? "chmod 400 it" : "chmod 600 it" }
  }

  /// All of a file, as it was at one instant.
  ///
  /// - Parameter isOwn: whether it must belong to this user or root: what such a file says is obeyed.
  /// - Throws: why it isn't used, in words that go after its name, and never what it holds.
  public static func read(
    _ path: String, _ privacy: Privacy = .secret, isOwn: Bool = false, bytesAtMost: Int = 32 * 1_024 * 1_024
  ) throws(PrivateFileFault) -> [UInt8] {
    try whole(path, privacy, isOwn: isOwn, bytesAtMost: bytesAtMost).bytes
  }

  /// What a file says that holds one line: without its end, in whichever way an editor has ended it.
  public static func line(
    _ path: String, isOwn: Bool = false, bytesAtMost: Int = 32 * 1_024 * 1_024
  ) throws(PrivateFileFault) -> [UInt8] {
    line(of: try read(path, isOwn: isOwn, bytesAtMost: bytesAtMost))
  }

  static func line(of bytes: [UInt8]) -> [UInt8] {
    Array(bytes.prefix(1 + (bytes.lastIndex { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") } ?? -1)))
  }

  /// A file's bytes, and what the system said of it while it was open.
  static func whole(
    _ path: String, _ privacy: Privacy = .secret, isOwn: Bool = false, bytesAtMost: Int = 32 * 1_024 * 1_024
  ) throws(PrivateFileFault) -> (bytes: [UInt8], status: stat) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw .unreadable(errno) }
    defer { close(descriptor) }
    let status = try Self.status(of: descriptor, privacy)
    guard !isOwn || status.st_uid == geteuid() || status.st_uid == 0 else {
      throw PrivateFileFault("belongs to somebody else (user \(status.st_uid))")
    }
    guard status.st_size <= bytesAtMost else { throw PrivateFileFault("has more than \(bytesAtMost >> 20) MiB") }
    return (try bytes(of: descriptor, count: Int(status.st_size)), status)
  }

  /// Whether a file could be used, without reading what it holds.
  ///
  /// - Throws: why it couldn't, in words that go after its name.
  public static func check(_ path: String, _ privacy: Privacy = .secret) throws(PrivateFileFault) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(errno) }
    defer { close(descriptor) }
    _ = try Self.status(of: descriptor, privacy)
  }

  private static func status(of descriptor: Int32, _ privacy: Privacy) throws(PrivateFileFault) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw PrivateFileFault("is no file") }
    guard status.st_mode & privacy.others == 0 else {
      throw PrivateFileFault(
        "\(privacy.fault) (mode \(String(status.st_mode & 0o777, radix: 8))); \(privacy.cure)")
    }
    return status
  }

  /// - Throws: when it is no folder, or others may look into it.
  public static func checkFolder(_ path: String) throws(PrivateFileFault) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw PrivateFileFault("is no folder", isMissing: true)
    }
    guard status.st_mode & 0o077 == 0 else {
      throw PrivateFileFault(
        "is open to others (mode \(String(status.st_mode & 0o777, radix: 8))); chmod 700 it")
    }
  }

  private static func bytes(of descriptor: Int32, count: Int) throws(PrivateFileFault) -> [UInt8] {
    // One more than there should be shows that it has grown.
    var bytes = [UInt8](repeating: 0, count: count + 1)
    var found = 0
    while found < bytes.count {
      let more = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + found, $0.count - found) }
      if more < 0, errno == EINTR { continue }
      guard more >= 0 else { throw .unreadable(errno) }
      guard more > 0 else { break }
      found += more
    }
    guard found == count else { throw PrivateFileFault("changed while it was read", isPassing: true) }
    return Array(bytes.prefix(count))
  }
}
