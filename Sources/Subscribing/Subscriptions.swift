import CivilTime
import Cryptography
import Messages

/// All calendar addresses that were given out: the file `feeds` in the gateway's folder (requirement S12).
///
/// A line is `DIGEST person=ana team=platform made=2026-11-30T09:00:00Z`; one of person and team may be missing.
public struct Subscriptions: Sendable {
  static let atMost = 10_000

  public private(set) var all: [Subscription] = []
  private var byDigest: [SecretDigest: Subscription] = [:]

  public init() {}

  /// - Throws: the line, and what was expected there.
  public init(_ text: String) throws(SubscriptionFault) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      guard let subscription = Self.subscription(line) else {
        throw SubscriptionFault(
          "line \(index + 1) must be the digest of a secret (64 hexadecimal digits), person=ID or team=ID or both, and made=TIME"
        )
      }
      guard all.count < Self.atMost else { throw SubscriptionFault("has more than \(Self.atMost) addresses") }
      insert(subscription)
    }
  }

  public var text: String {
    "# Calendar addresses: what is kept of their secrets, and whose shifts they show. tocsinctl keys feed changes it.\n"
      + all.map { Self.line($0) + "\n" }.joined()
  }

  /// Whose calendar an address shows; nil when it was never given out, or is revoked.
  public func subscription(by secret: some StringProtocol) -> Subscription? { byDigest[SecretDigest(of: secret)] }

  /// One more address. Returns its secret, which nobody can find out again.
  public mutating func add(person: String, team: String, at now: Instant) throws(SubscriptionFault) -> String {
    guard !person.isEmpty || !team.isEmpty else { throw SubscriptionFault("needs a person or a team") }
    for name in [person, team] where !name.isEmpty && !Self.isName(name) {
      throw SubscriptionFault("can't hold \"\(name.prefix(64))\": ids of people and teams have no spaces")
    }
    guard all.count < Self.atMost else { throw SubscriptionFault("has \(Self.atMost) addresses already: revoke some") }
    let secret = Self.newSecret()
    insert(Subscription(digest: SecretDigest(of: secret), person: person, team: team, madeAt: now))
    return secret
  }

  /// Addresses whose digests begin so are no longer answered. Returns them.
  public mutating func revoke(beginning: String) -> [Subscription] {
    remove { $0.digest.text.hasPrefix(beginning.lowercased()) }
  }

  /// Addresses of exactly this person and team. Returns them.
  public mutating func revoke(person: String, team: String) -> [Subscription] {
    remove { $0.person == person && $0.team == team }
  }

  // MARK: -

  private mutating func insert(_ subscription: Subscription) {
    guard byDigest.updateValue(subscription, forKey: subscription.digest) == nil else { return }
    all.append(subscription)
  }

  private mutating func remove(where isMeant: (Subscription) -> Bool) -> [Subscription] {
    let meant = all.filter(isMeant)
    all.removeAll(where: isMeant)
    for subscription in meant { byDigest[subscription.digest] = nil }
    return meant
  }

  private static func line(_ subscription: Subscription) -> String {
    [
      subscription.digest.text, subscription.person.isEmpty ? "" : "person=\(subscription.person)",
      subscription.team.isEmpty ? "" : "team=\(subscription.team)", "made=\(subscription.madeAt.rfc3339)",
    ].filter { !$0.isEmpty }.joined(separator: " ")
  }

  private static func subscription(_ line: Substring) -> Subscription? {
    var words = line.split(separator: " ")[...]
    guard let first = words.popFirst(), let digest = SecretDigest(text: first) else { return nil }
    var given: [Substring: String] = [:]
    for word in words {
      guard let sign = word.firstIndex(of: "="), given[word[..<sign]] == nil else { return nil }
      given[word[..<sign]] = String(word[word.index(after: sign)...])
    }
    guard let made = given.removeValue(forKey: "made").flatMap({ Instant(rfc3339: $0) }) else { return nil }
    let (person, team) = (given.removeValue(forKey: "person") ?? "", given.removeValue(forKey: "team") ?? "")
    guard given.isEmpty, !person.isEmpty || !team.isEmpty else { return nil }
    return Subscription(digest: digest, person: person, team: team, madeAt: made)
  }

  private static func isName(_ name: String) -> Bool {
    name.utf8.count <= 128 && name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "=") }
  }

  /// 160 bits in letters that survive being read out: no 0, 1, i, l, o or u.
  private static func newSecret() -> String { RandomText.make(33, of: "23456789abcdefghjkmnpqrstvwxyz") }
}
