import CZeroMQ
import Glibc

/// What proves a socket's side of a connection, and demands proof of the other.
public struct ClientKeys: Sendable {
  public var own: KeyPair
  /// Of the server that must answer: somebody else on its port can't.
  public var server: PublicKey

  public init(own: KeyPair, server: PublicKey) {
    self.own = own
    self.server = server
  }
}

/// A server's own key, and who may come in.
public struct ServerKeys: Sendable {
  public var own: KeyPair
  public var ring: KeyRing

  public init(own: KeyPair, ring: KeyRing) {
    self.own = own
    self.ring = ring
  }
}

extension Socket {
  /// ZMQ_ZAP_ENFORCE_DOMAIN: without it a socket whose handler isn't there lets everybody in. Debian's header hides it behind
  /// the draft interface; libzmq 4.3.4 has it all the same, and reading it back shows that it took.
  static let enforceDomain: Int32 = 93

  /// Before bind. Each option is read back: one that didn't take would open the door.
  func demandKeys(_ own: KeyPair, domain: String) throws(ZeroMQError) {
    try set(ZMQ_CURVE_SERVER, 1)
    try setText(ZMQ_CURVE_SECRETKEY, own.secret)
    try setText(ZMQ_ZAP_DOMAIN, domain)
    try set(Self.enforceDomain, 1)
    try expect(ZMQ_CURVE_SERVER, 1)
    try expect(ZMQ_MECHANISM, Int64(ZMQ_CURVE))
    try expect(Self.enforceDomain, 1)
    guard text(ZMQ_ZAP_DOMAIN) == domain, text(ZMQ_CURVE_SECRETKEY) == own.secret else {
      throw ZeroMQError(number: EINVAL, doing: "reading back the key and the ZAP domain of a socket")
    }
  }

  /// Before connect.
  func showKeys(_ keys: ClientKeys) throws(ZeroMQError) {
    try setText(ZMQ_CURVE_SERVERKEY, keys.server.text)
    try setText(ZMQ_CURVE_PUBLICKEY, keys.own.publicKey.text)
    try setText(ZMQ_CURVE_SECRETKEY, keys.own.secret)
    try expect(ZMQ_MECHANISM, Int64(ZMQ_CURVE))
  }

  private func expect(_ number: Int32, _ value: Int64) throws(ZeroMQError) {
    guard option(number) == value else {
      throw ZeroMQError(number: EINVAL, doing: "option \(number) of a socket must read \(value)")
    }
  }

  /// A key in letters has 40 of them and a zero.
  private func setText(_ option: Int32, _ text: String) throws(ZeroMQError) {
    let size = option == ZMQ_ZAP_DOMAIN ? text.utf8.count : text.utf8.count + 1
    try check(text.withCString { zmq_setsockopt(handle, option, $0, size) }, "setting option \(option)")
  }

  private func text(_ option: Int32) -> String {
    var letters = [CChar](repeating: 0, count: 256)
    var size = option == ZMQ_ZAP_DOMAIN ? letters.count : Z85.keyLetters + 1
    guard zmq_getsockopt(handle, option, &letters, &size) == 0 else { return "" }
    return letters.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }
}
