import Addresses
import Glibc

/// What an endpoint is for whoever decides who may come in.
public enum Endpoint {
  /// Whether only this machine reaches it. Names other than localhost are not believed: they may lead anywhere.
  public static func isLocal(_ endpoint: String) -> Bool {
    if endpoint.hasPrefix("ipc://") || endpoint.hasPrefix("inproc://") { return true }
    guard endpoint.hasPrefix("tcp://"), let colon = endpoint.lastIndex(of: ":") else { return false }
    let host = endpoint[
      endpoint.index(endpoint.startIndex, offsetBy: 6)..<max(colon, endpoint.index(endpoint.startIndex, offsetBy: 6))]
    if host == "localhost" { return true }
    let address = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host
    return IPNetwork("127.0.0.0/8")!.contains(String(address)) || address == "::1"
  }

  /// Of a TCP endpoint that is bound; nil of others.
  static func port(of bound: String) -> UInt16? {
    guard bound.hasPrefix("tcp://"), let colon = bound.lastIndex(of: ":") else { return nil }
    return UInt16(bound[bound.index(after: colon)...])
  }

  /// Where this machine reaches what it has bound.
  static func toKnockAt(_ bound: String) -> String {
    bound.replacing("tcp://0.0.0.0:", with: "tcp://127.0.0.1:").replacing("tcp://[::]:", with: "tcp://[::1]:")
  }
}
