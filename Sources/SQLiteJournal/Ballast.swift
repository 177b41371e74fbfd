import Glibc
import Machinery

/// Space held back for the worst hour: on a full disk SQLite can neither delete nor checkpoint, so room can only come from
/// outside of it.
final class Ballast {
  static let largest: UInt64 = 64 * 1_024 * 1_024
  private let path: String

  /// Makes the file if it isn't there: a tenth of what is free, at most 64 MiB.
  init(directory: String) throws(JournalFailure) {
    path = "\(directory)/ballast"
    let size = min(Self.largest, Folder.freeSpace(at: directory) / 10)
    var status = stat()
    if stat(path, &status) == 0, status.st_size > 0 { return }
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .broken("\(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    guard posix_fallocate(descriptor, 0, off_t(size)) == 0 else {
      unlink(path)
      throw .full("\(path): no room for a reserve of \(size) bytes")
    }
  }

  func release() {
    unlink(path)
  }
}
