import Machinery
import Messages

/// A source, and how much it may send (requirement I5).
public struct Share: Sendable {
  public var source: String
  public var limit: RateLimit
  /// What a flood of others' doesn't hold back: SEV-1, resolves and acknowledgements.
  public var isUrgent: Bool
}

/// What each source has used up of its shares: one for what can wait, and one, far greater, for what can't. So a source's flood holds
/// back neither others nor its own SEV-1, and a flood of SEV-1 (a stolen key, a rule gone wrong) has an end all the same.
public struct Shares: Sendable {
  private var ordinary = RateLimiter()
  private var urgent = RateLimiter()

  public init() {}

  /// Uses up a part of a share.
  ///
  /// - Parameter now: of a clock that only goes forward.
  /// - Returns: what the source is told that has had all of it: when to come again; nil: it had not.
  public mutating func take(_ share: Share, at now: Span) -> Refusal? {
    let (second, burst) = (share.limit.perSecond, share.limit.burst)
    let wait =
      share.isUrgent
      ? urgent.take(share.source, perSecond: second, burst: burst, at: now)
      : ordinary.take(share.source, perSecond: second, burst: burst, at: now)
    let what = share.isUrgent ? " SEV-1, resolves and acknowledgements" : ""
    return wait.map {
      Refusal(
        .resourceExhausted,
        "\(share.source) sends more than \(second)\(what) a second: at most \(burst) at once, then wait",
        field: "source", retryAfter: $0)
    }
  }
}
