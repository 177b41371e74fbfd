import CZeroMQ
import Messages

/// A ZeroMQ socket with every option that keeps it honest. Belongs to the one thread that made it.
final class Socket {
  enum Role {
    /// Binds, and answers by routing id.
    case router
    /// Connects to one peer.
    case dealer
    /// Listens to another socket's events.
    case pair
  }
  enum SendOutcome {
    case sent
    /// The peer's queue is full: try again later.
    case full
    /// Nobody has that routing id any more.
    case gone
  }

  let handle: UnsafeMutableRawPointer
  private let role: Role

  /// - Parameters:
  ///   - maximumMessage: in bytes; a larger frame from outside costs its sender the connection.
  ///   - water: how many messages of a peer wait in libzmq.
  ///   - ioThread: which of the context's I/O threads does its reading and writing.
  init(_ role: Role, maximumMessage: Int, water: SocketOptions.Water = .own, ioThread: Int = 0) throws(ZeroMQError) {
    self.role = role
    let type = role == .router ? ZMQ_ROUTER : role == .dealer ? ZMQ_DEALER : ZMQ_PAIR
    guard let handle = zmq_socket(Context.shared, type) else {
      throw ZeroMQError(number: zmq_errno(), doing: "opening a socket")
    }
    self.handle = handle
    let options = SocketOptions(role, maximumMessage: maximumMessage, water: water, ioThread: ioThread)
    for (number, value) in options.all { try set(number, value) }
  }

  deinit {
    zmq_close(handle)
  }

  func bind(_ endpoint: String) throws(ZeroMQError) {
    try Self.validate(endpoint)
    try check(zmq_bind(handle, endpoint), "binding \(endpoint)")
  }

  func connect(_ endpoint: String) throws(ZeroMQError) {
    if role != .pair { try Self.validate(endpoint) }
    try check(zmq_connect(handle, endpoint), "connecting to \(endpoint)")
  }

  /// Connects anew, with the options that are set by now.
  func reconnect(_ endpoint: String) throws(ZeroMQError) {
    // A connection that was refused is gone already.
    zmq_disconnect(handle, endpoint)
    try connect(endpoint)
  }

  /// Where a bind to port 0 ended up.
  var lastEndpoint: String {
    var text = [CChar](repeating: 0, count: 256)
    var size = text.count
    zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &text, &size)
    return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  /// Other transports of libzmq (pgm, norm, udp) are reachable in Debian's build and none of our business.
  static func validate(_ endpoint: String) throws(ZeroMQError) {
    guard ["tcp://", "ipc://", "inproc://"].contains(where: endpoint.hasPrefix) else {
      throw ZeroMQError(number: EINVAL, doing: "endpoint \"\(endpoint)\" must begin with tcp://, ipc:// or inproc://")
    }
  }

  func set(_ option: Int32, _ value: Int64) throws(ZeroMQError) {
    var wide = value
    var narrow = Int32(truncatingIfNeeded: value)
    let code =
      SocketOptions.isWide(option)
      ? zmq_setsockopt(handle, option, &wide, 8) : zmq_setsockopt(handle, option, &narrow, 4)
    try check(code, "setting option \(option)")
  }

  /// How many bytes its routing id has: 0 as long as nobody has given it one.
  var routingIDBytes: Int {
    var id = [UInt8](repeating: 0, count: 255)
    var size = id.count
    return zmq_getsockopt(handle, ZMQ_ROUTING_ID, &id, &size) == 0 ? size : 0
  }

  /// What an option is now; nil when libzmq doesn't tell.
  func option(_ option: Int32) -> Int64? {
    var wide = Int64(0)
    var narrow = Int32(0)
    var size = SocketOptions.isWide(option) ? 8 : 4
    let code =
      size == 8 ? zmq_getsockopt(handle, option, &wide, &size) : zmq_getsockopt(handle, option, &narrow, &size)
    return code != 0 ? nil : size == 8 ? wide : Int64(narrow)
  }

  func check(_ code: Int32, _ doing: String) throws(ZeroMQError) {
    if code != 0 { throw ZeroMQError(number: zmq_errno(), doing: doing) }
  }

  // MARK: Messages

  /// The next message's frames, lent for the time of the closure; false when none waits.
  func receive(_ take: (_ frames: UnsafeMutableBufferPointer<zmq_msg_t>, _ count: Int) -> Void) -> Bool {
    withUnsafeTemporaryAllocation(of: zmq_msg_t.self, capacity: 4) { frames in
      let most = frames.count
      var count = 0
      var more = true
      while more {
        let slot = frames.baseAddress! + min(count, most - 1)
        if count >= most { zmq_msg_close(slot) }
        zmq_msg_init(slot)
        var code = zmq_msg_recv(slot, handle, ZMQ_DONTWAIT)
        while code < 0, zmq_errno() == EINTR { code = zmq_msg_recv(slot, handle, ZMQ_DONTWAIT) }
        guard code >= 0 else {
          zmq_msg_close(slot)
          break
        }
        count += 1
        more = zmq_msg_more(slot) != 0
      }
      guard count > 0 else { return false }
      defer { for index in 0..<min(count, most) { zmq_msg_close(frames.baseAddress! + index) } }
      take(frames, count)
      return true
    }
  }

  /// Sends [routing id][header][payload], or without the id for a dealer: all of it or nothing. The id is the
  /// route's last five bytes.
  func send(to route: UInt64? = nil, header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer) -> SendOutcome {
    if let route {
      var id = route.bigEndian
      let outcome = withUnsafeBytes(of: &id) { send(UnsafeRawBufferPointer(rebasing: $0[3...]), ZMQ_SNDMORE) }
      guard outcome == .sent else { return outcome }
    }
    let outcome = send(header, ZMQ_SNDMORE)
    guard outcome == .sent else { return outcome }
    // When the connection breaks between the frames libzmq takes the first one back and says so here.
    return send(payload, 0)
  }

  private func send(_ bytes: UnsafeRawBufferPointer, _ flags: Int32) -> SendOutcome {
    while zmq_send(handle, bytes.baseAddress, bytes.count, flags | ZMQ_DONTWAIT) < 0 {
      switch zmq_errno() {
      case EINTR: continue
      case EAGAIN: return .full
      default: return .gone
      }
    }
    return .sent
  }
}

/// A frame's bytes, valid as long as the frame.
func bytes(of frame: UnsafeMutablePointer<zmq_msg_t>) -> UnsafeRawBufferPointer {
  UnsafeRawBufferPointer(start: zmq_msg_data(frame), count: zmq_msg_size(frame))
}
