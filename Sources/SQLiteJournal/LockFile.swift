import Glibc
import Machinery

/// Keeps a second process away from a journal, for as long as this object lives.
final class LockFile {
  private let descriptor: Int32

  init(_ path: String) throws(JournalFailure) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .broken("\(path): \(String(cString: strerror(errno)))") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let owner = Self.text(of: descriptor)
      close(descriptor)
      throw .locked("\(path) is held by \(owner.isEmpty ? "another process" : "process \(owner)")")
    }
    ftruncate(descriptor, 0)
    let me = "\(getpid())"
    _ = me.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  deinit {
    close(descriptor)
  }

  private static func text(of descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : ""
  }
}
