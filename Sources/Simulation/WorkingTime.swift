import Messages

/// The hours of the shipped team, Monday to Friday from 09:00 to 17:00 UTC, written down here again: a calendar that is read wrongly
/// can't make itself right.
enum WorkingTime {
  /// How much of a span lies within them.
  static func between(_ from: Instant, _ until: Instant) -> Span {
    guard from.isSet, from < until else { return .zero }
    let day = Span.days(1).milliseconds
    return (from.milliseconds / day...until.milliseconds / day).reduce(.zero) { sum, number in
      // The first day of 1970 was a Thursday.
      guard (number + 3) % 7 < 5 else { return sum }
      let begin = max(from, Instant(milliseconds: number * day) + .hours(9))
      let end = min(until, Instant(milliseconds: number * day) + .hours(17))
      return sum + max(.zero, end - begin)
    }
  }
}
