extension CallServer {
  /// A socket that a server binds, and what may come in by it.
  public struct Door: Sendable {
    /// In health and logs: "tiers", "sources".
    public var name: String
    public var endpoints: [String]
    /// The only paths that may be called here; nil: all that the server has.
    public var methods: Set<String>?
    public var payloadBytes: Int
    /// Its own key and who may come in; nil: anybody on this machine.
    public var keys: ServerKeys?

    public init(
      _ name: String, endpoints: [String], methods: Set<String>? = nil, payloadBytes: Int = 1_024 * 1_024,
      keys: ServerKeys? = nil
    ) {
      self.name = name
      self.endpoints = endpoints
      self.methods = methods
      self.payloadBytes = payloadBytes
      self.keys = keys
    }

    /// For sources: a port that strangers reach. Payloads up to 64 KiB.
    public static func strangers(
      _ name: String, endpoints: [String], methods: Set<String>, keys: ServerKeys? = nil
    ) -> Door {
      Door(name, endpoints: endpoints, methods: methods, payloadBytes: 64 * 1_024, keys: keys)
    }
  }

  /// What an option of a door's socket is now; for tests.
  package func socketOption(_ number: Int32, door: Int = 0) -> Int64? { doors[door].socket.option(number) }

  /// What has happened to the connections of each door since the start.
  public var connections: [(door: String, counts: ConnectionCounts)] {
    doors.map {
      $0.monitor.drain()
      var counts = $0.monitor.counts
      counts.handshakesFailed += $0.admission?.counts.refused ?? 0
      return ($0.door.name, counts)
    }
  }

  /// How large a payload each door takes.
  public var payloadLimits: [(door: String, bytes: Int)] { doors.map { ($0.door.name, $0.door.payloadBytes) } }

  /// Whom each door that demands keys has turned away last, for each reason, in words.
  public var turnedAway: [(door: String, reason: String, words: String)] {
    doors.flatMap { door in
      (door.admission?.counts.last ?? [:]).sorted { $0.key < $1.key }.map { (door.door.name, $0.key, $0.value) }
    }
  }

  /// Why a file of keys as it is now is not in force; nil when all are.
  public var keyProblem: KeyFileError? { doors.lazy.compactMap { $0.admission?.ring.problem }.first }

  /// What proves, now and later, that the doors are locked.
  public var selfTest: SelfTest {
    SelfTest(
      doors.compactMap { door in
        guard let admission = door.admission, let keys = door.door.keys else { return nil }
        return SelfTest.Door(
          name: door.door.name, endpoint: door.socket.lastEndpoint, admission: admission, server: keys.own.publicKey,
          isForStrangers: door.door.methods != nil)
      })
  }
}
