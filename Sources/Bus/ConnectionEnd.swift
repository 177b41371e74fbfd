import Glibc

/// Looks at, and ends, connections whose descriptors are libzmq's: its I/O thread may have closed one by the time that its event is
/// read, and the number may be another's by then, a provider's or the journal's. So nothing is done to the number itself. What stands
/// behind it is held under a number of our own, looked at, and ended only when both its ends are those that the event was about.
package final class ConnectionEnd {
  /// A number that is ours as long as this lives, so that there is one also when the process has none left.
  private let own: Int32
  private let nothing: Int32

  package init() throws(ZeroMQError) {
    nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
    own = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard nothing >= 0, own >= 0 else { throw ZeroMQError(number: errno, doing: "reserving a descriptor") }
  }

  deinit {
    close(own)
    close(nothing)
  }

  /// Whether the process may have one descriptor more.
  var isRoomLeft: Bool {
    let another = fcntl(nothing, F_DUPFD_CLOEXEC, 0)
    guard another >= 0 else { return false }
    close(another)
    return true
  }

  /// Who is at the other end of a connection to one of these ports of ours; nil: it has gone, or is no such one.
  func peer(of descriptor: Int32, to ports: Set<UInt16>) -> ConnectionGate.Peer? {
    guard let end = Self.name(descriptor, getsockname), ports.contains(end.port) else { return nil }
    return Self.name(descriptor, getpeername)
  }

  /// Ends the connection with this peer to one of these ports, if the descriptor still is that; libzmq then sees its end and lets it go.
  package func shut(_ descriptor: Int32, with peer: ConnectionGate.Peer, to ports: Set<UInt16>) -> Bool {
    defer { hold(nothing) }
    guard hold(descriptor) else { return false }
    return self.peer(of: own, to: ports) == peer && shutdown(own, Int32(SHUT_RDWR)) == 0
  }

  @discardableResult
  private func hold(_ descriptor: Int32) -> Bool {
    dup2(descriptor, own) == own && fcntl(own, F_SETFD, FD_CLOEXEC) == 0
  }

  private typealias Asking = (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32

  private static func name(_ descriptor: Int32, _ ask: Asking) -> ConnectionGate.Peer? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> ConnectionGate.Peer? in
        guard ask(descriptor, address, &length) == 0 else { return nil }
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: 32)
        let flags = Int32(NI_NUMERICHOST | NI_NUMERICSERV)
        guard
          [AF_INET, AF_INET6].contains(Int32(address.pointee.sa_family)),
          getnameinfo(address, length, &host, socklen_t(host.count), &service, socklen_t(service.count), flags) == 0
        else { return nil }
        return ConnectionGate.Peer(address: text(host), port: UInt16(text(service)) ?? 0)
      }
    }
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
