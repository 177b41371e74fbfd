/// Where metrics are served: "127.0.0.1:9171", "[::1]:9171", "0.0.0.0:9171" for every address of this machine.
public struct MetricsPlace: Hashable, Sendable {
  public var host: String
  public var port: UInt16
  /// "[::1]:9171"
  var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// nil when the text is no address with a port.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
      return nil
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty, host.allSatisfy({ $0.isHexDigit || $0 == "." || $0 == ":" }) else { return nil }
    self.host = host
    self.port = port
  }
}
