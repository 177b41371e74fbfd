import Addresses

/// How far requests may go: by itself only outwards (a URL in a configuration must not make the notifier knock at doors
/// that only it can see), and to those networks inside that the operator has named.
///
/// What counts is the address that a socket is about to be connected to, whatever the URL looks like and whatever its name resolved to a
/// moment ago: there is nothing in between that could change.
public struct Reach: Sendable {
  private let allowed: [IPNetwork]
  private let isEverywhere: Bool

  /// Outwards only.
  public static let outwards = Reach(allowed: [], isEverywhere: false)
  /// For addresses that the operator gives on the command line.
  public static let everywhere = Reach(allowed: [], isEverywhere: true)

  private init(allowed: [IPNetwork], isEverywhere: Bool) {
    self.allowed = allowed
    self.isEverywhere = isEverywhere
  }

  /// - Parameter networks: "127.0.0.0/8,::1", as `--allow-inward` takes them.
  /// - Throws: `ProviderFailure` that names the one that is none.
  public init(allowing networks: String) throws {
    var allowed: [IPNetwork] = []
    for text in networks.split(separator: ",", omittingEmptySubsequences: false) {
      let text = String(text.drop { $0 == " " })
      guard let network = IPNetwork(text) else {
        throw ProviderFailure(
          "--allow-inward: \"\(text)\" is no network such as 10.2.0.0/16, fd00:1::/64 or 127.0.0.1 (the bits after the prefix are 0)"
        )
      }
      allowed.append(network)
    }
    self.init(allowed: allowed, isEverywhere: false)
  }

  /// Why no socket may be connected there, for the ledger; nil when one may.
  func refusal(of address: IPAddress) -> String? {
    guard !isEverywhere, let kind = Self.inwardKind(of: address) else { return nil }
    let forms = [address, address.carried].compactMap { $0 }
    guard !forms.contains(where: { form in allowed.contains { $0.contains(form) } }) else { return nil }
    return "the host resolves to \(address), \(kind) address; --allow-inward \(address) allows it"
  }

  /// With its article; nil for an address of the public Internet.
  static func inwardKind(of address: IPAddress) -> String? {
    if let carried = address.carried {
      return inwardKind(of: carried).map { "\($0) (as \(carried))" }
    }
    return inward.first { $0.network.contains(address) }?.kind
  }

  /// IANA's special-purpose registries, and where clouds answer machines about themselves; the narrower first.
  private static let inward: [(network: IPNetwork, kind: String)] = [
    ("169.254.169.254", "a cloud's metadata"), ("169.254.170.2", "a cloud's metadata"),
    ("100.100.100.200", "a cloud's metadata"), ("168.63.129.16", "a cloud's metadata"),
    ("192.0.0.192", "a cloud's metadata"), ("fd00:ec2::254", "a cloud's metadata"),
    ("fd20:ce::254", "a cloud's metadata"),
    ("0.0.0.0/8", "an unspecified"), ("10.0.0.0/8", "a private"), ("100.64.0.0/10", "a carrier's inner"),
    ("127.0.0.0/8", "a loopback"), ("169.254.0.0/16", "a link-local"), ("172.16.0.0/12", "a private"),
    ("192.0.0.0/24", "a reserved"), ("192.0.2.0/24", "a documentation"), ("192.88.99.0/24", "a relay's"),
    ("192.168.0.0/16", "a private"), ("198.18.0.0/15", "a benchmark's"), ("198.51.100.0/24", "a documentation"),
    ("203.0.113.0/24", "a documentation"), ("224.0.0.0/4", "a multicast"), ("240.0.0.0/4", "a reserved"),
    ("::", "an unspecified"), ("::1", "a loopback"), ("::/96", "a reserved"),
    ("64:ff9b:1::/48", "a translator's inner"),
    ("100::/64", "a discarding"), ("2001::/23", "a reserved"), ("2001:db8::/32", "a documentation"),
    ("3fff::/20", "a documentation"), ("5f00::/16", "a reserved"), ("fc00::/7", "a private"),
    ("fe80::/10", "a link-local"), ("fec0::/10", "a site's inner"), ("ff00::/8", "a multicast"),
  ].map { text, kind in
    guard let network = IPNetwork(text) else { preconditionFailure("\(text) is a network") }
    return (network, kind)
  }
}
