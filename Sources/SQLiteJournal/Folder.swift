import CSQLite
import Glibc
import Machinery

/// The directory that a journal lives in: its owner's only, on a file system that keeps promises.
enum Folder {
  /// statfs types on which SQLite's locks or shared memory can't be trusted.
  private static let refused: [Int: String] = [
    0x6969: "NFS", 0xff53_4d42: "CIFS", 0xfe53_4d42: "SMB2", 0x6573_5546: "FUSE",
  ]

  static func prepare(_ directory: String) throws(JournalFailure) {
    var made = ""
    for part in directory.split(separator: "/", omittingEmptySubsequences: false) {
      made += part.isEmpty && made.isEmpty ? "/" : (made.hasSuffix("/") || made.isEmpty ? "" : "/") + part
      if mkdir(made, 0o700) == 0 {
        flush(parentOf: made)
      } else if errno != EEXIST, errno != EISDIR {
        throw .broken("\(made) can't be made: \(String(cString: strerror(errno)))")
      }
    }
    if let name = refused[Int(tocsin_file_system_type(directory)) & 0xffff_ffff] {
      throw .broken("\(directory) is on \(name): a journal needs a local file system")
    }
  }

  /// A directory that was just made is there after a power loss only once its parent is flushed.
  private static func flush(parentOf path: String) {
    let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    _ = flush(parent)
  }

  /// Makes names in a directory durable.
  static func flush(_ directory: String) -> Bool {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return fsync(descriptor) == 0
  }

  /// Bytes of the file system that are free to us, and all it has.
  static func room(at path: String) -> (free: UInt64, total: UInt64) {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return (0, 0) }
    return (UInt64(status.f_bavail) * UInt64(status.f_frsize), UInt64(status.f_blocks) * UInt64(status.f_frsize))
  }
}
