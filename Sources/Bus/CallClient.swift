import CZeroMQ
import DequeModule
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
    /// Few enough that the other side has work while this one goes on, so many that sending pays.
    public var messagesPerTurn = 32
    public var streamWindow = UInt32(256)
    /// Whether calls end at once when the server refuses this client's key; a tier tries again until their time is over.
    public var endsWhenRefused = false
    /// Whether what becomes of the connection is heard at once, for which a thread has a place less in `zmq_poll`, or when it is
    /// looked at, twenty times a second.
    public var hearsOfConnectionAtOnce = true
    /// Which of the context's I/O threads looks up the server's name, reads and writes. A name service that hangs keeps whatever else
    /// is on the same thread waiting.
    public var ioThread = 0

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

  public let thread: PollThread
  public let endpoint: String
  public let limits: Limits
  public private(set) var counters = Counters()
  /// Told when the connection comes and goes.
  public var onConnection: (Bool) -> Void = { _ in }
  public private(set) var isConnected = false

  /// Told why the server doesn't let this client in.
  public var onRefusal: (String) -> Void = { _ in }

  private static let knocksAgainAfter = Int64(1_000)
  private var knockIsPlanned = false
  /// What is shown to the server now; nil without keys.
  public private(set) var keys: ClientKeys?
  private let socket: Socket
  private let monitor: ConnectionMonitor
  private var calls = OpenCalls()
  private var wheel = DueWheel()
  private var queue: Deque<UInt64> = []
  private var inFlight = 0
  private var flushIsPlanned = false
  private var controls = ControlQueue()
  private var lastPath: (text: String, bytes: [UInt8]) = ("", [])
  private var serverEpoch: UInt64 = 0
  private let session = (0..<16).map { _ in UInt8.random(in: 0...255) }
  private var sequences = SequenceWindow()
  private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * RawHeader.maximumBytes, alignment: 16)
  private var timer: (due: UInt64, id: UInt64)?

  /// - Parameter keys: what is shown to the server, and demanded of it; nil where no keys are in use.
  public init(on thread: PollThread, endpoint: String, limits: Limits = Limits(), keys: ClientKeys? = nil)
    throws(ZeroMQError)
  {
    self.thread = thread
    self.endpoint = endpoint
    self.limits = limits
    self.keys = keys
    socket = try Socket(.dealer, maximumMessage: limits.payloadBytes + 64, ioThread: limits.ioThread)
    monitor = try ConnectionMonitor(of: socket)
    monitor.onConnection = { [unowned self] in connectionChanged($0) }
    monitor.onRefusal = { [unowned self] in wasRefused($0) }
    if let keys { try socket.showKeys(keys) }
    try socket.connect(endpoint)
    if limits.hearsOfConnectionAtOnce {
      thread.watch(monitor.events) { [unowned self] in monitor.drain() }
    } else {
      lookAtConnection()
    }
    thread.watch(socket) { [unowned self] in receiveSome() }
    thread.onTurnEnd { [weak self] in self?.flush() }
  }

  deinit {
    scratch.deallocate()
  }

  public var callsOpen: Int { calls.count }
  package var callsInFlight: Int { inFlight }

  // MARK: Calling

  /// Begin a call on the thread. The completion comes exactly once, with the answer or why there is none.
  @discardableResult
  public func call(
    _ path: String, _ payload: [UInt8], timeout: Span, identity: Identity, traceparent: [UInt8] = [],
    then completion: @escaping Completion
  ) -> UInt64 {
    begin(
      path, payload, timeout: timeout, identity: identity, traceparent: traceparent, stream: nil, .closure(completion))
  }

  /// The same for a task that waits.
  func call(
    _ path: String, _ payload: [UInt8], timeout: Span, identity: Identity, for task: AskedCall
  ) -> UInt64 {
    begin(path, payload, timeout: timeout, identity: identity, traceparent: [], stream: nil, .task(task))
  }

  func begin(
    _ path: String, _ payload: [UInt8], timeout: Span, identity: Identity, traceparent: [UInt8], stream: StreamState?,
    _ waiter: OpenCall.Waiter
  ) -> UInt64 {
    guard payload.count <= limits.payloadBytes else {
      waiter.tell(.failure(.invalid("payload", "has \(payload.count) bytes; at most \(limits.payloadBytes) are sent")))
      return 0
    }
    guard calls.count < limits.waiting else {
      waiter.tell(.failure(Refusal(.resourceExhausted, "\(limits.waiting) calls wait already")))
      return 0
    }
    counters.calls += 1
    let call = calls.begin()
    call.path = pathBytes(path)
    call.payload = payload
    call.identity = identity
    call.deadline = PollThread.now() + UInt64(max(1, timeout.milliseconds)) * 1_000_000
    call.stream = stream
    call.traceparent = traceparent
    call.waiter = waiter
    if case .session = identity { call.sequence = sequences.next() }
    wheel.set(call, due: call.deadline)
    queue.append(call.id)
    return call.id
  }

  /// Most calls of a client are of the same method: its bytes are made once.
  private func pathBytes(_ path: String) -> [UInt8] {
    if path != lastPath.text { lastPath = (path, Array(path.utf8)) }
    return lastPath.bytes
  }

  /// The answer is no longer wanted; what the server has committed stays.
  public func cancel(_ id: UInt64) {
    guard let call = calls[id] else { return }
    // One that waits to be repeated may be in the server's hands since the time before.
    if call.phase == .inFlight || call.attempt > 0 { sendControl(.cancel, id) }
    finish(call, .failure(Refusal(.cancelled, "cancelled by the caller")))
  }

  /// Send what may be sent now; called at the end of each turn, so that what a turn made leaves together.
  public func flush() {
    if !sendControls() { flushLater() }
    if let first = queue.first {
      let now = PollThread.now()
      var next: UInt64? = first
      while inFlight < limits.window, let id = next {
        if let call = calls[id], call.phase == .waiting, !send(call, at: now) {
          flushLater()
          break
        }
        queue.removeFirst()
        next = queue.first
      }
    }
    armTimer()
  }

  /// The socket takes no more, and nothing need arrive that would make another turn.
  private func flushLater() {
    guard !flushIsPlanned else { return }
    flushIsPlanned = true
    thread.after(milliseconds: 5) { [weak self] in self?.flushIsPlanned = false }
  }

  /// False when the socket takes no more now.
  private func send(_ call: OpenCall, at now: UInt64) -> Bool {
    guard call.deadline > now else {
      finish(call, .failure(Refusal(.deadlineExceeded, "no answer within the time given")))
      return true
    }
    let left = (call.deadline - now + 999_999) / 1_000_000
    var header = HeaderWriter(into: scratch)
    header.begin(.request, callID: call.id)
    header.bytes(4, call.path)
    header.varint(5, min(left, 600_000))
    header.varint(6, UInt64(call.attempt))
    if case .key(let key) = call.identity { header.bytes(7, key) }
    if let stream = call.stream { header.varint(9, UInt64(stream.window)) }
    header.bytes(15, call.traceparent)
    header.fixed(16, CRC32C.checksum(call.payload))
    if case .session = call.identity {
      header.bytes(17, session)
      header.fixed(18, call.sequence)
      header.fixed(19, sequences.acknowledgedThrough)
    }
    guard call.payload.withUnsafeBytes({ socket.send(header: header.bytes, payload: $0) }) == .sent else {
      return false
    }
    call.phase = .inFlight
    inFlight += 1
    if call.stream == nil {
      let patience = min(UInt64(limits.firstTry) << UInt64(min(call.attempt, 3)), 8_000) * 1_000_000
      wheel.set(call, due: min(call.deadline, now + patience))
    }
    return true
  }

  /// In its turn: what the socket doesn't take now leaves with a later flush.
  private func sendControl(_ kind: Kind, _ call: UInt64, credit: UInt32 = 0) {
    if controls.first == nil, sendNow(kind, call, credit: credit) { return }
    // Nobody waits for a PONG as long as this.
    if kind != .pong { controls.append(kind, call, credit: credit) }
  }

  private func sendControls() -> Bool {
    while let frame = controls.first {
      guard sendNow(frame.kind, frame.callID, credit: frame.credit) else { return false }
      controls.removeFirst()
    }
    return true
  }

  /// False when the socket takes no more now.
  private func sendNow(_ kind: Kind, _ call: UInt64, credit: UInt32) -> Bool {
    var header = HeaderWriter(into: scratch)
    header.begin(kind, callID: call)
    header.varint(9, UInt64(credit))
    return socket.send(header: header.bytes, payload: UnsafeRawBufferPointer(start: nil, count: 0)) == .sent
  }

  private func finish(_ call: OpenCall, _ result: Result<[UInt8], Refusal>) {
    if call.phase == .inFlight { inFlight -= 1 }
    if case .session = call.identity { sequences.done(call.sequence) }
    counters.answers += 1
    let waiter = call.waiter
    wheel.cancel(call)
    calls.end(call)
    waiter.tell(result)
  }

  /// Take a call off the wire and send it again a little later, with the same key.
  private func tryAgain(_ call: OpenCall, after wait: Int64) {
    if call.phase == .inFlight { inFlight -= 1 }
    call.attempt += 1
    counters.repeats += 1
    if wait == 0 {
      waitForTurn(call)
    } else {
      call.phase = .backingOff
      wheel.set(call, due: min(call.deadline, PollThread.now() + UInt64(wait) * 1_000_000))
    }
  }

  private func waitForTurn(_ call: OpenCall) {
    call.phase = .waiting
    wheel.set(call, due: call.deadline)
    queue.append(call.id)
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
    guard let call = calls[header.callID] else { return counters.strays += 1 }
    guard header.status != Status.ok.rawValue else {
      guard CRC32C.checksum(payload) == header.payloadChecksum else {
        return tryAgain(call, after: backOff(call.attempt))
      }
      return finish(call, .success([UInt8](payload)))
    }
    let status = Status(rawValue: header.status) ?? .unknown
    let refusal = Refusal(
      status, String(decoding: header.statusMessage, as: UTF8.self), field: field(header.statusDetails),
      retryAfter: header.pushbackMilliseconds > 0 ? .milliseconds(Int64(header.pushbackMilliseconds)) : nil)
    let mayRepeat = header.pushbackMilliseconds >= 0 && call.stream == nil
    guard mayRepeat, status == .unavailable || status == .resourceExhausted || status == .aborted else {
      return finish(call, .failure(refusal))
    }
    let wait = refusal.retryAfter?.milliseconds ?? backOff(call.attempt)
    guard PollThread.now() + UInt64(wait) * 1_000_000 < call.deadline else {
      return finish(call, .failure(refusal))
    }
    tryAgain(call, after: wait)
  }

  private func field(_ details: UnsafeRawBufferPointer) -> String {
    details.isEmpty ? "" : (try? ErrorDetail(decoding: [UInt8](details)))?.field ?? ""
  }

  private func data(_ header: RawHeader, _ payload: UnsafeRawBufferPointer) {
    guard let call = calls[header.callID], var stream = call.stream else { return counters.strays += 1 }
    guard header.streamSequence == stream.received + 1, CRC32C.checksum(payload) == header.payloadChecksum else {
      sendControl(.cancel, header.callID)
      return finish(call, .failure(Refusal(.dataLoss, "the stream has a gap after message \(stream.received)")))
    }
    stream.received += 1
    stream.uncredited += 1
    if stream.uncredited >= stream.window / 2 {
      sendControl(.credit, header.callID, credit: stream.uncredited)
      stream.uncredited = 0
    }
    call.stream = stream
    stream.take([UInt8](payload))
  }

  private func backOff(_ attempt: UInt32) -> Int64 {
    BackOff.milliseconds(after: attempt, percent: .random(in: BackOff.percents))
  }

  // MARK: Time

  private func armTimer() {
    guard wheel.count > 0 else { return }
    if let timer, wheel.earliestSet >= timer.due { return }
    let now = PollThread.now()
    guard let due = wheel.next(after: now), timer.map({ due < $0.due }) ?? true else { return }
    if let timer { thread.cancel(timer.id) }
    let wait = due <= now ? 0 : Int64((due - now + 999_999) / 1_000_000)
    timer = (due, thread.after(milliseconds: wait) { [weak self] in self?.runOut() })
  }

  /// Tries that got no answer are repeated, pauses end, calls whose time is over are finished.
  private func runOut() {
    timer = nil
    let now = PollThread.now()
    for call in wheel.take(through: now) where call.id != 0 {
      if call.deadline <= now {
        if call.phase == .inFlight { sendControl(.cancel, call.id) }
        finish(call, .failure(Refusal(.deadlineExceeded, "no answer within the time given")))
        continue
      }
      switch call.phase {
      case .inFlight: tryAgain(call, after: 0)
      case .backingOff: waitForTurn(call)
      case .waiting: wheel.set(call, due: call.deadline)
      }
    }
    armTimer()
  }

  // MARK: Connection

  private func lookAtConnection() {
    monitor.drain()
    thread.after(milliseconds: 50) { [weak self] in self?.lookAtConnection() }
  }

  private func connectionChanged(_ isUp: Bool) {
    isConnected = isUp
    onConnection(isConnected)
    guard !isConnected else { return }
    // The server forgets who was connected, and what they had begun.
    controls.removeAll()
    for call in calls.all where call.phase == .inFlight {
      if call.stream != nil {
        finish(call, .failure(Refusal(.unavailable, "the connection broke; resume the stream where it ended")))
      } else {
        tryAgain(call, after: backOff(call.attempt))
      }
    }
  }

  /// The server doesn't know this client's key, or no longer. libzmq doesn't try again by itself; the list of keys may change.
  private func wasRefused(_ reason: ConnectionMonitor.Refused) {
    let words =
      switch reason {
      case .key: "this key is not let in: it isn't on the server's list, or is revoked, expired or for other addresses"
      case .mechanism where keys != nil: "the server runs without keys: it isn't the one that this key is for"
      case .mechanism: "the server demands a key, and none was given"
      }
    onRefusal(words)
    if limits.endsWhenRefused {
      for call in calls.all { finish(call, .failure(Refusal(.unauthenticated, words))) }
    }
    knockLater()
  }

  private func knockLater() {
    guard !knockIsPlanned else { return }
    knockIsPlanned = true
    thread.after(milliseconds: Self.knocksAgainAfter) { [weak self] in
      guard let self else { return }
      knockIsPlanned = false
      do throws(ZeroMQError) {
        try socket.reconnect(endpoint)
      } catch {
        knockLater()
      }
    }
  }

  /// From now on with other keys: this side's were rotated, or the server's.
  public func show(_ keys: ClientKeys) throws(ZeroMQError) {
    self.keys = keys
    try socket.showKeys(keys)
    try socket.reconnect(endpoint)
  }

  /// What has happened to the connection since the start.
  public var connections: ConnectionCounts { monitor.counts }

  /// What an option of the socket is now; for tests.
  package func socketOption(_ number: Int32) -> Int64? { socket.option(number) }

  package var routingIDBytes: Int { socket.routingIDBytes }
}
