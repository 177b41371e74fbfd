import Addresses
import Serving

/// Proxies of ours, by their addresses: what they say of a request is believed, what anybody else says isn't.
public struct TrustedProxies: Hashable, Sendable {
  private let networks: [IPNetwork]

  /// None.
  public init() { networks = [] }

  /// "10.0.0.5,10.1.0.0/16"; nil for anything else, and for what is everybody ("0.0.0.0/0").
  public init?(_ text: String) {
    let networks = text.split(separator: ",", omittingEmptySubsequences: false).map { IPNetwork(String($0)) }
    guard networks.allSatisfy({ $0 != nil && !$0!.description.hasSuffix("/0") }) else { return nil }
    self.networks = networks.compactMap { $0 }
  }

  func contains(_ address: String) -> Bool { networks.contains { $0.contains(address) } }

  /// Where a request comes from, as far as that can be known: the other end of the connection, or, where that is a proxy of ours, whoever
  /// it says that it had the request from (`X-Forwarded-For`), and so on as long as proxies of ours say so. What stands before the first
  /// word of a stranger is what that stranger says, and proves nothing.
  func client(of head: WebHead) -> String {
    guard contains(head.from) else { return head.from }
    var known = head.from
    for hop in head.header("x-forwarded-for").split(separator: ",", omittingEmptySubsequences: false).reversed() {
      guard let address = Self.address(hop) else { return known }
      known = "\(address)"
      guard contains(known) else { return known }
    }
    return known
  }

  /// "203.0.113.7", "203.0.113.7:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711"; nil for anything else.
  private static func address(_ hop: Substring) -> IPAddress? {
    let text = hop.trimming { $0 == " " || $0 == "\t" }
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]"), isPort(text[text.index(after: end)...]),
        let address = IPAddress(String(text[text.index(after: text.startIndex)..<end])), address.bytes.count == 16
      else { return nil }
      return address.undressed
    }
    if text.count(where: { $0 == ":" }) == 1, let colon = text.firstIndex(of: ":") {
      guard isPort(text[colon...]) else { return nil }
      return IPAddress(String(text[..<colon]))
    }
    return IPAddress(String(text))?.undressed
  }

  /// ":4711", or none.
  private static func isPort(_ text: Substring) -> Bool {
    guard let colon = text.first else { return true }
    let digits = text.dropFirst()
    return colon == ":" && 1...5 ~= digits.utf8.count && digits.utf8.allSatisfy { 0x30...0x39 ~= $0 }
  }
}

extension Substring {
  fileprivate func trimming(_ isOutside: (Character) -> Bool) -> Substring {
    var text = drop(while: isOutside)
    while let last = text.last, isOutside(last) { text.removeLast() }
    return text
  }
}
