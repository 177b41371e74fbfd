/// What a tier says of itself at one moment: its figures, and whether it can be counted on.
public struct TierReport: Sendable {
  public var figures: [Figure]
  /// Why this tier must not be counted on; nil when it can.
  public var trouble: String?
  /// CLOCK_MONOTONIC in nanoseconds.
  public var at: UInt64

  public init(_ figures: [Figure], trouble: String?, at: UInt64) {
    self.figures = figures
    self.trouble = trouble
    self.at = at
  }
}
