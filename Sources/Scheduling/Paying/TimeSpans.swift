import Messages

/// Stretches of time that don't meet, in order: what was worked, as a set of instants.
struct TimeSpans: Hashable, Sendable {
  private(set) var all: [WorkSpan] = []

  /// Spans in any order; those that meet become one, empty ones vanish.
  init(_ spans: [WorkSpan] = []) {
    for span in spans.sorted(by: { $0.fromAt < $1.fromAt }) where span.fromAt < span.untilAt {
      if let last = all.indices.last, span.fromAt <= all[last].untilAt {
        all[last].untilAt = max(all[last].untilAt, span.untilAt)
      } else {
        all.append(span)
      }
    }
  }

  var isEmpty: Bool { all.isEmpty }
  var from: Instant { all.first?.fromAt ?? .unset }
  var until: Instant { all.last?.untilAt ?? .unset }
  var total: Span { all.reduce(.zero) { $0 + ($1.untilAt - $1.fromAt) } }

  func union(_ other: TimeSpans) -> TimeSpans { TimeSpans(all + other.all) }

  func subtracting(_ other: TimeSpans) -> TimeSpans {
    var left: [WorkSpan] = []
    for span in all {
      var from = span.fromAt
      for taken in other.all where taken.untilAt > from && taken.fromAt < span.untilAt {
        if taken.fromAt > from { left.append(WorkSpan(fromAt: from, untilAt: taken.fromAt)) }
        from = max(from, taken.untilAt)
      }
      if from < span.untilAt { left.append(WorkSpan(fromAt: from, untilAt: span.untilAt)) }
    }
    return TimeSpans(left)
  }

  func clipped(from: Instant, until: Instant) -> TimeSpans {
    TimeSpans(all.map { WorkSpan(fromAt: max($0.fromAt, from), untilAt: min($0.untilAt, until)) })
  }

  /// Whether they share time; to touch is not to overlap.
  func overlaps(_ other: TimeSpans) -> Bool {
    var left = all[...]
    var right = other.all[...]
    while let one = left.first, let two = right.first {
      if one.fromAt < two.untilAt, two.fromAt < one.untilAt { return true }
      if one.untilAt <= two.untilAt { left.removeFirst() } else { right.removeFirst() }
    }
    return false
  }
}
