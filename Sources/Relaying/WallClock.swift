import Glibc
import Messages

/// The time of day, for formats that compare their own times with it.
enum WallClock {
  static func now() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// "2026-11-24T00:06:40Z"
  static func text(_ instant: Instant) -> String {
    var seconds = time_t(instant.milliseconds / 1_000)
    var fields = tm()
    gmtime_r(&seconds, &fields)
    var letters = [CChar](repeating: 0, count: 32)
    strftime(&letters, letters.count, "%Y-%m-%dT%H:%M:%SZ", &fields)
    return letters.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }
}
