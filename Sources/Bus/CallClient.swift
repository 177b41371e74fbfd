import CZeroMQ
import DequeModule
import HeapModule
import Messages
import Wire

/// The calling side: a DEALER to one server that keeps a bounded number of calls in flight, repeats them with the same key
/// until their deadline, and finishes each exactly once.
///
/// Lives on one `PollThread`; the `async` surface may be used from anywhere.
public final class CallClient {
  /// What makes repeats of a call the same call.
  public enum Identity: Sendable {
    /// The method is idempotent by its content.
    case content
    /// 16 bytes, a UUIDv7.
    case key([UInt8])
    /// A number in this client's session: cheapest for heavy use.
    case session
  }
  public struct Limits: Sendable {
    /// Calls on the wire at once; the rest wait in order.
    public var window = 1_024
    public var waiting = 1_000_000
    public var payloadBytes = 1_024 * 1_024
    public var firstTry = Int64(1_000)
    public var messagesPerTurn = 256
    public var streamWindow = UInt32(256)

    public init() {}
  }
  public struct Counters: Hashable, Sendable {
    public var calls: UInt64 = 0
    public var repeats: UInt64 = 0
    public var answers: UInt64 = 0
    public var strays: UInt64 = 0
    public var restartsSeen: UInt64 = 0
  }
  public typealias Completion = (Result<[UInt8], Refusal>) -> Void

  enum Phase { case waiting, inFlight, backingOff }
  struct Slot {
    var path: [UInt8]
    var payload: [UInt8]
    var identity: Identity
    var sequence: UInt64 = 0
    var deadline: UInt64
    var attempt: UInt32 = 0
    var phase = Phase.waiting
    var stream: StreamState?
    var traceparent: [UInt8]
    var completion: Completion
  }

  public let thread: PollThread
  public let endpoint: String
  public let limits: Limits
  public private(set) var counters = Counters()
  /// Told when the connection comes and goes.
  public var onConnection: (Bool) -> Void = { _ in }
  public private(set) var isConnected = false

