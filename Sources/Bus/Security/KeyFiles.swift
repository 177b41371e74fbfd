import Glibc
import PrivateFiles

/// How files of keys are read and written: a secret only when nobody else may read it, whatever decides who may come in only when
/// nobody else may write it, and always whole: half a list would lock somebody out, or let them in.
public enum KeyFiles {
  /// More than any file of keys needs: a hundred thousand keys.
  private static let mostBytes = 32 * 1_024 * 1_024

  static func secret(_ path: String) throws(KeyFileError) -> String { try read(path, .secret) }

  public static func list(_ path: String) throws(KeyFileError) -> String {
    let text = try read(path, .list)
    guard text.last == "\n" else {
      throw KeyFileError(path, line: text.split(separator: "\n").count, "is cut off: it ends without an end of line")
    }
    return text
  }

  private static func read(_ path: String, _ privacy: PrivateFile.Privacy) throws(KeyFileError) -> String {
    let bytes: [UInt8]
    do throws(PrivateFileFault) {
      bytes = try PrivateFile.read(path, privacy, isOwn: true, bytesAtMost: mostBytes)
    } catch {
      throw KeyFileError(path, isPassing: error.isPassing, error.words)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw KeyFileError(path, "is no text") }
    return text
  }

  /// All of it or nothing, on disk before this returns. One at a time: what somebody left who got no further is written over.
  public static func write(_ text: String, to path: String, mode: mode_t) throws(KeyFileError) {
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

  private static func unwritable(_ path: String, _ reason: Int32) -> KeyFileError {
    KeyFileError(path, "can't be written: \(String(cString: strerror(reason)))")
  }
}
