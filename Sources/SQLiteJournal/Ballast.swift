import Glibc
import Machinery

/// Space held back for the worst hour: on a full disk SQLite can neither delete nor checkpoint, so room can only come from
/// outside of it.
final class Ballast {
  static let largest: UInt64 = 64 * 1_024 * 1_024
  private let path: String
  private let directory: String
  private var isHeld: Bool
  /// How many bytes were given up: they are for what can't wait, and don't count as room for anything else.
  private(set) var givenUp: UInt64 = 0

  init(directory: String) {
    self.directory = directory
    path = Self.path(in: directory)
    var status = stat()
    isHeld = stat(path, &status) == 0 && status.st_size > 0
  }

  /// Makes the file if it isn't there and the disk has plenty: a tenth of what is free, at most 64 MiB.
  func restore() {
    guard !isHeld else { return }
    let room = Folder.room(at: directory)
    guard room.free > room.total / 5 else {
      if givenUp == 0 { givenUp = min(Self.largest, room.total / 20) }
      return
    }
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    if posix_fallocate(descriptor, 0, off_t(min(Self.largest, room.free / 10))) == 0 {
      isHeld = true
      givenUp = 0
    } else {
      unlink(path)
    }
  }

  func release() {
    var status = stat()
    if stat(path, &status) == 0 { givenUp = UInt64(status.st_size) }
    Self.release(in: directory)
    isHeld = false
  }

  static func release(in directory: String) {
    unlink(path(in: directory))
  }

  private static func path(in directory: String) -> String { "\(directory)/ballast" }
}
