import Glibc
import Messages

/// A UUIDv7: made once for a call, the same on every attempt, and ordered by time so that servers can forget old ones.
public enum IdempotencyKey {
  public static func make() -> [UInt8] {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let now = Instant(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    return make(at: now, from: (0..<10).map { _ in UInt8.random(in: 0...255) })
  }

  /// For a call whose repeats the caller knows by something of its own: the same from the same instant and digest.
  ///
  /// - Parameter digest: 10 bytes that no other call has.
  public static func make(at instant: Instant, from digest: [UInt8]) -> [UInt8] {
    precondition(digest.count == 10, "a key has room for 10 bytes besides its time, not \(digest.count)")
    let milliseconds = UInt64(max(0, instant.milliseconds))
    var key = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * UInt64($0))) } + digest
    key[6] = key[6] & 0x0f | 0x70
    key[8] = key[8] & 0x3f | 0x80
    return key
  }
}
