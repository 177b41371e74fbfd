import Foundation

/// A directory and ports that a measurement has to itself.
struct Place {
  let directory: String

  /// - Parameter parent: on the disk that is to be measured; the directory for temporary files when empty.
  init(in parent: String) throws {
    let base = parent.isEmpty ? FileManager.default.temporaryDirectory.path : parent
    directory = "\(base)/tocsin-bench-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  func remove() {
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// A port of the loopback that nobody listens on now.
  static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutableBytes(of: &address) { bytes in
      let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      return bind(descriptor, pointer, size) == 0 && getsockname(descriptor, pointer, &size) == 0
    }
    guard code else { throw BenchFailure("no free port: \(String(cString: strerror(errno)))") }
    return UInt16(bigEndian: address.sin_port)
  }
}
