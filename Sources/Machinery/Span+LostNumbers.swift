import Messages

extension Span {
  /// How many numbers rows that are missing for so long may have used at most: a margin for what came in one burst, and as many
  /// a second as could be kept. Longer than a year counts as a year, so that narrow counters hold it.
  public func numbersLost(margin: UInt64, perSecond: UInt64) -> UInt64 {
    let year: Int64 = 366 * 86_400_000
    return margin + UInt64(max(0, min(milliseconds, year))) * perSecond / 1_000
  }
}
