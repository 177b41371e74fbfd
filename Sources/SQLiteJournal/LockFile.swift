import Glibc
import Machinery

/// Keeps a second process away from a journal, for as long as this object lives, and notes how far the journal had come.
///
/// The note is written after each commit and never flushed by itself, so it can be behind the journal, never ahead: a journal
/// that ends before it has lost rows (SQLite quietly drops the rest of a write-ahead log in which one bit is wrong).
final class LockFile {
  private static let width = 24
  private let descriptor: Int32
  /// The last row that an earlier process noted.
  let noted: UInt64

  init(_ path: String) throws(JournalFailure) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .broken("\(path): \(String(cString: strerror(errno)))") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let owner = Self.text(of: descriptor, at: 0)
      close(descriptor)
      throw .locked("\(path) is held by \(owner.isEmpty ? "another process" : "process \(owner)")")
    }
    noted = UInt64(Self.text(of: descriptor, at: Self.width)) ?? 0
    write("\(getpid())", at: 0)
  }

  func note(_ sequence: UInt64) { write("\(sequence)", at: Self.width) }

  /// Flushed when this returns true.
  func note(durably sequence: UInt64) -> Bool { write("\(sequence)", at: Self.width) && fsync(descriptor) == 0 }

  /// Two fields of fixed width: who holds it, and the last row noted.
  @discardableResult
  private func write(_ text: String, at offset: Int) -> Bool {
    var field = Array(text.utf8)
    field += Array(repeating: 0x20, count: Self.width - 1 - field.count) + [0x0a]
    return pwrite(descriptor, field, field.count, off_t(offset)) == field.count
  }

  deinit {
    close(descriptor)
  }

  private static func text(of descriptor: Int32, at offset: Int) -> String {
    var bytes = [UInt8](repeating: 0, count: width)
    let count = pread(descriptor, &bytes, bytes.count, off_t(offset))
    return String(decoding: bytes.prefix(max(0, count)).prefix { $0 > 0x20 }, as: UTF8.self)
  }
}
