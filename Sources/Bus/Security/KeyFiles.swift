import Glibc

/// How files of keys are read and written: a secret only when nobody else may read it, whatever decides who may come in only when
/// nobody else may write it, and always whole: half a list would lock somebody out, or let them in.
enum KeyFiles {
  /// More than any file of keys needs: a hundred thousand keys.
  private static let mostBytes = 32 * 1_024 * 1_024

  static func secret(_ path: String) throws(KeyFileError) -> String {
    try read(path, others: 0o077, "can be read by others", "chmod 400 it")
  }

  static func list(_ path: String) throws(KeyFileError) -> String {
    let text = try read(path, others: 0o022, "can be written by others", "chmod 600 it")
    guard text.last == "\n" else {
      throw KeyFileError(path, line: text.split(separator: "\n").count, "is cut off: it ends without an end of line")
    }
    return text
  }

  private static func read(
    _ path: String, others: mode_t, _ fault: String, _ cure: String
  ) throws(KeyFileError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw unreadable(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw KeyFileError(path, "is no file") }
    guard status.st_mode & others == 0 else {
      throw KeyFileError(path, "\(fault) (mode \(String(status.st_mode & 0o777, radix: 8))); \(cure)")
    }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw KeyFileError(path, "belongs to somebody else (user \(status.st_uid))")
    }
    guard status.st_size <= mostBytes else { throw KeyFileError(path, "has more than \(mostBytes >> 20) MiB") }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
    var count = 0
    while count < bytes.count {
      let more = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count) }
      if more < 0, errno == EINTR { continue }
      guard more >= 0 else { throw unreadable(path, errno) }
      guard more > 0 else { break }
      count += more
    }
    guard count == Int(status.st_size) else { throw KeyFileError(path, isPassing: true, "changed while it was read") }
    guard let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
      throw KeyFileError(path, "is no text")
    }
    return text
  }

  /// All of it or nothing, on disk before this returns. One at a time: what somebody left who got no further is written over.
  static func write(_ text: String, to path: String, mode: mode_t) throws(KeyFileError) {
    let draft = "\(path).new"
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw unwritable(path, errno) }
    defer { unlink(draft) }
    let bytes = Array(text.utf8)
    let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
    let reason = errno
    close(descriptor)
    guard isWritten else { throw unwritable(path, reason) }
    try move(draft, to: path)
  }

  /// In the place of what is there, on disk before this returns.
  static func move(_ draft: String, to path: String) throws(KeyFileError) {
    guard rename(draft, path) == 0 else { throw unwritable(path, errno) }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unwritable(path, errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw unwritable(path, errno) }
  }

  private static func unreadable(_ path: String, _ reason: Int32) -> KeyFileError {
    KeyFileError(path, isPassing: true, "can't be read: \(String(cString: strerror(reason)))")
  }

  private static func unwritable(_ path: String, _ reason: Int32) -> KeyFileError {
    KeyFileError(path, "can't be written: \(String(cString: strerror(reason)))")
  }
}
