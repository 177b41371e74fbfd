import Addresses
import CivilTime
import Messages

/// A line of the list of those who may come in: whose key it is, what it may be used for, from when until when and from where.
///
///     ana roles=responder key=<40 letters> from=2026-11-29T00:00:00Z until=2027-11-29T00:00:00Z addresses=10.0.0.0/8
public struct AuthorizedKey: Hashable, Sendable {
  public var principal: String
  public var roles: KeyRoles
  public var key: PublicKey
  public var from: Instant
  /// `.unset`: for good.
  public var until: Instant
  /// `.unset`: it isn't. Any other instant is for people to read: whether a key is revoked depends on no clock.
  public var revokedAt: Instant
  /// Empty: from anywhere.
  public var addresses: [IPNetwork]

  public init(
    _ principal: String, roles: KeyRoles, key: PublicKey, from: Instant, until: Instant = .unset,
    revokedAt: Instant = .unset, addresses: [IPNetwork] = []
  ) {
    self.principal = principal
    self.roles = roles
    self.key = key
    self.from = from
    self.until = until
    self.revokedAt = revokedAt
    self.addresses = addresses
  }

  /// Why it may not be used at this instant; nil when it may, from where it is good.
  public func objection(at now: Instant) -> KeyObjection? {
    if revokedAt.isSet { return .revoked(at: revokedAt) }
    if from > now { return .notYet(from: from) }
    if until.isSet, until <= now { return .expired(at: until) }
    return nil
  }

  func isGood(from address: String) -> Bool { addresses.isEmpty || addresses.contains { $0.contains(address) } }

  /// Whether it will never be let in again, whatever the time becomes.
  func isOver(at now: Instant) -> Bool { revokedAt.isSet || (until.isSet && until <= now) }

  /// As it stands in the file.
  public var line: String {
    var words = ["\(principal)", "roles=\(roles.words)", "key=\(key)", "from=\(from.rfc3339)"]
    if until.isSet { words.append("until=\(until.rfc3339)") }
    if revokedAt.isSet { words.append("revoked=\(revokedAt.rfc3339)") }
    if !addresses.isEmpty { words.append("addresses=\(addresses.map(\.description).joined(separator: ","))") }
    return words.joined(separator: " ")
  }
}

/// Why somebody with a key is not let in.
public enum KeyObjection: Hashable, Sendable, CustomStringConvertible {
  case unknown
  case revoked(at: Instant)
  case notYet(from: Instant)
  case expired(at: Instant)
  case address(String)
  /// The socket demands a CURVE key, and something else came.
  case mechanism(String)

  /// Apart from whose and when.
  var kind: String {
    switch self {
    case .unknown: "unknown"
    case .revoked: "revoked"
    case .notYet: "early"
    case .expired: "expired"
    case .address: "address"
    case .mechanism: "mechanism"
    }
  }

  public var description: String {
    switch self {
    case .unknown: "this key is not known here"
    case .revoked(let at): "this key was revoked at \(at.rfc3339)"
    case .notYet(let from): "this key is valid from \(from.rfc3339)"
    case .expired(let at): "this key was valid until \(at.rfc3339)"
    case .address(let address): "this key may not be used from \(address)"
    case .mechanism(let name): "\(name) is not enough: a CURVE key is needed"
    }
  }
}
