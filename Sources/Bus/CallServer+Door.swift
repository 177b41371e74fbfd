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
    /// At its TCP ports; nil: as many as there are descriptors.
    public var connections: ConnectionLimits?

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

  func watchTime() {
    sweepLater()
    showOutLater()
  }

  /// Connections beyond a door's limit are there for so long at most. By a timer and not by the monitors' own sockets: a thread polls
  /// few of them.
  func showOutLater() {
    guard doors.contains(where: { $0.door.connections != nil || $0.door.keys != nil }) else { return }
    thread.after(milliseconds: 200) { [weak self] in
      self?.doors.forEach { $0.monitor.drain() }
      self?.showOutUnwelcome(all: false)
      self?.showOutLater()
    }
  }

  /// Whoever's key is good no more is told so where a stream of theirs runs, and shut then.
  func showOutUnwelcome(all: Bool) {
    let now = Admission.now
    for door in doors {
      for (speaker, refusal) in door.unwelcome(at: now, all: all) {
        if let peer = peers[speaker.route] { end(streamsOf: peer, refusal) }
        shutSoon(speaker, by: door)
      }
    }
  }

  /// What was taken before is answered first, if that takes no longer than half a second.
  private func shutSoon(_ speaker: Speaker, by door: ServerDoor, after tries: Int = 0) {
    thread.after(milliseconds: 100) { [weak self] in
      guard let self else { return }
      if tries < 4, let peer = peers[speaker.route], peer.calls.count > 0 || !peer.unread.isEmpty {
        return shutSoon(speaker, by: door, after: tries + 1)
      }
      door.shut(speaker, at: Admission.now)
    }
  }

  /// How many connections each door holds that has a limit, and what that is.
  public var connectionsHeld: [(door: String, held: Int, limits: ConnectionLimits)] {
    doors.compactMap { door in
      guard let limits = door.door.connections, let held = door.monitor.held else { return nil }
      return (door.door.name, held, limits)
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

  /// All that doors which demand keys have turned away since this was asked last, with the words of the last of each kind.
  public func takeRefusedHandshakes() -> [(door: String, one: RefusedHandshake, words: String, count: UInt64)] {
    doors.flatMap { door in
      (door.admission?.takeRefused() ?? []).map { (door.door.name, $0.one, $0.words, $0.count) }
    }
  }

  /// Why a file of keys as it is now is not in force; nil when all are.
  public var keyProblem: KeyFileError? { doors.lazy.compactMap { $0.admission?.ring.problem }.first }

  /// The lines of lists that are in force which name an unknown role; nil where there are none.
  public var skippedKeys: String? {
    // All doors of a tier have one list.
    let all = doors.lazy.compactMap { $0.admission?.ring.store.skipped }.first ?? []
    guard let first = all.first else { return nil }
    return all.count == 1 ? "\(first)" : "\(first); so are \(all.count - 1) more"
  }

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
