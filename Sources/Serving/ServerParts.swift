import Synchronization

/// What the connections of a server share.
final class ServerParts: Sendable {
  let limits: ServingLimits
  let answering: Answering
  let room: BodyRoom
  let crowd: Crowd
  /// How often each kind of fault was complained about.
  let faults = Mutex<[String: UInt64]>([:])
  private let stopping = Atomic<Bool>(false)

  /// No connection outlives the request that it is with.
  var isStopping: Bool { stopping.load(ordering: .relaxed) }

  func stop() {
    stopping.store(true, ordering: .relaxed)
    crowd.sendRestingAway()
  }

  init(_ limits: ServingLimits, _ answering: Answering) {
    self.limits = limits
    self.answering = answering
    room = BodyRoom(bytesAtMost: limits.bodyBytesInAll)
    crowd = Crowd(atMost: limits.connections)
  }
}
