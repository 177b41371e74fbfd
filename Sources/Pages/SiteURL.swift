/// Where people reach the pages: "https://tocsin.example.com", without a path. In the clear only on this machine: a session goes along
/// with each request.
public struct SiteURL: Hashable, Sendable, CustomStringConvertible {
  /// As browsers name it in `Origin`: without the port that the scheme has anyhow.
  public let origin: String
  public let isSecure: Bool

  public init?(_ text: String) {
    let text = text.hasSuffix("/") ? String(text.dropLast()) : text
    guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return nil }
    let place = text.dropFirst(scheme.count)
    guard !place.isEmpty, place.utf8.allSatisfy({ 0x21...0x7e ~= $0 }),
      !place.contains(where: { "/?#@\\\"'<>;,".contains($0) })
    else { return nil }
    isSecure = scheme == "https://"
    let host = place.hasPrefix("[") ? place.prefix { $0 != "]" } + "]" : place.prefix { $0 != ":" }
    guard !host.isEmpty, isSecure || ["localhost", "127.0.0.1", "[::1]"].contains(String(host)),
      let port = Self.port(place.dropFirst(host.count), usual: isSecure ? 443 : 80)
    else { return nil }
    origin = "\(scheme)\(host)\(port)".lowercased()
  }

  /// ":8443"; empty for the usual one, or none; nil for what is no port.
  private static func port(_ text: Substring, usual: Int) -> String? {
    guard let colon = text.first else { return "" }
    let digits = text.dropFirst()
    guard colon == ":", digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits), 1...65_535 ~= port
    else {
      return nil
    }
    return port == usual ? "" : ":\(port)"
  }

  public var description: String { origin }
}
