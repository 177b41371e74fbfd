import Messages

/// Until when a principal can come in, by the last of its keys that isn't revoked.
public struct KeyEnd: Hashable, Sendable {
  public var principal: String
  public var roles: KeyRoles
  public var until: Instant

  /// Whether a program sends with it: nobody sees at once that it is refused.
  public var isOfProgram: Bool { !roles.isDisjoint(with: [.source, .service, .pages, .noticeboard]) }
}

extension KeyStore {
  /// Who will be let in no more at some time, if nothing is done, and who isn't since less than a week ago: whoever sends with such a
  /// key is refused, and may not notice. Whose keys were all revoked is out by somebody's will.
  public func ends(at now: Instant) -> [KeyEnd] {
    var last: [String: KeyEnd] = [:]
    for key in keys where !key.revokedAt.isSet {
      let until = max(key.until.isSet ? key.until : .distantFuture, last[key.principal]?.until ?? .unset)
      last[key.principal] = KeyEnd(principal: key.principal, roles: key.roles, until: until)
    }
    return last.values.filter { $0.until != .distantFuture && $0.until > now - .days(7) }
      .sorted { ($0.until, $0.principal) < ($1.until, $1.principal) }
  }
}
