import Glibc

/// How much room the journal's disk has: below a twentieth, what can wait is refused, so that acknowledgements, resolves and
/// timers go on longest.
struct DiskRoom {
  let path: String

  /// Whether less than 5 % is free, the reserve left out where it was given up: otherwise a small disk would be ample again for a
  /// moment, and new work would use up what was kept for answers.
  func isScarce(reserve: UInt64) -> Bool {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return false }
    let blocks = reserve / UInt64(max(1, status.f_frsize))
    return (UInt64(status.f_bavail) - min(UInt64(status.f_bavail), blocks)) * 20 < UInt64(status.f_blocks)
  }
}
