import Glibc

/// "127.0.0.1:7120" or "[::1]:7120", as a socket that listens there. No name is looked up: where a public port opens is said in numbers.
struct ListeningAddress {
  private let host: String
  private let port: UInt16
  private let isSix: Bool

  init(_ text: String) throws(ListeningFailure) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      throw ListeningFailure("\"\(text)\" is no address such as 127.0.0.1:7120")
    }
    var host = String(text[..<colon])
    isSix = host.hasPrefix("[") && host.hasSuffix("]")
    if isSix { host = String(host.dropFirst().dropLast()) }
    self.host = host
    self.port = port
  }

  func listen() throws(ListeningFailure) -> (socket: Int32, port: UInt16) {
    let family = isSix ? AF_INET6 : AF_INET
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw failure("no socket") }
    Self.setNonblocking(descriptor)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
    guard try bind(descriptor) == 0, Glibc.listen(descriptor, 64) == 0 else {
      defer { close(descriptor) }
      throw failure("can't listen on \(host):\(port)")
    }
    return (descriptor, boundPort(descriptor))
  }

  /// And closed to programs that this one starts.
  static func setNonblocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  private func bind(_ descriptor: Int32) throws(ListeningFailure) -> Int32 {
    if isSix {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      guard inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else {
        throw ListeningFailure("\"\(host)\" is no IPv6 address")
      }
      return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
      throw ListeningFailure("\"\(host)\" is no IPv4 address; IPv6 stands in brackets")
    }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  private func boundPort(_ descriptor: Int32) -> UInt16 {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &address) {
      _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
      // Port and address begin alike in both families.
      return $0.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin_port) }
    }
  }

  private func failure(_ words: String) -> ListeningFailure {
    ListeningFailure("\(words): \(String(cString: strerror(errno)))")
  }
}
