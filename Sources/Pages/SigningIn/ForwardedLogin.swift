import Serving

/// A header in which a proxy says who somebody is (forward auth, an OIDC proxy), and what makes a request that proxy's: its address, and a
/// secret that it shows. Without both the header is what a stranger says of themselves.
public struct ForwardedLogin: Sendable {
  /// Why a header that named somebody was ignored.
  public enum Distrust: String, CaseIterable, Sendable {
    case address, secret
  }
  enum Word {
    case nobody
    case person(String)
    case ignored(Distrust)
  }

  /// In lower case.
  let header: String
  let proxies: TrustedProxies
  private let secret: ProxySecret

  public init?(header: String, from proxies: TrustedProxies, secret: ProxySecret) {
    guard Self.isHeader(header) else { return nil }
    self.header = header.lowercased()
    self.proxies = proxies
    self.secret = secret
  }

  /// Whether a person may be named in it.
  public static func isHeader(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { 0x21...0x7e ~= $0 && $0 != 0x3a }
      && ![ProxySecret.header, "cookie", "host", "x-forwarded-for"].contains(name.lowercased())
  }

  /// Whom a request says that its proxy has seen, and whether that proxy is ours.
  func word(of head: WebHead) -> Word {
    let name = head.header(header)
    guard !name.isEmpty else { return .nobody }
    guard proxies.contains(head.from) else { return .ignored(.address) }
    guard secret.isShown(head.header(ProxySecret.header)) else { return .ignored(.secret) }
    return .person(name)
  }
}
