import Messages

/// A person put on a tier for a span by people: an override, one side of a swap, or cover. The latest accepted wins.
struct Arrangement: Hashable, Sendable {
  var added: OverrideAdded
  /// unset while it stands.
  var removedAt = Instant.unset

  init(_ added: OverrideAdded, removedAt: Instant = .unset) {
    self.added = added
    self.removedAt = removedAt
  }

  var id: String { added.id }
  var request: OverrideRequest { added.request ?? OverrideRequest() }
  var person: String { request.person }
  var knownAt: Instant { added.knownAt }
  var from: Instant { max(request.fromAt, added.knownAt) }
  var until: Instant { removedAt.isSet ? min(request.untilAt, removedAt) : request.untilAt }

  var because: Because {
    switch added.kind {
    case .swap: .swap
    case .cover: .cover
    case .unspecified: .override
    }
  }

  /// "override-3 by dana: dentist", "rotation platform-primary, week 42, swapped with ben on 3 Oct, agreed by both"
  var explanation: String {
    switch added.kind {
    case .swap:
      let day = added.knownAt.short().split(separator: " ").dropFirst().prefix(2).joined(separator: " ")
      let what = added.instead.isEmpty ? added.swapId : added.instead
      return "\(what), swapped with \(added.giver) on \(day), agreed by both"
    case .cover: return "covers\(added.giver.isEmpty ? "" : " for \(added.giver)"), \(id)\(by): \(request.reason)"
    case .unspecified: return "\(id)\(by): \(request.reason)"
    }
  }

  private var by: String { request.by.isEmpty ? "" : " by \(request.by)" }
}
