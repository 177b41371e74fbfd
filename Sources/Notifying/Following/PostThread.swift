import Messages

/// One conversation in a team channel about one incident: the first post that its provider has is the head, later ones answer to it
/// where the provider can do that. It is known as long as the head is on the ledger.
public struct PostThread: Hashable, Sendable {
  /// The provider's name for the head.
  public let headID: String
  /// What the head says.
  public let text: String
}

extension Notifications {
  struct ThreadKey: Hashable, Sendable {
    var incident: String
    var channel: String
  }

  /// The conversation that a post belongs to; nil for the head itself, and for what isn't about one incident.
  func thread(of entry: LedgerEntry, _ id: String) -> PostThread? {
    guard let key = entry.threadKey, let head = heads[key], head != id, let first = ledger[head],
      case .post(let post) = first.subject, let delivery = first.deliveries.first(where: { !$0.providerId.isEmpty })
    else { return nil }
    return PostThread(headID: delivery.providerId, text: PageText.text(of: post, isRepeat: false))
  }

  /// The first that its provider has a name for becomes the head.
  mutating func noteHead(_ entry: LedgerEntry, _ id: String) {
    guard let key = entry.threadKey, heads[key] == nil,
      entry.deliveries.contains(where: { $0.state.wasTaken && !$0.providerId.isEmpty })
    else { return }
    heads[key] = id
  }

  mutating func forgetHead(_ entry: LedgerEntry, _ id: String) {
    guard let key = entry.threadKey, heads[key] == id else { return }
    heads[key] = nil
  }

  func isHead(_ entry: LedgerEntry, _ id: String) -> Bool { entry.threadKey.map { heads[$0] == id } ?? false }
}

extension LedgerEntry {
  /// Nil for what begins no conversation: pages, words for one person, posts about no incident.
  var threadKey: Notifications.ThreadKey? {
    guard case .post(let post) = subject, !post.channel.isEmpty, !post.incidentId.isEmpty else { return nil }
    return Notifications.ThreadKey(incident: post.incidentId, channel: post.channel)
  }
}
