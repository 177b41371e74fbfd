import CZeroMQ
import Glibc
import Messages
import Wire

/// The answering side of calls: a ROUTER that checks each request before anybody sees it, and answers each exactly once.
///
/// Lives on one `PollThread`. Nothing is dropped without a trace: what a full peer can't take waits in a bounded queue, and
/// past the bound each call that something waits for is ended with RESOURCE_EXHAUSTED: a stream begins again where it ended, and
/// another call is repeated with its key.
public final class CallServer {
  public let thread: PollThread
  public let limits: Limits
  public internal(set) var counters = Counters()
  /// Sent in every answer, so that clients notice a restart.
  public var epoch: UInt64 = 1
  /// Told of every well-formed request of a known method, on the thread.
  public var onCall: (IncomingCall) -> Void = { _ in }
  /// Told when a client no longer wants an answer, or a stream ended by itself.
  public var onCancel: (CallHandle) -> Void = { _ in }
  /// Told of a message on a connection whose key is good no more: how the key begins, and from where.
  public var onUnauthenticated: (Refusal, _ key: String, _ from: String) -> Void = { _, _, _ in }
  /// Told when a stream may go on.
  public var onCredit: (CallHandle) -> Void = { _ in }

  /// Connections that say nothing for so long are forgotten: libzmq tells of none that ends by whose it was.
  static let peerIdle: UInt64 = 60_000_000_000

