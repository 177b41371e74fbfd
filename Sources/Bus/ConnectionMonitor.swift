import CZeroMQ

/// What has happened to a socket's connections since it was opened.
public struct ConnectionCounts: Hashable, Sendable {
  /// Handshakes that went well.
  public var connected: UInt64 = 0
  public var disconnected: UInt64 = 0
  /// Somebody who doesn't speak ZMTP, speaks another version or mechanism, hung up in the middle, or has no key that is let in.
  public var handshakesFailed: UInt64 = 0
  /// No file descriptor was left, most likely.
  public var acceptsFailed: UInt64 = 0

  public init() {}
}

/// Listens to what libzmq tells of a socket's connections.
final class ConnectionMonitor {
  private(set) var counts = ConnectionCounts()
  /// A door that demands keys counts by itself whom it doesn't let in.
  private let countsRefusals: Bool
  /// Told when a handshake went well, and when a connection ended.
  var onConnection: (Bool) -> Void = { _ in }
  /// Why the other side has refused this one. libzmq gives such a connection up for good.
  enum Refused {
    case key
    /// One side demands a key and the other has none.
    case mechanism
  }
  var onRefusal: (Refused) -> Void = { _ in }
  let events: Socket
  private let watched: Socket

  init(of socket: Socket, countsRefusals: Bool = true) throws(ZeroMQError) {
    self.countsRefusals = countsRefusals
    watched = socket
    let address = "inproc://monitor-\(UInt64.random(in: 0...UInt64.max))"
    let wanted =
      ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_ACCEPT_FAILED
      | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
    guard zmq_socket_monitor(socket.handle, address, wanted) == 0 else {
      throw ZeroMQError(number: zmq_errno(), doing: "listening to a socket's connections")
    }
    events = try Socket(.pair, maximumMessage: 0)
    try events.connect(address)
  }

  /// The socket must say nothing more before the listener goes: libzmq's I/O thread would wait for ever for another to come, and
  /// with it every connection of the process (seen with 4.3.4).
  deinit {
    zmq_socket_monitor(watched.handle, nil, 0)
  }

  /// Takes what was told since; how many events that were. The queue has no bound (libzmq's I/O thread would wait at one),
  /// so this must be called now and then.
  @discardableResult
  func drain() -> Int {
    var taken = 0
    while events.receive({ frames, count in if count > 0 { take(bytes(of: &frames[0])) } }) { taken += 1 }
    return taken
  }

  private func take(_ event: UnsafeRawBufferPointer) {
    guard event.count >= 2 else { return }
    switch Int32(event.loadUnaligned(as: UInt16.self)) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      counts.connected += 1
      onConnection(true)
    case ZMQ_EVENT_DISCONNECTED:
      counts.disconnected += 1
      onConnection(false)
    case ZMQ_EVENT_ACCEPT_FAILED: counts.acceptsFailed += 1
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH where !countsRefusals: break
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      counts.handshakesFailed += 1
      onRefusal(.key)
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      counts.handshakesFailed += 1
      let reason = event.count >= 6 ? event.loadUnaligned(fromByteOffset: 2, as: UInt32.self) : 0
      if reason == UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH) { onRefusal(.mechanism) }
    default: counts.handshakesFailed += 1
    }
  }
}
