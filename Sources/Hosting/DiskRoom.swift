import Glibc

/// How much room the journal's disk has: below a twentieth, what can wait is refused, so that acknowledgements, resolves and
/// timers go on longest.
struct DiskRoom {
  let path: String

  /// Whether less than 5 % is free.
  var isScarce: Bool {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return false }
    return status.f_bavail * 20 < status.f_blocks
  }
}
