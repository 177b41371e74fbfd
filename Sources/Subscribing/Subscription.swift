import Messages

/// One calendar address that was given out: whose shifts it shows, and the digest of the secret that the address holds. The secret
/// itself is nowhere.
public struct Subscription: Hashable, Sendable {
  /// SHA-256 of the secret.
  public var digest: SecretDigest
  /// Empty: everybody's of the team.
  public var person: String
  /// Empty: of all teams.
  public var team: String
  public var madeAt: Instant

  /// "ana", "platform", "ana in platform"
  public var whose: String {
    person.isEmpty ? team : team.isEmpty ? person : "\(person) in \(team)"
  }
}
