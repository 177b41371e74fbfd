import Glibc
import Machinery
import Messages

/// The time that rules are told: the wall clock's, advancing with CLOCK_BOOTTIME.
///
/// Small corrections of the wall clock are followed slowly. A jump of more than half a second is reported instead of
/// followed, so that the engine can move elapsed deadlines with it: a stepped clock neither fires everything at once nor
/// stalls it.
struct TierClock {
  let rate: Double
  let bootID: String
  private var anchor: (wall: Instant, boot: Instant)
  private var last = Instant.unset

  /// - Parameter origin: where fast clocks began; all tiers of a cluster share one.
  init(rate: Double = 1, origin: ClockOrigin? = nil) {
    self.rate = rate
    bootID = Self.readBootID()
    anchor = (origin?.wall ?? Self.read(CLOCK_REALTIME), origin?.boot ?? Self.read(CLOCK_BOOTTIME))
  }

  static func read(_ clock: clockid_t) -> Instant {
    var time = timespec()
    clock_gettime(clock, &time)
    return Instant(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  mutating func now() -> Instant {
    let elapsed = Self.read(CLOCK_BOOTTIME) - anchor.boot
    let scaled = rate == 1 ? elapsed : Span(milliseconds: Int64(Double(elapsed.milliseconds) * rate))
    last = max(last, anchor.wall + scaled)
    return last
  }

  /// How far the wall clock has jumped since it was last looked at; following it is then done. nil when it has not.
  mutating func jumped() -> Span? {
    guard rate == 1 else { return nil }
    let difference = Self.read(CLOCK_REALTIME) - now()
    if abs(difference.milliseconds) <= Started.jump.milliseconds {
      anchor.wall = anchor.wall + Span(milliseconds: difference.milliseconds / 8)
      return nil
    }
    anchor.wall = anchor.wall + difference
    last = last + difference
    return difference
  }

  /// How far the wall clock jumped between two processes of one boot; after a reboot only a clock that went back counts.
  func jumped(since started: Started) -> Span? {
    guard rate == 1 else { return nil }
    return started.clockJump(
      to: Self.read(CLOCK_REALTIME), bootTime: Self.read(CLOCK_BOOTTIME) - .unset, bootID: bootID)
  }

  /// How long to wait, in real milliseconds, until the rules' clock says `due`.
  mutating func wait(until due: Instant) -> Int64 {
    let left = due - now()
    return max(0, Int64((Double(left.milliseconds) / rate).rounded(.up)))
  }

  private static func readBootID() -> String {
    guard let file = fopen("/proc/sys/kernel/random/boot_id", "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 36)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
