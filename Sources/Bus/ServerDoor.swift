import CZeroMQ
import Glibc
import Messages

/// One ROUTER of a server: who comes in by it may call these methods, with payloads up to so many bytes. Where strangers
/// connect they have a door of their own, so that what they do stays there.
final class ServerDoor {
  /// A method as it was called.
  struct Found {
    var path: String
    var streams: Bool
    var isAllowed: Bool
  }
  let door: CallServer.Door
  /// Its place among the server's doors, in the bits of a route that a routing id leaves free.
  let mark: UInt64
  let socket: Socket
  let monitor: ConnectionMonitor
  /// Who is let in, where keys are demanded.
  let admission: Admission?
  /// What is said to those who call something else here.
  let denial: Refusal
  private let methods: [String: Bool]
  /// Calls come in runs of the same method.
  private var last: (bytes: [UInt8], found: Found) = ([], Found(path: "", streams: false, isAllowed: false))

  init(_ door: CallServer.Door, number: Int, methods: [String: Bool]) throws(ZeroMQError) {
    self.door = door
    self.methods = methods
    mark = UInt64(number) << 40
    let names = (door.methods ?? []).map { $0.split(separator: ".").last.map(String.init) ?? $0 }
    denial = Refusal(
      .permissionDenied,
      "this socket takes \(names.sorted().joined(separator: " and ")) only; other methods are called on the socket for "
        + "tiers and operators", field: "method")
    // Strangers get the second I/O thread where there is one.
    socket = try Socket(
      .router, maximumMessage: door.payloadBytes + 64, ioThread: door.methods != nil && Context.ioThreads > 1 ? 1 : 0)
    if let keys = door.keys {
      let admission = Admission(door: door.name, ring: keys.ring)
      try socket.demandKeys(keys.own, domain: admission.domain)
      self.admission = admission
    } else {
      admission = nil
    }
    monitor = try ConnectionMonitor(of: socket, countsRefusals: door.keys == nil)
    for endpoint in door.endpoints {
      guard door.keys != nil || Endpoint.isLocal(endpoint) else {
        throw ZeroMQError(number: EPERM, doing: "binding \(endpoint) without keys: that is for loopback only")
      }
      try socket.bind(endpoint)
    }
  }

  /// Whom a message came from.
  func route(of frame: UnsafeMutablePointer<zmq_msg_t>) -> UInt64? {
    let id = bytes(of: frame)
    guard id.count == 5 else { return nil }
    return id.reduce(0) { $0 << 8 | UInt64($1) } | mark
  }

  /// nil when the server has no such method at all.
  func method(_ bytes: UnsafeRawBufferPointer) -> Found? {
    if bytes.equals(last.bytes) { return last.found }
    let path = String(decoding: bytes, as: UTF8.self)
    guard let streams = methods[path] else { return nil }
    last = (Array(bytes), Found(path: path, streams: streams, isAllowed: door.methods?.contains(path) ?? true))
    return last.found
  }
}

extension UnsafeRawBufferPointer {
  func equals(_ array: [UInt8]) -> Bool {
    count == array.count && (isEmpty || memcmp(baseAddress!, array, count) == 0)
  }
}
