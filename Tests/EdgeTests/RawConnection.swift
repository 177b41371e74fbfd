import Glibc
import Testing

/// A connection to a port of this machine, in bytes.
final class RawConnection {
  private let descriptor: Int32

  init(to port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(connected == 0)
    var patience = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// Its own side is closed.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// As far as these letters, or the end.
  func read(until end: String) -> String {
    var all: [UInt8] = []
    var byte: [UInt8] = [0]
    while recv(descriptor, &byte, 1, 0) == 1 {
      all += byte
      if String(decoding: all, as: UTF8.self).hasSuffix(end) { break }
    }
    return String(decoding: all, as: UTF8.self)
  }

  /// All that is said until the connection ends. Where it doesn't within ten seconds, that is said at the end of it.
  func readToEnd() -> String {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EAGAIN { return String(decoding: all, as: UTF8.self) + " and is still open" }
      guard count > 0 else { return String(decoding: all, as: UTF8.self) }
      all += buffer[..<count]
    }
  }
}
