import Bus
import Messages

/// Lets the timers of an escalator ring by the real clock on a poll thread, as a host does, and notes how late each was.
final class TimerWatch {
  private let escalator: BenchEscalator
  private let thread: PollThread
  private let origin: Instant
  private let began = PollThread.now()
  private let end: UInt64
  private let done: ([UInt64]) -> Void
  private var late: [UInt64] = []

  init(
    _ escalator: BenchEscalator, on thread: PollThread, from origin: Instant, seconds: Int,
    _ done: @escaping ([UInt64]) -> Void
  ) {
    self.escalator = escalator
    self.thread = thread
    self.origin = origin
    self.done = done
    end = began + UInt64(seconds) * 1_000_000_000
  }

  func step() {
    while let due = escalator.engine.rules.nextDeadline, due <= now {
      late.append(PollThread.now() - monotonic(due))
      escalator.lapseOne(at: now)
    }
    guard PollThread.now() < end, let next = escalator.engine.rules.nextDeadline else { return done(late) }
    let until = min(monotonic(next), end)
    let wait = until - min(until, PollThread.now())
    thread.after(milliseconds: Int64((wait + 999_999) / 1_000_000)) { self.step() }
  }

  /// The rules' time: from `origin` on, as the monotonic clock goes.
  private var now: Instant { origin + .milliseconds(Int64((PollThread.now() - began) / 1_000_000)) }

  private func monotonic(_ instant: Instant) -> UInt64 {
    began + UInt64(max(0, (instant - origin).milliseconds)) * 1_000_000
  }
}
