/// Whether this process stood still, as one does that is stopped or whose machine is: what it reads just after that may have been sent
/// long before, by callers that have given up since and gone elsewhere. Taken now, a report would be news of what is over by their word
/// at another intake.
///
/// A request says how long its caller waits, and not when it was sent. So for a moment after a stall those are passed over whose caller
/// waits for less than the stall was long. Nobody was told that they were taken, and who waits still sends them again.
package struct Stall {
  /// A thread has turns more often than this when nothing is wrong: once a second at least.
  static let shortest: UInt64 = 1_200_000_000
  /// What lay in the system's buffers is read within this.
  static let aftermath: UInt64 = 1_000_000_000

  private var lastTurn: UInt64 = 0
  private var length: UInt64 = 0
  private var until: UInt64 = 0

  package init() {}

  /// - Parameter now: CLOCK_MONOTONIC, nanoseconds, as everywhere here.
  package mutating func turned(at now: UInt64) {
    note(now)
    lastTurn = now
  }

  /// - Parameter budget: how long the caller waits, in nanoseconds.
  package mutating func hasExpired(_ budget: UInt64, at now: UInt64) -> Bool {
    note(now)
    return now < until && budget < length
  }

  private mutating func note(_ now: UInt64) {
    guard lastTurn > 0, now >= lastTurn + Self.shortest else { return }
    length = now < until ? max(length, now - lastTurn) : now - lastTurn
    until = now + Self.aftermath
  }
}
