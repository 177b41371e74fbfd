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
  /// Those who have sent something, by descriptor.
  private var speakers: [Int32: Speaker] = [:]
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
    let isForStrangers = door.methods != nil
    // Strangers get the second I/O thread where there is one.
    socket = try Socket(
      .router, maximumMessage: door.payloadBytes + 64, water: isForStrangers ? .strangers : .own,
      ioThread: isForStrangers && Context.ioThreads > 1 ? 1 : 0)
    if let keys = door.keys {
      let admission = Admission(door: door.name, ring: keys.ring)
      try socket.demandKeys(keys.own, domain: admission.domain)
      self.admission = admission
    } else {
      admission = nil
    }
    monitor = try ConnectionMonitor(
      of: socket, countsRefusals: door.keys == nil, tellsWhoComes: door.connections != nil || door.keys != nil)
    var ports: Set<UInt16> = []
    for endpoint in door.endpoints {
      guard door.keys != nil || Endpoint.isLocal(endpoint) else {
        throw ZeroMQError(number: EPERM, doing: "binding \(endpoint) without keys: that is for loopback only")
      }
      try socket.bind(endpoint)
      if let port = Endpoint.port(of: socket.lastEndpoint) { ports.insert(port) }
    }
    if door.connections != nil || door.keys != nil { try monitor.limit(to: door.connections ?? .none, at: ports) }
    monitor.onEnd = { [unowned self] in speakers.removeValue(forKey: $0)?.peer?.hasEnded() }
  }

  /// Whom a message came from.
  func route(of frame: UnsafeMutablePointer<zmq_msg_t>) -> UInt64? {
    let id = bytes(of: frame)
    guard id.count == 5 else { return nil }
    return id.reduce(0) { $0 << 8 | UInt64($1) } | mark
  }

  /// Looks, once, at who sends messages on a connection: it has come in, keeps its place when there are too many, and is shown out
  /// when its key is good no more.
  ///
  /// - Parameter frame: a message's last one. Of the first, the routing id, ZeroMQ 4.3.4 loses what it knows.
  func heard(_ peer: ServerPeer, by frame: UnsafeMutablePointer<zmq_msg_t>) {
    guard !peer.hasSpoken else { return }
    peer.hasSpoken = true
    peer.learnAddress(shownBy: frame)
    let descriptor = zmq_msg_get(frame, ZMQ_SRCFD)
    // What had been sent before an end is read after it: whoever has spoken at that descriptor since is somebody else.
    guard descriptor >= 0, !peer.isGone || speakers[descriptor] == nil else { return }
    let principal = peer.pass?.principal
    monitor.spoke(descriptor, name: principal?.name ?? "", isOurs: principal?.roles.contains(.service) == true)
    if let pass = peer.pass { speakers[descriptor] = Speaker(descriptor, peer, pass) }
  }

  // MARK: Whose key is good no more

  /// Those whose key was revoked, has ended, or may not be used from where they are, with what they are told; each is named once.
  ///
  /// - Parameter all: looks also at those that only time can have made so, and no change of the list.
  func unwelcome(at now: Instant, all: Bool) -> [(speaker: Speaker, refusal: Refusal)] {
    var found: [(speaker: Speaker, refusal: Refusal)] = []
    for speaker in speakers.values where (all || speaker.pass.isOutdated) && !speaker.isLeaving {
      guard let refusal = speaker.objection(at: now) else { continue }
      speaker.isLeaving = true
      found.append((speaker, refusal))
    }
    return found
  }

  /// Ends a connection that `unwelcome` named, if it is still there and the list has not changed its mind.
  func shut(_ speaker: Speaker, at now: Instant) {
    monitor.drain()
    guard speakers[speaker.descriptor] === speaker else { return }
    guard speaker.objection(at: now) != nil else { return speaker.isLeaving = false }
    monitor.shut(speaker.descriptor)
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
