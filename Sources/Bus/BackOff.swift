/// How long a client waits before it repeats a call that was not taken.
package enum BackOff {
  /// So many per cent of the pause, drawn anew for each, so that those who were refused together don't come back together.
  package static let percents = Int64(80)...120

  /// 20 ms, doubling to 2 s.
  ///
  /// - Parameter attempt: which one failed; the first is 0.
  package static func milliseconds(after attempt: UInt32, percent: Int64) -> Int64 {
    min(Int64(20) << Int64(min(attempt, 7)), 2_000) * percent / 100
  }
}
