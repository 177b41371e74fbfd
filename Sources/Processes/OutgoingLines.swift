import Bus
import Dispatch
import Glibc
import Synchronization

/// Lines of the log on their way out, written by a thread of their own: whoever logs never waits for whoever reads the log.
///
/// A pipe whose reader stalls takes 64 KiB and then blocks its writer for ever; a tier's loop must not be that writer. What
/// doesn't fit while a reader is slow is dropped and counted, and a line in its place says so as soon as lines go out again.
public final class OutgoingLines: Sendable {
  /// Everything that this process logs.
  public static let standardError = OutgoingLines(STDERR_FILENO)
  /// Linux writes so much into a pipe as a whole, between the lines of other processes (PIPE_BUF).
  private static let wholeBytes = 4_096

  private struct State {
    var lines: [[UInt8]] = []
    var bytes = 0
    /// How many had no room since the lines that wait, and what says so.
    var dropped = 0
    var tell: (@Sendable (Int) -> [UInt8])?
    /// How many had no room, or could not be written, since the process began.
    var droppedInAll = 0
    var isResting = false
    /// Who waits until everything is out.
    var flushers: [DispatchSemaphore] = []
  }
  private let state = Mutex(State())
  private let work = DispatchSemaphore(value: 0)
  private let descriptor: Int32
  private let bytesAtMost: Int

  /// - Parameter bytesAtMost: what may wait for the thread; as much again is what it is writing.
  init(_ descriptor: Int32, bytesAtMost: Int = 1 << 20) {
    self.descriptor = descriptor
    self.bytesAtMost = bytesAtMost
    guard detachThread(named: "log", { [self] in run() }) else { fatalError("the system has no thread for the log") }
  }

  /// How many lines nobody will ever read, since the process began.
  public var droppedInAll: Int { state.withLock { $0.droppedInAll } }

  /// Never waits.
  ///
  /// - Parameters:
  ///   - line: with its line end, shorter than what a pipe takes as a whole.
  ///   - tell: makes a line of how many had no room, should this one have none.
  func put(_ line: [UInt8], orTell tell: @escaping @Sendable (Int) -> [UInt8]) {
    let wakes = state.withLock { state in
      // Once one is missing all further ones are, up to the line that says so: the count stands where the gap is.
      if state.dropped == 0, state.bytes + line.count <= bytesAtMost {
        state.lines.append(line)
        state.bytes += line.count
      } else {
        state.dropped += 1
        state.droppedInAll += 1
        state.tell = tell
      }
      defer { state.isResting = false }
      return state.isResting
    }
    if wakes { work.signal() }
  }

  /// Waits until everything that was put is written, for a process that is about to end; not longer than that, because the
  /// reader may be gone.
  ///
  /// - Returns: false when it was too long.
  @discardableResult
  func flush(within milliseconds: Int) -> Bool {
    let done = DispatchSemaphore(value: 0)
    let isDone = state.withLock { state in
      if state.isResting { return true }
      state.flushers.append(done)
      return false
    }
    return isDone || done.wait(timeout: .now() + .milliseconds(milliseconds)) == .success
  }

  // MARK: On its thread

  private func run() {
    while true {
      let lines = take()
      if lines.isEmpty { work.wait() } else { write(lines) }
    }
  }

  /// What waits, and what says how many are missing behind it; nothing before the thread rests.
  private func take() -> [[UInt8]] {
    let (lines, missing) = state.withLock { state in
      let taken = (state.lines, state.tell.map { (count: state.dropped, tell: $0) })
      (state.lines, state.bytes, state.dropped, state.tell) = ([], 0, 0, nil)
      if taken.0.isEmpty, taken.1 == nil {
        state.isResting = true
        state.flushers.forEach { $0.signal() }
        state.flushers = []
      }
      return taken
    }
    return lines + (missing.map { [$0.tell($0.count)] } ?? [])
  }

  /// As many at once as go out as a whole.
  private func write(_ lines: [[UInt8]]) {
    var whole: [UInt8] = []
    var count = 0
    func writeOut() {
      if !isWritten(whole) { state.withLock { $0.droppedInAll += count } }
      whole.removeAll(keepingCapacity: true)
      count = 0
    }
    for line in lines {
      if whole.count + line.count > Self.wholeBytes { writeOut() }
      whole += line
      count += 1
    }
    writeOut()
  }

  /// Where nobody will read any more (the thread takes no SIGPIPE) or the disk is full, a line is lost and the next one tried.
  private func isWritten(_ bytes: [UInt8]) -> Bool {
    var left = bytes[...]
    while !left.isEmpty {
      let count = left.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        left = left.dropFirst(count)
      } else if errno == EAGAIN {
        // Whoever began the process lent it a descriptor that doesn't block.
        var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&item, 1, -1)
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }
}
