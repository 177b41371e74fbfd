import Glibc

/// How files of keys are read and written: a secret only when nobody else may read it, whatever decides who may come in only when
/// nobody else may write it, and always whole (reliability.md T13).
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
    guard descriptor >= 0 else { throw KeyFileError(path, "can't be read: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw KeyFileError(path, "is no file")
    }
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
      guard more > 0 else { break }
      count += more
    }
    guard count == Int(status.st_size), let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
      throw KeyFileError(path, "changed while it was read, or is no text")
    }
    return text
  }

  /// All of it or nothing, on disk before this returns.
  static func write(_ text: String, to path: String, mode: mode_t, replace: Bool) throws(KeyFileError) {
    let draft = "\(path).\(getpid()).new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw KeyFileError(path, "can't be written: \(String(cString: strerror(errno)))") }
    let bytes = Array(text.utf8)
    let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
    close(descriptor)
    defer { unlink(draft) }
    guard isWritten else { throw KeyFileError(path, "can't be written: \(String(cString: strerror(errno)))") }
    guard (replace ? rename(draft, path) : link(draft, path)) == 0 else {
      throw KeyFileError(path, errno == EEXIST ? "is there already" : String(cString: strerror(errno)))
    }
  }
}