  private let socket: Socket
  private var monitor: Socket?
  private var slots: [UInt64: Slot] = [:]
  private var queue: Deque<UInt64> = []
  private var tries = Heap<Try>()
  private var inFlight = 0
  private var nextID = UInt64.random(in: 1...UInt64.max / 2)
  private var serverEpoch: UInt64 = 0
  private let session = (0..<16).map { _ in UInt8.random(in: 0...255) }
  private var sequences = SequenceWindow()
  private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * RawHeader.maximumBytes, alignment: 16)
  private var timer: (due: UInt64, id: UInt64)?

  private struct Try: Comparable {
    var due: UInt64
    var call: UInt64
    var attempt: UInt32
    static func < (left: Try, right: Try) -> Bool { (left.due, left.call) < (right.due, right.call) }
  }

  public init(on thread: PollThread, endpoint: String, limits: Limits = Limits()) throws(ZeroMQError) {
    self.thread = thread
    self.endpoint = endpoint
    self.limits = limits
    socket = try Socket(.dealer, maximumMessage: limits.payloadBytes + 64)
    try startMonitor()
    try socket.connect(endpoint)
    thread.watch(socket) { [unowned self] in receiveSome() }
    thread.onTurn { [weak self] in self?.flush() }
  }

  deinit {
    scratch.deallocate()
  }

  public var callsOpen: Int { slots.count }

  // MARK: Calling

  /// Begin a call on the thread. The completion comes exactly once, with the answer or why there is none.
  @discardableResult
  public func call(
    _ path: String, _ payload: [UInt8], timeout: Span, identity: Identity, traceparent: [UInt8] = [],
    then completion: @escaping Completion
  ) -> UInt64 {
    begin(path, payload, timeout: timeout, identity: identity, traceparent: traceparent, stream: nil, completion)
  }

  func begin(
    _ path: String, _ payload: [UInt8], timeout: Span, identity: Identity, traceparent: [UInt8], stream: StreamState?,
    _ completion: @escaping Completion
  ) -> UInt64 {
    guard payload.count <= limits.payloadBytes else {
      completion(.failure(.invalid("payload", "has \(payload.count) bytes; at most \(limits.payloadBytes) are sent")))
      return 0
    }
    guard slots.count < limits.waiting else {
      completion(.failure(Refusal(.resourceExhausted, "\(limits.waiting) calls wait already")))
      return 0
    }
    nextID += 1
    counters.calls += 1
    var slot = Slot(
      path: Array(path.utf8), payload: payload, identity: identity,
      deadline: PollThread.now() + UInt64(max(1, timeout.milliseconds)) * 1_000_000, stream: stream,
      traceparent: traceparent, completion: completion)
    if case .session = identity { slot.sequence = sequences.next() }
    slots[nextID] = slot
    queue.append(nextID)
    tries.insert(Try(due: slot.deadline, call: nextID, attempt: .max))
    return nextID
  }

  /// The answer is no longer wanted; what the server has committed stays.
  public func cancel(_ call: UInt64) {
    guard let slot = slots[call] else { return }
    if slot.phase == .inFlight { sendControl(.cancel, call) }
    finish(call, .failure(Refusal(.cancelled, "cancelled by the caller")))
  }

  /// Send what may be sent now; called at the end of each turn.
  public func flush() {
    while inFlight < limits.window, let next = queue.first {
      guard slots[next]?.phase == .waiting else {
        queue.removeFirst()
        continue
      }
      guard sendRequest(next) else { break }
      queue.removeFirst()
    }
    armTimer()
  }

  private func sendRequest(_ id: UInt64) -> Bool {
    guard let slot = slots[id] else { return true }
    let now = PollThread.now()
    guard slot.deadline > now else {
      finish(id, .failure(Refusal(.deadlineExceeded, "no answer within the time given")))
      return true
    }
    let left = (slot.deadline - now + 999_999) / 1_000_000
    var header = HeaderWriter(into: scratch)
    header.begin(.request, callID: id)
    header.bytes(4, slot.path)
    header.varint(5, min(left, 600_000))
    header.varint(6, UInt64(slot.attempt))
    if case .key(let key) = slot.identity { header.bytes(7, key) }
    if let stream = slot.stream { header.varint(9, UInt64(stream.window)) }
    header.bytes(15, slot.traceparent)
    header.fixed(16, CRC32C.checksum(slot.payload))
    if case .session = slot.identity {
      header.bytes(17, session)
      header.fixed(18, slot.sequence)
      header.fixed(19, sequences.acknowledgedThrough)
    }
    guard slot.payload.withUnsafeBytes({ socket.send(header: header.bytes, payload: $0) }) == .sent else {
      return false
    }
    slots[id]?.phase = .inFlight
    inFlight += 1
    if slot.stream == nil {
      let patience = min(UInt64(limits.firstTry) << UInt64(min(slot.attempt, 3)), 8_000) * 1_000_000
      tries.insert(Try(due: now + patience, call: id, attempt: slot.attempt))
    }
    return true
  }

  func sendControl(_ kind: Kind, _ call: UInt64, credit: UInt32 = 0) {
    var header = HeaderWriter(into: scratch)
    header.begin(kind, callID: call)
    header.varint(9, UInt64(credit))
    _ = socket.send(header: header.bytes, payload: UnsafeRawBufferPointer(start: nil, count: 0))
  }

  private func finish(_ id: UInt64, _ result: Result<[UInt8], Refusal>) {
    guard let slot = slots.removeValue(forKey: id) else { return }
    if slot.phase == .inFlight { inFlight -= 1 }
    if case .session = slot.identity { sequences.done(slot.sequence) }
    counters.answers += 1
    slot.completion(result)
  }

  /// Take a call off the wire and send it again a little later, with the same key.
  private func tryAgain(_ id: UInt64, after wait: Int64) {
    guard slots[id] != nil else { return }
    if slots[id]?.phase == .inFlight { inFlight -= 1 }
    slots[id]?.phase = .backingOff
    slots[id]?.attempt += 1
    counters.repeats += 1
    thread.after(milliseconds: wait) { [weak self] in
      guard let self, self.slots[id]?.phase == .backingOff else { return }
      self.slots[id]?.phase = .waiting
      self.queue.append(id)
    }
  }

  // MARK: Receiving

  private func receiveSome() -> Int {
    var taken = 0
    while taken < limits.messagesPerTurn, socket.receive({ frames, count in self.receive(frames, count) }) {
      taken += 1
    }
    return taken
  }

  private func receive(_ frames: UnsafeMutableBufferPointer<zmq_msg_t>, _ count: Int) {
    guard count == 2, let header = try? RawHeader(bytes(of: &frames[0])) else { return counters.strays += 1 }
    noticeEpoch(header.serverEpoch)
    switch Kind(rawValue: header.kind) {
    case .end: end(header, bytes(of: &frames[1]))
    case .data: data(header, bytes(of: &frames[1]))
    case .ping: sendControl(.pong, header.callID)
    case .pong, .goaway: break
    default: counters.strays += 1
    }
  }

  private func noticeEpoch(_ epoch: UInt64) {
    guard epoch != 0, epoch != serverEpoch else { return }
    if serverEpoch != 0 { counters.restartsSeen += 1 }
    serverEpoch = epoch
  }

  private func end(_ header: RawHeader, _ payload: UnsafeRawBufferPointer) {
    guard let slot = slots[header.callID] else { return counters.strays += 1 }
    let status = Status(rawValue: header.status) ?? .unknown
    guard status != .ok else {
      guard CRC32C.checksum(payload) == header.payloadChecksum else {
        return tryAgain(header.callID, after: backOff(slot.attempt))
      }
      return finish(header.callID, .success([UInt8](payload)))
    }
    let refusal = Refusal(
      status, String(decoding: header.statusMessage, as: UTF8.self), field: field(header.statusDetails),
      retryAfter: header.pushbackMilliseconds > 0 ? .milliseconds(Int64(header.pushbackMilliseconds)) : nil)
    let mayRepeat = header.pushbackMilliseconds >= 0 && slot.stream == nil
    guard mayRepeat, status == .unavailable || status == .resourceExhausted || status == .aborted else {
      return finish(header.callID, .failure(refusal))
    }
    let wait = refusal.retryAfter?.milliseconds ?? backOff(slot.attempt)
    guard PollThread.now() + UInt64(wait) * 1_000_000 < slot.deadline else {
      return finish(header.callID, .failure(refusal))
    }
    tryAgain(header.callID, after: wait)
  }

  private func field(_ details: UnsafeRawBufferPointer) -> String {
    details.isEmpty ? "" : (try? ErrorDetail(decoding: [UInt8](details)))?.field ?? ""
  }

  private func data(_ header: RawHeader, _ payload: UnsafeRawBufferPointer) {
    guard var stream = slots[header.callID]?.stream else { return counters.strays += 1 }
    guard header.streamSequence == stream.received + 1, CRC32C.checksum(payload) == header.payloadChecksum else {
      sendControl(.cancel, header.callID)
      return finish(
        header.callID, .failure(Refusal(.dataLoss, "the stream has a gap after message \(stream.received)")))
    }
    stream.received += 1
    stream.uncredited += 1
    if stream.uncredited >= stream.window / 2 {
      sendControl(.credit, header.callID, credit: stream.uncredited)
      stream.uncredited = 0
    }
    slots[header.callID]?.stream = stream
    stream.take([UInt8](payload))
  }

  /// 20 ms doubling to 2 s, give or take a fifth.
  private func backOff(_ attempt: UInt32) -> Int64 {
    let base = min(Int64(20) << Int64(min(attempt, 7)), 2_000)
    return base * Int64.random(in: 80...120) / 100
  }

  // MARK: Time

  private func armTimer() {
    while let first = tries.min, isStale(first) { tries.removeMin() }
    guard let due = tries.min?.due, timer.map({ due < $0.due }) ?? true else { return }
    if let timer { thread.cancel(timer.id) }
    let now = PollThread.now()
    let wait = due <= now ? 0 : Int64((due - now + 999_999) / 1_000_000)
    timer = (due, thread.after(milliseconds: wait) { [weak self] in self?.runOut() })
  }

  private func isStale(_ one: Try) -> Bool {
    guard let slot = slots[one.call] else { return true }
    return one.attempt != .max && (slot.attempt != one.attempt || slot.phase != .inFlight)
  }

  /// Tries that got no answer are repeated; calls whose time is over are finished.
  private func runOut() {
    timer = nil
    let now = PollThread.now()
    while let first = tries.min, first.due <= now || isStale(first) {
      tries.removeMin()
      guard !isStale(first) else { continue }
      if first.attempt == .max {
        if slots[first.call]?.phase == .inFlight { sendControl(.cancel, first.call) }
        finish(first.call, .failure(Refusal(.deadlineExceeded, "no answer within the time given")))
      } else {
        tryAgain(first.call, after: 0)
      }
    }
    armTimer()
  }

  // MARK: Connection

  private func startMonitor() throws(ZeroMQError) {
    let address = "inproc://monitor-\(UInt64.random(in: 0...UInt64.max))"
    let events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED
    guard zmq_socket_monitor(socket.handle, address, events) == 0 else {
      throw ZeroMQError(number: zmq_errno(), doing: "watching the connection to \(endpoint)")
    }
    let monitor = try Socket(.pair, maximumMessage: 0)
    try monitor.connect(address)
    self.monitor = monitor
    thread.watch(monitor) { [unowned self] in
      var taken = 0
      while monitor.receive({ frames, count in if count > 0 { self.connectionChanged(bytes(of: &frames[0])) } }) {
        taken += 1
      }
      return taken
    }
  }

  private func connectionChanged(_ event: UnsafeRawBufferPointer) {
    guard event.count >= 2 else { return }
    let number = Int32(event.loadUnaligned(as: UInt16.self))
    isConnected = number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED
    onConnection(isConnected)
    guard !isConnected else { return }
    for (id, slot) in slots where slot.phase == .inFlight {
      if slot.stream != nil {
        finish(id, .failure(Refusal(.unavailable, "the connection broke; resume the stream where it ended")))
      } else {
        tryAgain(id, after: backOff(slot.attempt))
      }
    }
  }
}
