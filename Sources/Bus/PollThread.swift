import CZeroMQ
import Glibc
import HeapModule
import Messages
import Synchronization

/// One thread that owns sockets: it waits for them, for work from other threads and for timers, and is the executor of any
/// actor that wants to live on it.
///
/// A turn runs what others handed in, the timers that are due, a bounded number of messages of each socket, then the
/// hooks (where an engine keeps its batch), and at its end lets sockets send all that the turn made, in one go. It sleeps,
/// in `zmq_poll`, only when a turn found nothing to do; the eventfd is written only when it sleeps.
public final class PollThread: SerialExecutor, @unchecked Sendable {
  // Sendable because everything but `inbox`, `isAsleep`, `identity` and `wake` is touched by the thread itself only, and
  // those four are a mutex, atomics and a constant.

  enum Work: Sendable {
    case closure(@Sendable () -> Void)
    case call(AskedCall)
    /// Of an actor that lives here.
    case job(UnownedJob)
    /// Of a task that prefers to run here.
    case task(UnownedJob)
  }
  private struct Timer: Comparable {
    var due: UInt64
    var number: UInt64
    static func < (left: Timer, right: Timer) -> Bool { (left.due, left.number) < (right.due, right.number) }
  }
  private final class Source {
    let socket: Socket
    let handle: () -> Int
    init(_ socket: Socket, _ handle: @escaping () -> Int) {
      self.socket = socket
      self.handle = handle
    }
  }

  public let name: String
  private let inbox = Mutex<[Work]>([])
  private let isAsleep = Atomic<Bool>(false)
  private let identity = Atomic<UInt>(0)
  private let wake: Int32
  /// Set once, before the thread begins.
  private var runner: TaskRunner!

  /// What this thread handed to itself.
  private var own: [Work] = []
  /// Lists that were worked off, kept for their memory.
  private var spare: [Work] = []
  private var sources: [Source] = []
  private var pollItems: [zmq_pollitem_t] = []
  private var timers = Heap<Timer>()
  private var timerActions: [UInt64: () -> Void] = [:]
  private var timersMade: UInt64 = 0
  private var hooks: [() -> Void] = []
  private var senders: [() -> Void] = []

  public init(name: String) {
    self.name = name
    wake = tocsin_eventfd()
    precondition(wake >= 0, "eventfd failed: \(errno)")
    runner = TaskRunner(self)
    listPollItems()
    beginThread(named: name) { [self] in run() }
  }

  // MARK: From any thread

  /// Run a closure on this thread, soon. Memory is the caller's concern: nothing bounds this queue but those who fill it.
  public func post(_ work: @escaping @Sendable () -> Void) {
    hand(.closure(work))
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    hand(.job(UnownedJob(job)))
  }

  /// For tasks that want to run here.
  public var executor: TaskRunner { runner }

  /// Whether the caller runs on this thread.
  public var isCurrent: Bool { identity.load(ordering: .relaxed) == UInt(pthread_self()) }

  func hand(_ work: Work) {
    if isCurrent { return own.append(work) }
    inbox.withLock { $0.append(work) }
    guard isAsleep.load(ordering: .sequentiallyConsistent),
      isAsleep.exchange(false, ordering: .sequentiallyConsistent)
    else { return }
    var one: UInt64 = 1
    _ = Glibc.write(wake, &one, 8)
  }

  // MARK: On this thread

  /// zmq_poll keeps up to 16 items (ZMQ_POLLITEMS_DFLT) in an array on its stack; the eventfd is one. What libzmq 4.3.4 does
  /// beyond that is a path of its own with a history of faults (resizing, mended in 4.3.5), and no tier needs it: a server
  /// with two doors and clients of three peers, two sockets each, are eight.
  public static let socketsAtMost = 15

  /// Let `handle` take what a socket received, up to a bound of its own; it says how much it took.
  func watch(_ socket: Socket, _ handle: @escaping () -> Int) {
    sources.append(Source(socket, handle))
    precondition(
      sources.count <= Self.socketsAtMost, "\(name) watches \(sources.count) sockets, of \(Self.socketsAtMost) at most")
    listPollItems()
  }

