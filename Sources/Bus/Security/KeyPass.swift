import CZeroMQ
import Glibc
import Messages

/// Whose key a connection came in with, and whether that key may still be used: looked at for each message, because ZAP asks at
/// the handshake only, and libzmq can't cut a connection: a revoked key would go on for as long as its connection does.
struct KeyPass {
  /// As ZAP gave it to libzmq, which puts it on each message: the public key, with a zero at its end.
  private let shown: [CChar]
  private let ring: KeyRing
  private var generation: UInt64 = 0
  private var found: AuthorizedKey?
  private(set) var principal = Principal("", roles: [])
  /// How the public key begins.
  private(set) var key = ""

  /// - Parameter frame: a message's last one. Of the first, the routing id, ZeroMQ 4.3.4 loses what it knows.
  init(shownBy frame: UnsafeMutablePointer<zmq_msg_t>, to ring: KeyRing) {
    self.ring = ring
    let letters = Self.userID(of: frame)
    shown = letters.map { Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) } ?? [0]
  }

  func isShown(by frame: UnsafeMutablePointer<zmq_msg_t>) -> Bool {
    guard let letters = Self.userID(of: frame) else { return shown == [0] }
    return strcmp(letters, shown) == 0
  }

  /// Why a request that shows this pass is refused now.
  mutating func objection(at now: Instant) -> Refusal? {
    if generation != ring.generation { lookUp() }
    guard let found else { return Refusal(.unauthenticated, "\(KeyObjection.unknown)") }
    return found.objection(at: now).map { Refusal(.unauthenticated, "\($0)") }
  }

  private mutating func lookUp() {
    generation = ring.generation
    let text = shown.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    found = PublicKey(text).flatMap { ring.store[$0] }
    key = PublicKey(text)?.short ?? ""
    principal = found.map { Principal($0.principal, roles: $0.roles, tenant: $0.tenant) } ?? Principal("", roles: [])
  }

  /// ZAP always sets it at a door that demands keys, so that what a client says of itself in its handshake is never read.
  private static func userID(of frame: UnsafeMutablePointer<zmq_msg_t>) -> UnsafePointer<CChar>? {
    zmq_msg_gets(frame, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
  }

  private static let name: StaticString = "User-Id"
}
