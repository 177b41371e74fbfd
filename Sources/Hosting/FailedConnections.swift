import Bus
import Messages

/// What is said of connections that could not be made: the first at once, then what has been added at most once a minute.
struct FailedConnections {
  /// Nanoseconds.
  static let pause: UInt64 = 60_000_000_000
  private var told: [SocketCounts] = []
  private var at: UInt64 = 0

  /// - Parameters:
  ///   - failed: the counts of those sockets that have any failure.
  ///   - now: CLOCK_MONOTONIC, nanoseconds.
  mutating func news(_ failed: [SocketCounts], at now: UInt64) -> String? {
    let failures = failed.map {
      SocketCounts(
        socket: $0.socket, handshakesFailed: $0.handshakesFailed, acceptsFailed: $0.acceptsFailed,
        beyondLimits: $0.beyondLimits)
    }
    guard failures != told, told.isEmpty || now >= at + Self.pause else { return nil }
    told = failures
    at = now
    let words = failures.map {
      "\($0.socket): \($0.handshakesFailed) handshakes, \($0.acceptsFailed) s without a descriptor for another, \($0.beyondLimits) beyond its limit"
    }
    return "connections that failed since the start: \(words.joined(separator: "; "))"
  }
}

extension SocketCounts {
  init(_ socket: String, _ counts: ConnectionCounts) {
    self.init(
      socket: socket, connected: counts.connected, disconnected: counts.disconnected,
      handshakesFailed: counts.handshakesFailed, acceptsFailed: counts.acceptsFailed, beyondLimits: counts.beyondLimits)
  }
}
