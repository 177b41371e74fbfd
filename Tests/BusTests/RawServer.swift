import CZeroMQ
import Messages
import Wire

/// A server that answers exactly what a test wants answered.
final class RawServer {
  struct Request {
    var route: [UInt8]
    var callID: UInt64
    var attempt: UInt32
    var at: ContinuousClock.Instant
  }
  /// Never terminated: see `RawClient`.
  nonisolated(unsafe) private static let context = zmq_ctx_new()
  private let socket: UnsafeMutableRawPointer?
  private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: RawHeader.maximumBytes, alignment: 16)
  let endpoint: String

  init() {
    var linger: Int32 = 0
    socket = zmq_socket(Self.context, ZMQ_ROUTER)
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, 4)
    zmq_bind(socket, "tcp://127.0.0.1:*")
    var text = [CChar](repeating: 0, count: 256)
    var size = text.count
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, &text, &size)
    endpoint = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit {
    zmq_close(socket)
    scratch.deallocate()
  }

  /// The next request; nil when none comes within so many milliseconds.
  func next(within milliseconds: Int = 30_000) -> Request? {
    var item = zmq_pollitem_t(socket: socket, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
    while zmq_poll(&item, 1, milliseconds) > 0 {
      let frames = [frame(), frame(), frame()]
      let request = frames[1].withUnsafeBytes { bytes -> Request? in
        guard let header = try? RawHeader(bytes), header.kind == Kind.request.rawValue else { return nil }
        return Request(route: frames[0], callID: header.callID, attempt: header.attempt, at: .now)
      }
      if let request { return request }
    }
    return nil
  }

  /// An empty answer, or why there is none.
  func end(_ request: Request, _ status: Status = .ok, pushback: Int32 = 0) {
    var header = HeaderWriter(into: scratch)
    header.begin(.end, callID: request.callID)
    header.varint(10, UInt64(status.rawValue))
    header.zigzag(13, pushback)
    zmq_send(socket, request.route, request.route.count, ZMQ_SNDMORE)
    zmq_send(socket, header.bytes.baseAddress, header.bytes.count, ZMQ_SNDMORE)
    zmq_send(socket, nil, 0, 0)
  }

  private func frame() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = zmq_recv(socket, &bytes, bytes.count, 0)
    return Array(bytes.prefix(max(0, Int(count))))
  }
}
