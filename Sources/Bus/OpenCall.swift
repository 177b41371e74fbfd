import Messages

/// One call of a client, from its beginning to its one answer. Objects are used again for later calls: a call allocates
/// none.
final class OpenCall {
  /// waiting → inFlight → (backingOff → waiting)… until it is finished.
  enum Phase { case waiting, inFlight, backingOff }
  /// Who is told of the answer.
  enum Waiter {
    case nobody
    case task(AskedCall)
    case closure(CallClient.Completion)

    func tell(_ result: Result<[UInt8], Refusal>) {
      switch self {
      case .nobody: break
      case .task(let call): call.finish(result)
      case .closure(let completion): completion(result)
      }
    }
  }

  let index: Int
  /// 0 while the object is free.
  var id: UInt64 = 0
  var path: [UInt8] = []
  var payload: [UInt8] = []
  var identity = CallClient.Identity.content
  var sequence: UInt64 = 0
  /// Of CLOCK_MONOTONIC, nanoseconds.
  var deadline: UInt64 = 0
  var attempt: UInt32 = 0
  var phase = Phase.waiting
  var stream: StreamState?
  var traceparent: [UInt8] = []
  var waiter = Waiter.nobody

  /// When something must be done about it unless it is finished: its place in the `DueWheel`.
  var due: UInt64 = 0
  var bucket = -1
  var next: OpenCall?
  unowned(unsafe) var previous: OpenCall?

  init(index: Int) {
    self.index = index
  }

  func clear() {
    id = 0
    payload = []
    identity = .content
    attempt = 0
    phase = .waiting
    stream = nil
    traceparent = []
    waiter = .nobody
  }
}
