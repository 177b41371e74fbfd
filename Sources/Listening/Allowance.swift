/// How many requests of one kind may be looked at: so many at once, and so many more a second. What proves to be no stranger's is
/// given back, so that a flood of forgeries uses up only what forgeries may.
struct Allowance {
  let perSecond: UInt32
  let burst: UInt32
  private var left: Double
  private var refilledAt: Int64

  /// - Parameter now: milliseconds of a clock that only goes forwards.
  init(perSecond: UInt32, burst: UInt32, at now: Int64) {
    self.perSecond = perSecond
    self.burst = burst
    left = Double(burst)
    refilledAt = now
  }

  /// False when there is nothing left.
  mutating func take(at now: Int64) -> Bool {
    left = min(Double(burst), left + Double(now - refilledAt) / 1_000 * Double(perSecond))
    refilledAt = now
    guard left >= 1 else { return false }
    left -= 1
    return true
  }

  mutating func giveBack() { left = min(Double(burst), left + 1) }
}
