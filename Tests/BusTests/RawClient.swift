import Bus
import CZeroMQ
import Wire

/// A client that says exactly what a test wants said.
final class RawClient {
  struct Answer {
    var kind: UInt32
    var callID: UInt64
    var status: UInt32
    var message: String
    var payload: [UInt8]
  }
  /// Never terminated: that would end libsodium's randomness for every other context of the process (libzmq bcb659e0).
  nonisolated(unsafe) private static let context = zmq_ctx_new()
  private let socket: UnsafeMutableRawPointer?
  private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: RawHeader.maximumBytes, alignment: 16)

  /// - Parameter routingID: what no client should set.
  init(_ endpoint: String, routingID: [UInt8] = [], keys: ClientKeys? = nil) {
    var linger: Int32 = 0
    socket = zmq_socket(Self.context, ZMQ_DEALER)
    if let keys {
      zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, keys.server.text, 41)
      zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys.own.publicKey.text, 41)
      zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys.own.secret, 41)
    }
    if !routingID.isEmpty { zmq_setsockopt(socket, ZMQ_ROUTING_ID, routingID, routingID.count) }
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, 4)
    zmq_connect(socket, endpoint)
  }

  deinit {
    zmq_close(socket)
    scratch.deallocate()
  }

  func request(
    _ method: String, callID: UInt64, attempt: UInt64 = 0, credit: UInt64 = 0, _ payload: [UInt8], checksum: UInt32
  ) {
    var header = HeaderWriter(into: scratch)
    header.begin(.request, callID: callID)
    header.bytes(4, Array(method.utf8))
    header.varint(5, 60_000)
    header.varint(6, attempt)
    header.varint(9, credit)
    header.fixed(16, checksum)
    zmq_send(socket, header.bytes.baseAddress, header.bytes.count, ZMQ_SNDMORE)
    zmq_send(socket, payload, payload.count, 0)
  }

  /// The next answer; nil when none comes within so many milliseconds.
  func answer(within milliseconds: Int = 30_000) -> Answer? {
    var item = zmq_pollitem_t(socket: socket, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
    guard zmq_poll(&item, 1, milliseconds) > 0 else { return nil }
    let frames = [frame(), frame()]
    return frames[0].withUnsafeBytes { bytes in
      (try? RawHeader(bytes)).map {
        Answer(
          kind: $0.kind, callID: $0.callID, status: $0.status,
          message: String(decoding: $0.statusMessage, as: UTF8.self),
          payload: frames[1])
      }
    }
  }

  private func frame() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = zmq_recv(socket, &bytes, bytes.count, 0)
    return Array(bytes.prefix(max(0, Int(count))))
  }
}
