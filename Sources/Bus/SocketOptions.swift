import CZeroMQ

/// The options of a socket, all set before it binds or connects: later most of them change nothing.
struct SocketOptions {
  private(set) var all: [(number: Int32, value: Int64)] = []

  /// How many messages libzmq holds for each peer before it pushes back.
  struct Water {
    var send: Int64
    var receive: Int64

    /// Measured: with 256 messages both ways 100,000 calls begun at once by one client took 2.3 s, with these 0.8 to
    /// 1.2 s. What bounds memory is credit of our own: a client has at most 1,024 calls on the wire, a server takes 8,192 of a
    /// connection, and what its peer doesn't read waits in a queue of 16 MiB at most.
    static let own = Water(send: 2_048, receive: 1_024)
    /// Where strangers connect there may be thousands of them, and none need keep to a credit: 16 MiB of each, when all that it
    /// sends is as long as it may be. Answers to them are ours, and short.
    static let strangers = Water(send: own.send, receive: 256)
  }

  init(_ role: Socket.Role, maximumMessage: Int, water: Water = .own, ioThread: Int) {
    // Without a bound a socket that is closed waits for its peer for ever.
    set(ZMQ_LINGER, role == .router ? 1_000 : 0)
    guard role != .pair else {
      set(ZMQ_RCVHWM, 0)
      return
    }
    set(ZMQ_AFFINITY, 1 << Int64(ioThread))
    set(ZMQ_MAXMSGSIZE, Int64(maximumMessage))
    set(ZMQ_SNDHWM, water.send)
    set(ZMQ_RCVHWM, water.receive)
    set(ZMQ_HANDSHAKE_IVL, 3_000)
    set(ZMQ_HEARTBEAT_IVL, 2_000)
    set(ZMQ_HEARTBEAT_TIMEOUT, 6_000)
    set(ZMQ_HEARTBEAT_TTL, 6_000)
    set(ZMQ_TCP_KEEPALIVE, 1)
    set(ZMQ_TCP_KEEPALIVE_IDLE, 30)
    set(ZMQ_TCP_KEEPALIVE_INTVL, 10)
    set(ZMQ_TCP_KEEPALIVE_CNT, 3)
    set(ZMQ_TCP_MAXRT, 10_000)
    if role == .router {
      // An answer that can't be routed is an error and not silence, and nobody takes over another's routing id.
      set(ZMQ_ROUTER_MANDATORY, 1)
      set(ZMQ_ROUTER_HANDOVER, 0)
      set(ZMQ_BACKLOG, 512)
    } else {
      set(ZMQ_IMMEDIATE, 1)
      set(ZMQ_RECONNECT_IVL, 50)
      set(ZMQ_RECONNECT_IVL_MAX, 2_000)
      set(ZMQ_CONNECT_TIMEOUT, 2_000)
    }
  }

  /// Options of 64 bits; the others have 32.
  static func isWide(_ number: Int32) -> Bool { number == ZMQ_MAXMSGSIZE || number == ZMQ_AFFINITY }

  private mutating func set(_ number: Int32, _ value: Int64) {
    all.append((number, value))
  }
}
