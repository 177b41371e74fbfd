extension CallServer {
  /// A socket that a server binds, and what may come in by it.
  public struct Door: Sendable {
    /// In health and logs: "tiers", "sources".
    public var name: String
    public var endpoints: [String]
    /// The only paths that may be called here; nil: all that the server has.
    public var methods: Set<String>?
    public var payloadBytes: Int

    public init(
      _ name: String, endpoints: [String], methods: Set<String>? = nil, payloadBytes: Int = 1_024 * 1_024
    ) {
      self.name = name
      self.endpoints = endpoints
      self.methods = methods
      self.payloadBytes = payloadBytes
    }

    /// For sources: anybody who can reach the port. Payloads up to 64 KiB.
    public static func strangers(_ name: String, endpoints: [String], methods: Set<String>) -> Door {
      Door(name, endpoints: endpoints, methods: methods, payloadBytes: 64 * 1_024)
    }
  }

  /// What an option of a door's socket is now; for tests.
  package func socketOption(_ number: Int32, door: Int = 0) -> Int64? { doors[door].socket.option(number) }

  /// What has happened to the connections of each door since the start.
  public var connections: [(door: String, counts: ConnectionCounts)] {
    doors.map {
      $0.monitor.drain()
      return ($0.door.name, $0.monitor.counts)
    }
  }
}
