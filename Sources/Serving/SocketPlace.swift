/// "127.0.0.1:7106" or "[::1]:7106". No name is looked up: where a public port opens is said in numbers.
struct SocketPlace: Hashable {
  let host: String
  let port: UInt16

  init(_ text: String) throws(ServingFailure) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      throw ServingFailure("\"\(text)\" is no address such as 127.0.0.1:7106")
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      throw ServingFailure("\"\(host)\" is no IPv4 address; IPv6 stands in brackets")
    }
    guard !host.isEmpty, host.allSatisfy({ $0.isHexDigit || $0 == "." || $0 == ":" }) else {
      throw ServingFailure("\"\(host)\" is no IP address")
    }
    self.host = host
    self.port = port
  }
}
