import CZeroMQ
import Glibc
import Messages

/// Whose key a connection came in with, and whether that key may still be used from there: looked at for each message, because ZAP
/// asks at the handshake only, and the list may have changed since. The connection itself is shut soon after (`ServerDoor.unwelcome`).
struct KeyPass {
  /// As ZAP gave it to libzmq, which puts it on each message: the public key, with a zero at its end.
  private let shown: [CChar]
  private let ring: KeyRing
  private var generation: UInt64 = 0
  private var address = ""
  private var found: AuthorizedKey?
  private var isElsewhere = false
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

  /// Whether the list has changed since this was looked at.
  var isOutdated: Bool { generation != ring.generation }

  /// Why a request that shows this pass is refused now.
  ///
  /// - Parameter address: the connection's other end.
  mutating func objection(at now: Instant, from address: String) -> Refusal? {
    if isOutdated || address != self.address { lookUp(from: address) }
    guard let found else { return Refusal(.unauthenticated, "\(KeyObjection.unknown)") }
    let objection = found.objection(at: now) ?? (isElsewhere ? .address(address) : nil)
    return objection.map { Refusal(.unauthenticated, "\($0)") }
  }

  private mutating func lookUp(from address: String) {
    generation = ring.generation
    self.address = address
    let text = shown.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    found = PublicKey(text).flatMap { ring.store[$0] }
    isElsewhere = found.map { !$0.isGood(from: address) } ?? false
    key = PublicKey(text)?.short ?? ""
    principal = found.map { Principal($0.principal, roles: $0.roles) } ?? Principal("", roles: [])
  }

  /// ZAP always sets it at a door that demands keys, so that what a client says of itself in its handshake is never read.
  private static func userID(of frame: UnsafeMutablePointer<zmq_msg_t>) -> UnsafePointer<CChar>? {
    zmq_msg_gets(frame, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
  }

  private static let name: StaticString = "User-Id"
}
