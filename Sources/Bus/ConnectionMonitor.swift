import CZeroMQ

/// What has happened to a socket's connections since it was opened.
public struct ConnectionCounts: Hashable, Sendable {
  /// Handshakes that went well.
  public var connected: UInt64 = 0
  public var disconnected: UInt64 = 0
  /// Somebody who doesn't speak ZMTP, speaks another mechanism, hung up in the middle, or has no key that is let in. Whoever speaks ZMTP 1 or 2
  /// where keys are demanded is shut, but libzmq 4.3.4 tells of it as of any other end (`zmtp_engine.cpp`): see `disconnected`.
  public var handshakesFailed: UInt64 = 0
  /// How many looks, one a second, found no file descriptor left for somebody who comes.
  public var acceptsFailed: UInt64 = 0
  /// Shut by the door, which had as many as it may.
  public var beyondLimits: UInt64 = 0
  /// Shut because their key was good no more.
  public var unwelcome: UInt64 = 0

  public init() {}
}

/// Listens to what libzmq tells of a socket's connections.
final class ConnectionMonitor {
  private(set) var counts = ConnectionCounts()
  /// A door that demands keys counts by itself whom it doesn't let in.
  private let countsRefusals: Bool
  /// Told when a handshake went well, and when a connection ended.
  var onConnection: (Bool) -> Void = { _ in }
  /// Told which descriptor a connection had that has ended.
  var onEnd: (Int32) -> Void = { _ in }
  /// Why the other side has refused this one. libzmq gives such a connection up for good.
  enum Refused {
    case key
    /// One side demands a key and the other has none.
    case mechanism
  }
  var onRefusal: (Refused) -> Void = { _ in }
  let events: Socket
  private let watched: Socket
  /// Of a socket that others connect to by TCP, where that is asked for: only there is there something that can be shut.
  private var gate: (places: ConnectionGate, end: ConnectionEnd)?
  private var ports: Set<UInt16> = []

  init(
    of socket: Socket, countsRefusals: Bool = true, tellsWhoComes: Bool = false
  ) throws(ZeroMQError) {
    self.countsRefusals = countsRefusals
    watched = socket
    let address = "inproc://monitor-\(UInt64.random(in: 0...UInt64.max))"
    // Not ZMQ_EVENT_ACCEPT_FAILED: without a descriptor libzmq tries again at once and for as long as somebody waits, and tells of
    // each try, faster than a busy machine's loop reads it (seen: 260,000 a second).
    let wanted =
      (tellsWhoComes ? ZMQ_EVENT_ACCEPTED : 0) | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED
      | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
    // First who listens: without a descriptor for that nobody may speak.
    events = try Socket(.pair, maximumMessage: 0)
    guard zmq_socket_monitor(socket.handle, address, wanted) == 0 else {
      throw ZeroMQError(number: zmq_errno(), doing: "listening to a socket's connections")
    }
    try events.connect(address)
  }

  /// The socket must say nothing more before the listener goes: libzmq's I/O thread would wait for ever for another to come, and
  /// with it every connection of the process (seen with 4.3.4).
  deinit {
    zmq_socket_monitor(watched.handle, nil, 0)
  }

  /// From now on no more connections than that may stay, at these ports where the socket is bound.
  func limit(to limits: ConnectionLimits, at ports: Set<UInt16>) throws(ZeroMQError) {
    self.ports = ports
    gate = ports.isEmpty ? nil : (ConnectionGate(limits), try ConnectionEnd())
  }

  /// Takes what was told since; how many events that were. The queue has no bound (libzmq's I/O thread would wait at one),
  /// so this must be called now and then.
  @discardableResult
  func drain() -> Int {
    let taken = takeAll()
    showOut()
    return taken
  }

  /// Called once a second.
  func lookForRoom() {
    if let end = gate?.end, !end.isRoomLeft { counts.acceptsFailed += 1 }
  }

  private func takeAll() -> Int {
    var taken = 0
    while events.receive({ frames, count in if count > 0 { take(bytes(of: &frames[0])) } }) { taken += 1 }
    return taken
  }

  private func showOut() {
    guard let end = gate?.end, let tooMany = gate?.places.takeTooMany() else { return }
    for (descriptor, peer) in tooMany where end.shut(descriptor, with: peer, to: ports) { counts.beyondLimits += 1 }
  }

  /// Ends the connection of whoever is welcome no more, and is still at this descriptor.
  func shut(_ descriptor: Int32) {
    guard let gate, let peer = gate.places.peer(at: descriptor) else { return }
    if gate.end.shut(descriptor, with: peer, to: ports) { counts.unwelcome += 1 }
  }

  /// How many connections there are at a socket that watches over them; nil: it doesn't.
  var held: Int? { gate?.places.count }

  /// Whoever is at this descriptor has sent a message.
  ///
  /// - Parameters:
  ///   - name: of its key; empty where nobody shows one.
  ///   - isOurs: it is a tier's.
  func spoke(_ descriptor: Int32, name: String, isOurs: Bool) {
    guard gate != nil else { return }
    // That it has come was told before it could speak, and may not have been taken yet.
    _ = takeAll()
    gate?.places.spoke(descriptor, name: name, isOurs: isOurs)
  }

  private func accepted(_ descriptor: Int32) {
    guard let peer = gate?.end.peer(of: descriptor, to: ports) else { return }
    gate?.places.accepted(descriptor, from: peer)
  }

  private func take(_ event: UnsafeRawBufferPointer) {
    guard event.count >= 2 else { return }
    switch Int32(event.loadUnaligned(as: UInt16.self)) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      counts.connected += 1
      onConnection(true)
    case ZMQ_EVENT_ACCEPTED: accepted(Self.value(event))
    // Of a frame that was too long too: libzmq 4.3.4 cuts the connection (`stream_engine_base.cpp`, `error(protocol_error)`) and tells of
    // it as of any other end, so that it is counted here and can't be logged as what it was.
    case ZMQ_EVENT_DISCONNECTED:
      counts.disconnected += 1
      gate?.places.ended(Self.value(event))
      onEnd(Self.value(event))
      onConnection(false)
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH where !countsRefusals: break
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      counts.handshakesFailed += 1
      onRefusal(.key)
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      counts.handshakesFailed += 1
      if Self.value(event) == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH { onRefusal(.mechanism) }
    default: counts.handshakesFailed += 1
    }
  }

  /// What an event says beside its kind: a descriptor, or a reason.
  private static func value(_ event: UnsafeRawBufferPointer) -> Int32 {
    event.count >= 6 ? event.loadUnaligned(fromByteOffset: 2, as: Int32.self) : 0
  }
}
