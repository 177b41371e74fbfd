import CZeroMQ
import Synchronization

/// Answers libzmq's question at each handshake (ZAP 1.0, https://rfc.zeromq.org/spec/27): may this key come in at this door?
///
/// One for the process, as a context has one address for it, on a thread of its own: a handshake never waits for a tier's work,
/// and a flood of them never delays it. Without it, or without a domain that is enforced, libzmq lets everybody in who knows the
/// server's public key (measured: `KeyDoorTests.aDoorThatIsOpenIsFound`): hence the option that `SocketKeys` sets and reads back,
/// and `SelfTest`.
final class ZAPHandler: @unchecked Sendable {
  // Sendable because `socket` is used by this handler's thread only, once `init` has returned, and `doors` is a mutex.

  static let shared = ZAPHandler()
  private static let endpoint = "inproc://zeromq.zap.01"
  /// Files of keys are looked at so often: a revoked key is refused within a second.
  private static let looksEvery: Int = 250
  private final class Door: Sendable {
    let admission: @Sendable () -> Admission?
    let ring: KeyRing
    init(_ admission: Admission) {
      ring = admission.ring
      let box = WeakBox(admission)
      self.admission = { box.value }
    }
  }
  private let doors = Mutex<[String: Door]>([:])
  private let socket: UnsafeMutableRawPointer

  private init() {
    guard let socket = zmq_socket(Context.shared, ZMQ_REP), zmq_bind(socket, Self.endpoint) == 0 else {
      preconditionFailure("the handler of keys can't begin: \(ZeroMQError.last)")
    }
    self.socket = socket
    beginThread(named: "keys") { [self] in run() }
  }

  func serve(_ admission: Admission) {
    let door = Door(admission)
    doors.withLock { $0[admission.domain] = door }
  }

  func leave(_ domain: String) {
    doors.withLock { $0[domain] = nil }
  }

  // MARK: On its thread

  private func run() {
    var lookedAt: UInt64 = 0
    while true {
      var item = zmq_pollitem_t(socket: socket, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
      if zmq_poll(&item, 1, Self.looksEvery) > 0 { answer() }
      let now = PollThread.now()
      guard now >= lookedAt + UInt64(Self.looksEvery) * 1_000_000 else { continue }
      lookedAt = now
      for door in doors.withLock({ Array($0.values) }) { door.ring.look() }
    }
  }

  /// version, request id, domain, address, the server's own routing id (never to be believed), mechanism, key.
  private func answer() {
    let frames = receive()
    guard frames.count >= 6, frames[0] == Array("1.0".utf8) else {
      return reply(to: frames.count > 1 ? frames[1] : [], "500", "this handler speaks ZAP 1.0", userID: "")
    }
    let (requestID, domain, address) = (frames[1], Self.text(frames[2]), Self.text(frames[3]))
    guard let admission = doors.withLock({ $0[domain] })?.admission() else {
      return reply(to: requestID, "400", "nobody has this door", userID: "")
    }
    let mechanism = Self.text(frames[5])
    guard mechanism == "CURVE", frames.count == 7, frames[6].count == Z85.keyBytes else {
      let objection = KeyObjection.mechanism(mechanism)
      admission.refuse(objection, key: nil, from: address)
      return reply(to: requestID, "400", "\(objection)", userID: "")
    }
    let key = frames[6].withUnsafeBytes { PublicKey(bytes: $0) }
    if let objection = admission.objection(to: key, from: address) {
      return reply(to: requestID, "400", "\(objection)", userID: "")
    }
    // Which key, and not whose: of two keys of one principal, one may be revoked.
    reply(to: requestID, "200", "", userID: key.text)
  }

  private func receive() -> [[UInt8]] {
    var frames: [[UInt8]] = []
    var isMore = true
    while isMore {
      var frame = zmq_msg_t()
      zmq_msg_init(&frame)
      guard zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) >= 0 else {
        zmq_msg_close(&frame)
        break
      }
      frames.append([UInt8](bytes(of: &frame)))
      isMore = zmq_msg_more(&frame) != 0
      zmq_msg_close(&frame)
    }
    return frames
  }

  private func reply(to requestID: [UInt8], _ status: String, _ text: String, userID: String) {
    let frames = [
      Array("1.0".utf8), requestID, Array(status.utf8), Array(text.utf8.prefix(255)), Array(userID.utf8), [],
    ]
    for (index, frame) in frames.enumerated() {
      zmq_send(socket, frame, frame.count, index < frames.count - 1 ? ZMQ_SNDMORE : 0)
    }
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// Knows of a door without keeping it open.
private final class WeakBox: @unchecked Sendable {
  // Sendable because a weak reference may be read from any thread, and this one is never written again.
  weak let value: Admission?
  init(_ value: Admission) { self.value = value }
}
