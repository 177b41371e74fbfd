import Messages

/// How long other tiers have been out of reach (requirement I6): one that is for too long is lost, and that is told once, and
/// again every so often until it is back. Times are those of a clock that only goes forward.
public struct PeerWatch: Sendable {
  public enum News: Hashable, Sendable {
    /// - Parameter for: how long it has been out of reach.
    case lost(Peer, for: Span)
    /// - Parameter wasTold: whether its loss had been told here; before a restart it may have been as well.
    case back(Peer, wasTold: Bool)
  }
  private struct Gone: Sendable {
    var since: Span
    var tellAt: Span
    var isTold = false
  }

  private var gone: [Peer: Gone] = [:]
  private let lostAfter: Span
  private let tellsAgainAfter: Span

  /// How often to ask those that are connected whether they serve.
  public var asksEvery: Span { max(.seconds(1), .milliseconds(lostAfter.milliseconds / 3)) }

  /// Nobody has been reached yet.
  public init(_ peers: some Sequence<Peer>, lostAfter: Span, tellsAgainAfter: Span, at now: Span) {
    self.lostAfter = lostAfter
    self.tellsAgainAfter = tellsAgainAfter
    for peer in peers { gone[peer] = Gone(since: now, tellAt: now + lostAfter) }
  }

  public mutating func reached(_ peer: Peer) -> News? {
    gone.removeValue(forKey: peer).map { .back(peer, wasTold: $0.isTold) }
  }

  public mutating func left(_ peer: Peer, at now: Span) {
    if gone[peer] == nil { gone[peer] = Gone(since: now, tellAt: now + lostAfter) }
  }

  /// What is to be told now.
  public mutating func news(at now: Span) -> [News] {
    gone.keys.sorted { $0.rawValue < $1.rawValue }.compactMap { peer in
      guard let one = gone[peer], one.tellAt <= now else { return nil }
      gone[peer] = Gone(since: one.since, tellAt: now + tellsAgainAfter, isTold: true)
      return .lost(peer, for: now - one.since)
    }
  }

  /// Nobody heard of it: it is told again sooner.
  public mutating func wasNotHeard(_ peer: Peer, at now: Span) {
    guard let one = gone[peer], one.isTold else { return }
    gone[peer]?.tellAt = min(one.tellAt, now + lostAfter)
  }
}
