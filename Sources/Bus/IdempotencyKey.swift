import Glibc

/// A UUIDv7: made once for a call, the same on every attempt, and ordered by time so that servers can forget old ones.
public enum IdempotencyKey {
  public static func make() -> [UInt8] {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let milliseconds = UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    var key = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * UInt64($0))) }
    key += (0..<10).map { _ in UInt8.random(in: 0...255) }
    key[6] = key[6] & 0x0f | 0x70
    key[8] = key[8] & 0x3f | 0x80
    return key
  }
}
