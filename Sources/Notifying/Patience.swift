import Messages

/// How long a failed attempt waits before it is tried again, and how often.
enum Patience {
  static let tries: UInt32 = 5
  static let first = Span.seconds(2)
  static let longest = Span.seconds(60)
  /// A provider that asks for more is asked again sooner: a page can't wait for an hour.
  static let longestAsked = Span.minutes(5)

  /// 2 s, 4 s, 8 s ... 60 s and up to a quarter more, so that what failed together isn't tried again together; not
  /// before the provider wants to be asked. The quarter is read off the id: rules have no dice.
  static func wait(after attempt: UInt32, of debtID: String, asked: Span?) -> Span {
    let doubled = first * (1 << Int64(min(max(attempt, 1) - 1, 16)))
    let own = min(doubled, longest)
    let jitter = Int64(hash(debtID, attempt) % UInt64(own.milliseconds / 4))
    return max(own, min(asked ?? .zero, longestAsked)) + .milliseconds(jitter)
  }

  /// FNV-1a.
  private static func hash(_ id: String, _ attempt: UInt32) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash = (hash ^ UInt64(attempt)) &* 0x100_0000_01b3
    return hash ^ (hash >> 32)
  }
}
