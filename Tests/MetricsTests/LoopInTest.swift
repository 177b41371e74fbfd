import Glibc
import Metrics
import Synchronization
import Testing

/// A loop of a tier as a door sees it: it is asked, and it reports or doesn't.
final class LoopInTest: Sendable {
  let port: UInt16
  private let door = Mutex<MetricsDoor?>(nil)
  private let asked = Atomic<Int>(0)
  private let report: @Sendable (_ now: UInt64) -> TierReport?

  /// - Parameter report: what it says when it is asked; nil: nothing.
  init(_ report: @escaping @Sendable (_ now: UInt64) -> TierReport?) throws {
    self.report = report
    port = try Self.freePort()
    let place = try #require(MetricsPlace("127.0.0.1:\(port)"))
    let opened = MetricsDoor(
      place, ask: { [self] in answer() }, besides: { [Figure("tocsin_disk", .gauge, "Room.", 7)] }, log: { _ in })
    door.withLock { $0 = opened }
  }

  var timesAsked: Int { asked.load(ordering: .relaxed) }

  func show(_ report: TierReport) { door.withLock { $0 }?.show(report) }

  private func answer() {
    asked.add(1, ordering: .relaxed)
    if let report = report(Self.now()) { show(report) }
  }

  /// CLOCK_MONOTONIC, nanoseconds.
  static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// A port that nobody listens on.
  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) + getsockname(descriptor, $0, &size)
      }
    }
    try #require(code == 0)
    return UInt16(bigEndian: address.sin_port)
  }
}
