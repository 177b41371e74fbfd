import Glibc
import Synchronization

/// The lines of files that are needed for each page and hardly ever change: looked at each time, and read when they aren't what they
/// were, so that a new one needs no restart and counts at once.
///
/// What the system says of a file changes with whatever is done to it: put another in its place, write over it, open it to others. Only
/// what is done twice within one tick of the system's clock may look like once; so of a file that has changed in the last second nothing
/// is remembered.
public final class RememberedLines: Sendable {
  /// More than any configuration names.
  static let atMost = 256
  private static let settledAfter: Int64 = 1

  private struct Mark: Hashable {
    var device: UInt64
    var number: UInt64
    var size: Int64
    /// In nanoseconds since 1970.
    var writtenAt: Int64
    /// Its bytes, mode or owner; nobody can set it.
    var changedAt: Int64

    init(_ status: stat) {
      device = UInt64(status.st_dev)
      number = UInt64(status.st_ino)
      size = Int64(status.st_size)
      writtenAt = Self.nanoseconds(status.st_mtim)
      changedAt = Self.nanoseconds(status.st_ctim)
    }

    /// Whoever owns a file may date it in any century: it is compared, and nothing is computed with it.
    private static func nanoseconds(_ time: timespec) -> Int64 {
      Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
  }
  private struct Remembered {
    var lines: [String: (mark: Mark, line: [UInt8])] = [:]
    var reads = 0
  }
  private let remembered = Mutex(Remembered())
  private let seconds: @Sendable () -> Int64

  /// - Parameter seconds: the system's clock, since 1970.
  public init(seconds: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }) {
    self.seconds = seconds
  }

  /// How often a file was read.
  var reads: Int { remembered.withLock { $0.reads } }

  /// - Throws: why the file isn't used, in words that go after its name, and never what it holds.
  public func line(_ path: String) throws(PrivateFileFault) -> [UInt8] {
    if let mark = Self.mark(of: path), let known = remembered.withLock({ $0.lines[path] }), known.mark == mark {
      return known.line
    }
    forget(path)
    let (bytes, status) = try PrivateFile.whole(path)
    let line = PrivateFile.line(of: bytes)
    let isSettled = Int64(status.st_ctim.tv_sec) + Self.settledAfter < seconds()
    remembered.withLock {
      $0.reads += 1
      guard isSettled else { return }
      if $0.lines.count >= Self.atMost { $0.lines = [:] }
      $0.lines[path] = (Mark(status), line)
    }
    return line
  }

  private func forget(_ path: String) { remembered.withLock { $0.lines[path] = nil } }

  private static func mark(of path: String) -> Mark? {
    var status = stat()
    return stat(path, &status) == 0 ? Mark(status) : nil
  }
}
