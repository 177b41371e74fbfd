import Bus
import Messages
import Wire

extension Connection {
  /// Waits until the tier at the other end says SERVING.
  ///
  /// - Parameter began: of `PollThread.now()`.
  /// - Returns: the seconds since then.
  func serving(since began: UInt64) async throws -> Double {
    while PollThread.now() < began + 120_000_000_000 {
      let reply = try? await call(HealthMethods.check, HealthRequest(), timeout: .seconds(1))
      if reply?.status == .serving { return Double(PollThread.now() - began) / 1e9 }
      try await Task.sleep(nanoseconds: 10_000_000)
    }
    throw BenchFailure("not SERVING within 120 s")
  }
}
