import Messages

/// A connection by which somebody with a key has sent something. ZAP asks for a key at the handshake only, and libzmq can't cut a
/// connection: so whoever's key is good no more is found here, and shown out by its descriptor.
final class Speaker {
  let descriptor: Int32
  let route: UInt64
  /// Forgotten when it has been idle for long; the connection goes on.
  weak var peer: ServerPeer?
  private(set) var pass: KeyPass
  private let from: String
  /// It will be shut as soon as what it is owed has left.
  var isLeaving = false

  init(_ descriptor: Int32, _ peer: ServerPeer, _ pass: KeyPass) {
    self.descriptor = descriptor
    route = peer.route
    self.peer = peer
    self.pass = pass
    from = peer.from ?? ""
  }

  func objection(at now: Instant) -> Refusal? { pass.objection(at: now, from: from) }
}
