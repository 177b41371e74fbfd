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
      if mkdir(made, 0o700) != 0, errno != EEXIST, errno != EISDIR {
        throw .broken("\(made) can't be made: \(String(cString: strerror(errno)))")
      }
    }
    if let name = refused[Int(tocsin_file_system_type(directory)) & 0xffff_ffff] {
      throw .broken("\(directory) is on \(name): a journal needs a local file system")
    }
  }

  static func freeSpace(at path: String) -> UInt64 {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return 0 }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }
}
