import Addresses
import CivilTime
import Messages

/// How a line is read. Slips name what was expected.
extension AuthorizedKey {
  /// - Throws: the rule that the line breaks.
  init(line: Substring) throws(KeyLineError) {
    let words = line.split(separator: " ")
    guard let first = words.first, Self.isName(first) else {
      throw KeyLineError("begins with a principal: 1 to 64 letters, digits or .-_:@")
    }
    principal = String(first)
    var fields: [String: String] = [:]
    for word in words.dropFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, Self.names.contains(String(parts[0])) else {
        throw KeyLineError("\"\(word.prefix(24))\" is none of \(Self.names.map { "\($0)=" }.joined(separator: ", "))")
      }
      guard fields.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
        throw KeyLineError("\(parts[0]) is given twice")
      }
    }
    guard let key = fields["key"].flatMap({ PublicKey($0) }) else {
      throw KeyLineError("key= needs a public key of 40 letters (Z85), and not one that everybody knows")
    }
    self.key = key
    roles = try Self.roles(fields["roles"] ?? "")
    from = try Self.instant("from", fields)
    guard from.isSet else { throw KeyLineError("from= is missing: since when the key is valid") }
    until = try Self.instant("until", fields)
    revokedAt = try Self.instant("revoked", fields)
    guard !until.isSet || until > from else { throw KeyLineError("until= is not after from=") }
    addresses = []
    // Empty is a slip, and not the same as not given: that would be from anywhere.
    for text in fields["addresses"]?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
      guard let range = IPNetwork(String(text)) else {
        throw KeyLineError("addresses= has \"\(text)\", which is no address or range such as 10.1.0.0/16")
      }
      addresses.append(range)
    }
  }

  /// `tenant` is what earlier versions wrote and kept nobody apart by: it is read, and says nothing.
  private static let names = ["roles", "key", "from", "until", "revoked", "tenant", "addresses"]

  public static func isName(_ text: Substring) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: ".-_:@".utf8.contains($0)
        }
      }
  }

  static func roles(_ text: String) throws(KeyLineError) -> KeyRoles {
    var roles: KeyRoles = []
    for word in text.split(separator: ",") {
      guard let role = KeyRole(rawValue: String(word)) else {
        throw KeyLineError(
          isOfUnknownRole: true,
          "roles= has \"\(word.prefix(24))\", which is none of \(KeyRole.allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      roles.formUnion(KeyRoles(role))
    }
    guard !roles.isEmpty else { throw KeyLineError("roles= is missing: what the key may be used for") }
    return roles
  }

  private static func instant(_ name: String, _ fields: [String: String]) throws(KeyLineError) -> Instant {
    guard let text = fields[name] else { return .unset }
    guard let instant = Instant(rfc3339: text) else {
      throw KeyLineError("\(name)= needs an instant such as 2026-11-29T08:00:00Z, not \"\(text.prefix(32))\"")
    }
    return instant
  }
}

/// The rule that a line of a file of keys breaks.
struct KeyLineError: Error {
  var rule: String
  /// The line may be right for a version that knows more roles.
  var isOfUnknownRole: Bool

  init(isOfUnknownRole: Bool = false, _ rule: String) {
    self.rule = rule
    self.isOfUnknownRole = isOfUnknownRole
  }
}
