import Messages

/// Which refusals have a record of their own: the first ten of a kind and then one a minute, so that whoever tries without end
/// fills no disk, and that it was tried, and how often, is known all the same.
struct RefusedAttempts {
  private struct Seen {
    var left = RefusedAttempts.atOnce
    var at: Span
    /// Since the last that has a record.
    var alike: UInt64 = 0
  }
  static let atOnce = 10
  static let pause = Span.minutes(1)
  /// More kinds than this are one together.
  static let kindsAtMost = 1_000
  private var kinds: [String: Seen] = [:]

  /// - Parameters:
  ///   - kind: who tried what.
  ///   - now: elapsed time of this machine.
  /// - Returns: how many like it had none since the last that has a record; nil when this one has none either.
  mutating func admit(_ kind: String, at now: Span) -> UInt64? {
    let kind = kinds[kind] == nil && kinds.count >= Self.kindsAtMost ? "" : kind
    var seen = kinds[kind] ?? Seen(at: now)
    defer { kinds[kind] = seen }
    if now >= seen.at + Self.pause { seen.left = max(seen.left, 1) }
    guard seen.left > 0 else {
      seen.alike += 1
      return nil
    }
    seen.left -= 1
    seen.at = now
    defer { seen.alike = 0 }
    return seen.alike
  }
}
