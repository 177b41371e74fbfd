import Messages

/// How long a failed attempt waits before it is tried again, and how often.
///
/// A page gives up soon: the person's next channel, and then the next tier, are better than the same again. A post has
/// nobody behind it who would notice, so it is tried for about eight hours: long enough for a channel's outage, or for
/// an operator who mends its route.
enum Patience {
  /// For a channel that has another one behind it.
  static let tries: UInt32 = 5
  static let first = Span.seconds(2)
  static let longest = Span.seconds(60)
  /// For a post on its last channel: 17 minutes of growing pauses, then 46 of ten minutes.
  static let lastTries: UInt32 = 56
  static let longestBetweenPosts = Span.minutes(10)
  /// A provider that asks for more is asked again sooner: a page can't wait for an hour.
  static let longestAsked = Span.minutes(5)

  /// 2 s, 4 s, 8 s ... up to `longest`, and up to a quarter more, so that what failed together isn't tried again together;
  /// not before the provider wants to be asked. The quarter is read off the id: rules have no dice.
  static func wait(after tries: UInt32, upTo longest: Span, of debtID: String, asked: Span?) -> Span {
    let doubled = first * (1 << Int64(min(max(tries, 1) - 1, 16)))
    let own = min(doubled, longest)
    var hash = StableHash()
    hash.mix(debtID)
    hash.mix(UInt64(tries))
    let jitter = Int64(hash.folded % UInt64(own.milliseconds / 4))
    return max(own, min(asked ?? .zero, max(longest, longestAsked))) + .milliseconds(jitter)
  }
}
