import Messages

/// Who has had their share for now (requirement I5): a bucket of tokens for each source, which fills evenly and holds a burst.
///
/// It is no part of any rules: after a restart every bucket is full. Times are those of a clock that only goes forward.
public struct RateLimiter: Sendable {
  private struct Bucket: Sendable {
    var tokens: Double
    var at: Span
    /// How many were refused since there was a token: each is told to come back when its own will be there.
    var waiting = 0.0
  }

  private var buckets: [String: Bucket] = [:]
  /// More names than this have one bucket together, so that memory is bounded. (It protects from sources that run wild, not from
  /// one that invents a name for each event: each name has a burst.)
  static let sourcesAtMost = 10_000
  static let longestWait = Span.minutes(1)

  public init() {}

  public var count: Int { buckets.count }

  /// Take a token.
  ///
  /// - Parameter perSecond: at least 1.
  /// - Returns: nil when there was one, else after how long to try again.
  public mutating func take(_ source: String, perSecond: UInt32, burst: UInt32, at now: Span) -> Span? {
    let rate = Double(max(1, perSecond))
    let name = place(for: source, rate, burst, at: now)
    var bucket = buckets[name] ?? Bucket(tokens: Double(burst), at: now)
    let gained = Self.gained(bucket, rate, at: now)
    bucket.tokens = min(Double(burst), bucket.tokens + gained)
    bucket.waiting = max(0, bucket.waiting - gained)
    bucket.at = max(bucket.at, now)
    defer { buckets[name] = bucket }
    guard bucket.tokens < 1 else {
      bucket.tokens -= 1
      return nil
    }
    bucket.waiting = min(bucket.waiting + 1, rate * Double(Self.longestWait.milliseconds) / 1_000)
    let wait = (1 - bucket.tokens + bucket.waiting - 1) / rate
    return min(Self.longestWait, .milliseconds(Int64((wait * 1_000).rounded(.up))))
  }

  private static func gained(_ bucket: Bucket, _ rate: Double, at now: Span) -> Double {
    Double(max(.zero, now - bucket.at).milliseconds) * rate / 1_000
  }

  /// Where many names are known, those whose bucket is full again are forgotten: they have nothing to remember.
  private mutating func place(for source: String, _ rate: Double, _ burst: UInt32, at now: Span) -> String {
    guard buckets[source] == nil, buckets.count >= Self.sourcesAtMost else { return source }
    if sweptAt.map({ $0 + .seconds(1) <= now }) ?? true {
      sweptAt = now
      buckets = buckets.filter { $1.tokens + Self.gained($1, rate, at: now) < Double(burst) }
    }
    return buckets.count < Self.sourcesAtMost ? source : ""
  }

  private var sweptAt: Span?
}
