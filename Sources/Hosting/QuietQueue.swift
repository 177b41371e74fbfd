import Bus
import Dispatch

/// Work that can wait, piece after piece, on a thread that gives way to whatever pages people: a year's report must not take the
/// processor from them, and a queue of Dispatch can't be told so on Linux.
final class QuietQueue: @unchecked Sendable {
  // Sendable because `waiting` is touched under the lock only.
  private let lock = DispatchSemaphore(value: 1)
  private let ready = DispatchSemaphore(value: 0)
  private var waiting: [@Sendable () -> Void] = []

  /// Lives as long as the process.
  init(_ name: String) {
    let begins = detachThread(named: name, givesWay: true) { [self] in
      while true {
        ready.wait()
        take()()
      }
    }
    guard begins else { fatalError("the system has no thread for \(name)") }
  }

  func async(_ work: @escaping @Sendable () -> Void) {
    lock.wait()
    waiting.append(work)
    lock.signal()
    ready.signal()
  }

  func async(after pause: DispatchTimeInterval, _ work: @escaping @Sendable () -> Void) {
    DispatchQueue.global().asyncAfter(deadline: .now() + pause) { self.async(work) }
  }

  private func take() -> @Sendable () -> Void {
    lock.wait()
    defer { lock.signal() }
    return waiting.removeFirst()
  }
}
