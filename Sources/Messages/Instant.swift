/// A point in time: whole milliseconds since 1970-01-01 00:00 UTC.
///
/// On the wire a field of this type is named `*_at_ms`; 0 means that it was not given.
public struct Instant: Hashable, Comparable, Sendable {
  public var milliseconds: Int64

  public static let unset = Instant(milliseconds: 0)
  public static let distantFuture = Instant(milliseconds: 253_402_300_799_000)

  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  /// Whether the field was given at all.
  public var isSet: Bool { milliseconds != 0 }

  public static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }
  public static func + (instant: Instant, span: Span) -> Instant {
    Instant(milliseconds: instant.milliseconds &+ span.milliseconds)
  }
  public static func - (instant: Instant, span: Span) -> Instant {
    Instant(milliseconds: instant.milliseconds &- span.milliseconds)
  }
  public static func - (later: Instant, earlier: Instant) -> Span {
    Span(milliseconds: later.milliseconds &- earlier.milliseconds)
  }
}