  private func listPollItems() {
    pollItems = sources.map { zmq_pollitem_t(socket: $0.socket.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0) }
    pollItems.append(zmq_pollitem_t(socket: nil, fd: wake, events: Int16(ZMQ_POLLIN), revents: 0))
  }

  /// Run something near the end of every turn that did anything.
  public func onTurn(_ hook: @escaping () -> Void) {
    hooks.append(hook)
  }

  /// Send what a turn made: after everything else in it, hooks included.
  func onTurnEnd(_ send: @escaping () -> Void) {
    senders.append(send)
  }

  /// A timer for later than in ten years rings then.
  private static let longestWait = Int64(10 * 366 * 86_400_000)

  /// Run something once, after so many milliseconds of CLOCK_MONOTONIC. Returns what cancels it.
  @discardableResult
  public func after(milliseconds: Int64, _ action: @escaping () -> Void) -> UInt64 {
    timersMade += 1
    let wait = UInt64(min(max(0, milliseconds), Self.longestWait)) * 1_000_000
    timers.insert(Timer(due: Self.now() + wait, number: timersMade))
    timerActions[timersMade] = action
    return timersMade
  }

  public func cancel(_ timer: UInt64) {
    timerActions[timer] = nil
  }

  /// CLOCK_MONOTONIC, nanoseconds.
  public static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  private func run() {
    identity.store(UInt(pthread_self()), ordering: .relaxed)
    while true {
      if turn() == 0 { sleep() }
    }
  }

  private func turn() -> Int {
    var done = runInbox()
    done += runTimers()
    for source in sources { done += source.handle() }
    done += runOwn()
    if done > 0 {
      for hook in hooks { hook() }
      for send in senders { send() }
    }
    return done
  }

  private func runInbox() -> Int {
    swap(&spare, &own)
    inbox.withLock { inbox in
      if spare.isEmpty { swap(&inbox, &spare) } else { spare.append(contentsOf: inbox); inbox.removeAll() }
    }
    return runSpare()
  }

  /// What the turn's callbacks made ready: continuations, mostly. What that makes ready in turn waits for the next.
  private func runOwn() -> Int {
    guard !own.isEmpty else { return 0 }
    swap(&spare, &own)
    return runSpare()
  }

  private func runSpare() -> Int {
    guard !spare.isEmpty else { return 0 }
    var work: [Work] = []
    swap(&work, &spare)
    for item in work {
      switch item {
      case .closure(let closure): closure()
      case .call(let call): call.run()
      case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
      case .task(let job): job.runSynchronously(on: executor.asUnownedTaskExecutor())
      }
    }
    let count = work.count
    work.removeAll(keepingCapacity: work.capacity < 4_096)
    if spare.isEmpty { swap(&work, &spare) }
    return count
  }

  private func runTimers() -> Int {
    guard let first = timers.min else { return 0 }
    let now = Self.now()
    guard first.due <= now else { return 0 }
    var done = 0
    while let timer = timers.min, timer.due <= now {
      timers.removeMin()
      guard let action = timerActions.removeValue(forKey: timer.number) else { continue }
      action()
      done += 1
    }
    return done
  }

  private func sleep() {
    // Others may be about to hand something in, and a turn of many costs less than many turns.
    sched_yield()
    if turn() > 0 { return }
    isAsleep.store(true, ordering: .sequentiallyConsistent)
    let isEmpty = inbox.withLock { $0.isEmpty } && own.isEmpty
    let wait = isEmpty ? timeToNextTimer() : 0
    _ = zmq_poll(&pollItems, Int32(pollItems.count), wait)
    isAsleep.store(false, ordering: .sequentiallyConsistent)
    guard pollItems[pollItems.count - 1].revents != 0 else { return }
    var count: UInt64 = 0
    _ = Glibc.read(wake, &count, 8)
  }

  /// Milliseconds, rounded up; -1 when there is no timer.
  private func timeToNextTimer() -> Int {
    while let first = timers.min, timerActions[first.number] == nil { timers.removeMin() }
    guard let first = timers.min else { return -1 }
    let now = Self.now()
    return first.due <= now ? 0 : Int((first.due - now + 999_999) / 1_000_000)
  }
}
