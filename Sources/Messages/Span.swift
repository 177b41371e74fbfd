/// A length of time in whole milliseconds. On the wire a field of this type is named `*_ms`.
public struct Span: Hashable, Comparable, Sendable {
  public var milliseconds: Int64

  public static let zero = Span(milliseconds: 0)

  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  public static func milliseconds(_ count: Int64) -> Span { Span(milliseconds: count) }
  public static func seconds(_ count: Int64) -> Span { Span(milliseconds: count * 1_000) }
  public static func minutes(_ count: Int64) -> Span { .seconds(count * 60) }
  public static func hours(_ count: Int64) -> Span { .minutes(count * 60) }
  public static func days(_ count: Int64) -> Span { .hours(count * 24) }

  public static func < (left: Span, right: Span) -> Bool { left.milliseconds < right.milliseconds }
  public static func + (left: Span, right: Span) -> Span { Span(milliseconds: left.milliseconds + right.milliseconds) }
  public static func - (left: Span, right: Span) -> Span { Span(milliseconds: left.milliseconds - right.milliseconds) }
  public static func * (span: Span, factor: Int64) -> Span { Span(milliseconds: span.milliseconds * factor) }
}
