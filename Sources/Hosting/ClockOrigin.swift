import Foundation
import Messages

/// Where a cluster's fast clock began, kept in a file, so that tiers agree and a restart doesn't jump.
struct ClockOrigin {
  var wall: Instant
  var boot: Instant

  /// Reads the file, or makes it: the first tier to come decides.
  init(path: String) throws {
    if !FileManager.default.fileExists(atPath: path) {
      let text = "\(TierClock.read(CLOCK_REALTIME).milliseconds) \(TierClock.read(CLOCK_BOOTTIME).milliseconds)\n"
      let temporary = "\(path).\(getpid())"
      try text.write(toFile: temporary, atomically: true, encoding: .utf8)
      link(temporary, path)
      unlink(temporary)
    }
    let words = try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isWhitespace).compactMap {
      Int64($0)
    }
    guard words.count == 2 else { throw HostFailure("\(path) is not a clock origin: it must hold two numbers") }
    wall = Instant(milliseconds: words[0])
    boot = Instant(milliseconds: words[1])
  }
}

/// Why a program can't start or go on, for its operator.
struct HostFailure: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) {
    self.description = description
  }
}
