import Foundation
import Glibc
import Metrics

/// How much room a tier's files take and how much is left, looked up when somebody asks and never on the loop: a disk that hangs
/// answers nothing.
enum DiskFigures {
  static func read(_ directory: String) -> [Figure] {
    var sizes: [String: Double] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
      var status = stat()
      guard lstat("\(directory)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      sizes[kind(of: name), default: 0] += Double(status.st_size)
    }
    var disk = statvfs()
    guard statvfs(directory, &disk) == 0 else { return [] }
    let block = Double(disk.f_frsize)
    return [
      Figure(
        "tocsin_data_bytes", .gauge,
        "Size of this tier's files: its journal, checkpoints, the history derived from it, the reserve for a full disk.",
        sizes.sorted { $0.key < $1.key }.map { .init($0.value, [.init("what", $0.key)]) }),
      Figure("tocsin_disk_free_bytes", .gauge, "What is left on the journal's disk.", Double(disk.f_bavail) * block),
      Figure("tocsin_disk_size_bytes", .gauge, "How large the journal's disk is.", Double(disk.f_blocks) * block),
    ]
  }

  static func journalBytes(_ directory: String) -> Int64 {
    ["journal.db", "journal.db-wal"].reduce(0) { sum, name in
      var status = stat()
      return stat("\(directory)/\(name)", &status) == 0 ? sum + Int64(status.st_size) : sum
    }
  }

  static func room(_ directory: String) -> (free: UInt64, total: UInt64) {
    var disk = statvfs()
    guard statvfs(directory, &disk) == 0 else { return (0, 0) }
    return (UInt64(disk.f_bavail) * UInt64(disk.f_frsize), UInt64(disk.f_blocks) * UInt64(disk.f_frsize))
  }

  private static func kind(of name: String) -> String {
    for kind in ["journal", "history", "checkpoint", "ballast"] where name.hasPrefix(kind) { return kind }
    return "other"
  }
}