  let doors: [ServerDoor]
  var peers: [UInt64: ServerPeer] = [:]
  /// Messages come in runs from one peer: the last is looked at first.
  var lastPeer: ServerPeer?
  private var openCalls = 0
  private var shares = PrincipalShares()
  private var outbox = Outbox()
  private var lastSession: [UInt8] = []
  /// CLOCK_MONOTONIC, read once for a run of messages or answers.
  private var now: UInt64 = 0
  /// The wall clock, the same.
  private var wall = Instant.unset
  private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * RawHeader.maximumBytes, alignment: 16)
  private var stuck: Set<UInt64> = []
  /// Calls that were ended while a turn's letters leave: what follows of them has nobody to go to.
  private var endedNow: Set<CallHandle> = []
  private var stuckRetry: Pulse!
  private var isDraining = false
  private var stall = Stall()
  /// Calls that ended while letters left, to be told of in the next turn: a turn's end only sends.
  private var gone: [CallHandle] = []

  /// - Parameter methods: paths that are answered here, each with whether it streams.
  public init(on thread: PollThread, doors: [Door], methods: [String: Bool], limits: Limits = Limits())
    throws(ZeroMQError)
  {
    self.thread = thread
    self.limits = limits
    var opened: [ServerDoor] = []
    for door in doors { opened.append(try ServerDoor(door, number: opened.count, methods: methods)) }
    self.doors = opened
    for door in opened { thread.watch(door.socket) { [unowned self] in receiveSome(door) } }
    thread.onTurnEnd { [unowned self] in sendAll() }
    stuckRetry = Pulse(on: thread, every: 5) { [unowned self] in retryStuck() }
    watchTime()
  }

  /// With one door for everybody.
  public convenience init(
    on thread: PollThread, endpoints: [String], methods: [String: Bool], limits: Limits = Limits()
  ) throws(ZeroMQError) {
    try self.init(on: thread, doors: [Door("everybody", endpoints: endpoints)], methods: methods, limits: limits)
  }

  deinit {
    scratch.deallocate()
  }

  /// Of the first door.
  public var endpoint: String { endpoints[0] }
  /// Of each door, where it was bound last.
  public var endpoints: [String] { doors.map(\.socket.lastEndpoint) }
  public var callsInFlight: Int { openCalls }

  /// Begin no more calls; those in flight are still answered.
  public func drain() {
    isDraining = true
    for route in peers.keys { send(route, .goaway, callID: 0) }
  }

  // MARK: Answering

  /// The one answer of a call; a second one, or one after the deadline, goes nowhere. It leaves at the end of the turn.
  public func answer(_ call: CallHandle, _ result: Result<[UInt8], Refusal>) {
    guard let peer = peer(call.route), let open = close(call, of: peer) else {
      counters.lateAnswers += 1
      return
    }
    counters.answers += 1
    switch result {
    case .success(let payload):
      if !open.isStream { remember(call, payload, open, of: peer) }
      sendEnd(call, payload)
    case .failure(let refusal): sendRefusal(call, refusal)
    }
  }

  private func remember(_ call: CallHandle, _ payload: [UInt8], _ open: ServerPeer.Call, of peer: ServerPeer) {
    let now = time
    if now > open.touched + AnsweredLately.waited { peer.lately.remember(call.callID, payload, at: now) }
  }

  /// One message of a stream. False when the client has granted no more credit: then nothing was sent.
  public func send(_ call: CallHandle, _ payload: [UInt8]) -> Bool {
    let now = time
    let sequence = peer(call.route)?.calls.change(call.callID) { open -> UInt64? in
      guard open.credit > 0 else { return nil }
      open.credit -= 1
      open.sequence += 1
      open.touched = now
      return open.sequence
    }
    guard case let sequence?? = sequence else { return false }
    var header = HeaderWriter(into: scratch)
    header.begin(.data, callID: call.callID)
    header.fixed(8, sequence)
    header.fixed(14, epoch)
    header.fixed(16, CRC32C.checksum(payload))
    push(call.route, header.bytes, payload)
    return true
  }

  private func close(_ call: CallHandle, of peer: ServerPeer) -> ServerPeer.Call? {
    guard let open = peer.calls.remove(call.callID) else { return nil }
    openCalls -= 1
    open.share?.inFlight -= 1
    return open
  }

  func close(_ call: CallHandle) -> Bool {
    peer(call.route).flatMap { close(call, of: $0) } != nil
  }

  private func peer(_ route: UInt64) -> ServerPeer? {
    if let lastPeer, lastPeer.route == route { return lastPeer }
    guard let peer = peers[route] else { return nil }
    lastPeer = peer
    return peer
  }

  /// The time of this turn, near enough.
  private var time: UInt64 {
    if now == 0 { now = PollThread.now() }
    return now
  }

  private func sendEnd(_ call: CallHandle, _ payload: [UInt8]) {
    var header = HeaderWriter(into: scratch)
    header.begin(.end, callID: call.callID)
    header.fixed(14, epoch)
    header.fixed(16, CRC32C.checksum(payload))
    push(call.route, header.bytes, payload)
  }

  func sendRefusal(_ call: CallHandle, _ refusal: Refusal) {
    push(call.route, header(ofRefusal: refusal, of: call.callID), [])
  }

  /// Lies in `scratch`.
  private func header(ofRefusal refusal: Refusal, of callID: UInt64) -> UnsafeRawBufferPointer {
    var header = HeaderWriter(into: scratch)
    header.begin(.end, callID: callID)
    header.varint(10, UInt64(refusal.status.rawValue))
    header.bytes(11, Array(refusal.message.utf8.prefix(512)))
    if !refusal.field.isEmpty {
      header.bytes(12, ErrorDetail(field: String(refusal.field.prefix(512))).encoded())
    }
    if let wait = refusal.retryAfter { header.zigzag(13, Int32(clamping: wait.milliseconds)) }
    header.fixed(14, epoch)
    return header.bytes
  }

  private func send(_ route: UInt64, _ kind: Kind, callID: UInt64) {
    var header = HeaderWriter(into: scratch)
    header.begin(kind, callID: callID)
    header.fixed(14, epoch)
    push(route, header.bytes, [])
  }

  private func push(_ route: UInt64, _ header: UnsafeRawBufferPointer, _ payload: [UInt8]) {
    outbox.append(route, header, payload)
  }

  /// At a turn's end everything that it made leaves together: the I/O thread is woken once.
  private func sendAll() {
    stall.turned(at: PollThread.now())
    now = 0
    wall = .unset
    guard !outbox.isEmpty else { return }
    outbox.forEach { route, header, payload in
      if let peer = peer(route) { send(header, payload, to: peer) }
    }
    outbox.removeAll()
    endedNow.removeAll()
  }

  private func send(_ header: UnsafeRawBufferPointer, _ payload: [UInt8], to peer: ServerPeer) {
    if peer.unread.isEmpty {
      switch payload.withUnsafeBytes({ peer.socket.send(to: peer.route, header: header, payload: $0) }) {
      case .sent: return
      case .gone: return forget(peer)
      case .full: break
      }
    }
    if !endedNow.isEmpty, let callID = (try? RawHeader(header))?.callID,
      endedNow.contains(CallHandle(route: peer.route, callID: callID))
    {
      return
    }
    counters.waited += 1
    peer.unread.append(Array(header), payload)
    stuck.insert(peer.route)
    stuckRetry.begin()
    if peer.unread.count > limits.waitingReplies || peer.unread.bytes > limits.waitingBytes { giveUp(on: peer) }
  }

  /// Too much waits for it: what waits gives way to one short END for each call. Whoever has as many of those unread, and calls on,
  /// is spoken with no more.
  private func giveUp(on peer: ServerPeer) {
    counters.givenUp += 1
    let refusal = Refusal(
      .resourceExhausted, "this connection leaves its answers unread: \(peer.unread.count) messages waited for it")
    let ended = peer.unread.giveUp { Array(header(ofRefusal: refusal, of: $0)) }
    for callID in ended {
      let call = CallHandle(route: peer.route, callID: callID)
      endedNow.insert(call)
      if peer.calls[callID]?.isStream == true, close(call, of: peer) != nil { gone.append(call) }
    }
    guard peer.unread.count <= limits.waitingReplies / 2 else { return forget(peer) }
    tellGoneLater()
  }

  private func retryStuck() -> Bool {
    for route in stuck { sendWaiting(to: route) }
    return !stuck.isEmpty
  }

  private func sendWaiting(to route: UInt64) {
    guard let peer = peers[route] else {
      stuck.remove(route)
      return
    }
    while let first = peer.unread.first {
      let outcome = first.header.withUnsafeBytes { header in
        first.payload.withUnsafeBytes { peer.socket.send(to: route, header: header, payload: $0) }
      }
      if outcome == .full { return }
      if outcome == .gone { return forget(peer) }
      peer.unread.removeFirst()
    }
    stuck.remove(route)
  }

  /// A peer that can't be reached any more: its calls are cancelled.
  private func forget(_ peer: ServerPeer) {
    counters.gone += 1
    peers[peer.route] = nil
    lastPeer = nil
    stuck.remove(peer.route)
    openCalls -= peer.calls.count
    peer.calls.forEach { callID, open in
      open.share?.inFlight -= 1
      gone.append(CallHandle(route: peer.route, callID: callID))
    }
    tellGoneLater()
  }

  private func tellGoneLater() {
    thread.after(milliseconds: 0) { [weak self] in
      guard let self else { return }
      let calls = gone
      gone = []
      calls.forEach { self.onCancel($0) }
    }
  }

  // MARK: Receiving

  private func receiveSome(_ door: ServerDoor) -> Int {
    var taken = 0
    while taken < limits.messagesPerTurn,
      door.socket.receive({ frames, count in self.receive(frames, count, by: door) })
    {
      taken += 1
    }
    return taken
  }

  private func receive(_ frames: UnsafeMutableBufferPointer<zmq_msg_t>, _ count: Int, by door: ServerDoor) {
    guard count >= 1, let route = door.route(of: &frames[0]) else { return tally(.malformed) }
    guard count == 3 else {
      return refuseMalformed(route, 0, "a message has two frames, header and payload; this has \(count - 1)")
    }
    let header: RawHeader
    do throws(WireError) {
      header = try RawHeader(bytes(of: &frames[1]))
    } catch {
      return refuseMalformed(route, 0, "\(error.field): \(error.rule)")
    }
    let call = CallHandle(route: route, callID: header.callID)
    if let refusal = objection(to: route, showing: &frames[2], by: door) {
      tally(.key)
      if header.kind == Kind.request.rawValue { sendRefusal(call, refusal) }
      let peer = register(route)
      door.heard(peer, by: &frames[2])
      return onUnauthenticated(refusal, peer.pass?.key ?? "", peer.from ?? "")
    }
    guard header.version == 1 else {
      return refuse(
        call, .version,
        Refusal(.unimplemented, "this server speaks version 1, not \(header.version)", field: "version"))
    }
    switch Kind(rawValue: header.kind) {
    case .request:
      door.heard(register(route), by: &frames[2])
      request(call, header, bytes(of: &frames[2]), by: door)
    case .cancel: if close(call) { onCancel(call) }
    case .credit: addCredit(call, header.credit)
    case .ping:
      door.heard(register(route), by: &frames[2])
      send(route, .pong, callID: header.callID)
    default: refuseMalformed(route, header.callID, "a client sends REQUEST, CANCEL, CREDIT or PING")
    }
  }

  private func refuseMalformed(_ route: UInt64, _ callID: UInt64, _ words: String) {
    refuse(
      CallHandle(route: route, callID: callID), .malformed, Refusal(.invalidArgument, words, field: "header"))
  }

  private func refuse(_ call: CallHandle, _ ground: Ground, _ refusal: Refusal) {
    tally(ground)
    register(call.route)
    sendRefusal(call, refusal)
  }

  func tally(_ ground: Ground) { counters.refused[ground, default: 0] += 1 }

  /// Why whoever sent a message may say nothing here. A routing id may be taken by another connection when the one before has
  /// ended: what was begun for that one is not answered to this one.
  private func objection(
    to route: UInt64, showing frame: UnsafeMutablePointer<zmq_msg_t>, by door: ServerDoor
  ) -> Refusal? {
    guard let admission = door.admission else { return nil }
    var peer = register(route)
    peer.learnAddress(shownBy: frame)
    if peer.pass?.isShown(by: frame) != true {
      if peer.pass != nil {
        forget(peer)
        peer = register(route)
        peer.learnAddress(shownBy: frame)
      }
      peer.pass = KeyPass(shownBy: frame, to: admission.ring)
    }
    if wall == .unset { wall = Admission.now }
    return peer.pass?.objection(at: wall, from: peer.from ?? "")
  }

  @discardableResult
  private func register(_ route: UInt64) -> ServerPeer {
    if let peer = peer(route) { return peer }
    let peer = ServerPeer(route: route, by: doors[Int(route >> 40)])
    peers[route] = peer
    lastPeer = peer
    return peer
  }

  /// A repeat of a call that is still being answered gets that answer, which is on its way; so does one that comes just
  /// after it.
  private func request(
    _ call: CallHandle, _ header: RawHeader, _ payload: UnsafeRawBufferPointer, by door: ServerDoor
  ) {
    guard let method = door.method(header.method) else {
      return refuse(call, .method, Refusal(.unimplemented, "there is no such method here", field: "method"))
    }
    guard method.isAllowed else { return refuse(call, .door, door.denial) }
    let peer = register(call.route)
    if header.attempt > 0, isKnown(call, of: peer) { return }
    guard !stall.hasExpired(UInt64(header.timeoutMilliseconds) * 1_000_000, at: time) else {
      return counters.expired += 1
    }
    if let (ground, refusal) = objection(to: call, of: peer, header, payload) { return refuse(call, ground, refusal) }
    let now = time
    peer.heardAt = now
    let share = peer.pass.map { shares.share(of: $0.principal.name, last: peer.share) }
    peer.share = share
    if let share, share.inFlight >= limits.inFlightOfOne {
      return refuse(call, .principal, share.refusal(limits.inFlightOfOne))
    }
    let open = ServerPeer.Call(
      deadline: now + UInt64(header.timeoutMilliseconds) * 1_000_000, credit: method.streams ? header.credit : 0,
      isStream: method.streams, touched: now, share: share)
    guard peer.calls.insert(call.callID, open) else {
      return refuse(call, .callID, .invalid("call_id", "is in use on this connection"))
    }
    share?.inFlight += 1
    openCalls += 1
    counters.requests += 1
    onCall(
      IncomingCall(
        handle: call, path: method.path, payload: [UInt8](payload), token: token(header), attempt: header.attempt,
        traceparent: header.traceparent.isEmpty ? [] : [UInt8](header.traceparent),
        principal: peer.pass?.principal ?? .anonymous, key: peer.pass?.key ?? "", from: peer.from ?? ""))
  }

  private func isKnown(_ call: CallHandle, of peer: ServerPeer) -> Bool {
    if let open = peer.calls[call.callID] { return !open.isStream }
    guard let answer = peer.lately.answer(of: call.callID) else { return false }
    counters.answeredAgain += 1
    sendEnd(call, answer)
    return true
  }

  private func objection(
    to call: CallHandle, of peer: ServerPeer, _ header: RawHeader, _ payload: UnsafeRawBufferPointer
  ) -> (Ground, Refusal)? {
    if isDraining { return (.stopping, Refusal(.unavailable, "this server is stopping")) }
    guard (1...600_000).contains(header.timeoutMilliseconds) else {
      return (.timeout, .invalid("timeout_ms", "must be 1 to 600000: the remaining budget"))
    }
    let most = peer.payloadBytes
    guard payload.count <= most else {
      return (.size, .invalid("payload", "has \(payload.count) bytes; at most \(most) are taken here"))
    }
    guard CRC32C.checksum(payload) == header.payloadChecksum else {
      return (
        .checksum, Refusal(.dataLoss, "the payload is not what its checksum says", field: "payload_crc32c")
      )
    }
    guard peer.calls.count < limits.inFlight else {
      let words = "\(limits.inFlight) calls of this connection are unanswered"
      return (.connection, Refusal(.resourceExhausted, words, retryAfter: .milliseconds(50)))
    }
    return nil
  }

  private func token(_ header: RawHeader) -> IncomingCall.Token {
    if !header.session.isEmpty {
      if !header.session.equals(lastSession) { lastSession = [UInt8](header.session) }
      return .session(
        lastSession, sequence: header.sequence, acknowledgedThrough: header.acknowledgedThrough)
    }
    return header.idempotencyKey.isEmpty ? .none : .key([UInt8](header.idempotencyKey))
  }

  private func addCredit(_ call: CallHandle, _ credit: UInt32) {
    let now = time
    let isStream = peer(call.route)?.calls.change(call.callID) { open -> Bool in
      guard open.isStream else { return false }
      open.credit = min(open.credit &+ min(credit, 65_536), 65_536)
      open.touched = now
      return true
    }
    if isStream == true { onCredit(call) }
  }
}
