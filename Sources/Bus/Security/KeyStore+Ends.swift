import Messages

/// Until when a principal can come in, by the last of its keys that isn't revoked.
public struct KeyEnd: Hashable, Sendable {
  public var principal: String
  public var until: Instant
}

extension KeyStore {
  /// Who will be let in no more at some time, if nothing is done, and who isn't since less than a week ago: whoever sends with such a
  /// key is refused, and may not notice. Whose keys were all revoked is out by somebody's will.
  public func ends(at now: Instant) -> [KeyEnd] {
    var last: [String: Instant] = [:]
    for key in keys where !key.revokedAt.isSet {
      let until = key.until.isSet ? key.until : .distantFuture
      last[key.principal] = max(last[key.principal] ?? until, until)
    }
    return last.filter { $0.value != .distantFuture && $0.value > now - .days(7) }
      .map { KeyEnd(principal: $0.key, until: $0.value) }
      .sorted { ($0.until, $0.principal) < ($1.until, $1.principal) }
  }
}
