import Messages

/// A value for every instant, put together from layers of which the newest is on top: overrides over a rotation,
/// today's configuration over last year's.
///
/// Kept flat, as the stretches that can be seen from above, so that a question costs O(log n) whatever lies underneath.
struct Layers<Value: Hashable & Sendable>: Hashable, Sendable {
  struct Stretch {
    var value: Value?
    var from: Instant
    var until: Instant
  }
  private var starts: [Instant] = [.unset]
  private var values: [Value?] = [nil]

  func stretch(at instant: Instant) -> Stretch {
    let index = index(at: instant)
    return Stretch(
      value: values[index], from: starts[index],
      until: index + 1 < starts.count ? starts[index + 1] : .distantFuture)
  }

  /// When the last stretch begins.
  var lastStart: Instant { starts[starts.count - 1] }

  /// Covers a span with a value; what was there is hidden, not merged.
  mutating func lay(_ value: Value, from: Instant, until: Instant = .distantFuture) {
    guard from < until else { return }
    let first = index(at: from)
    let last = index(at: until - .milliseconds(1))
    let resumed = values[last]
    let resumesAt = last + 1 < starts.count ? starts[last + 1] : Instant.distantFuture
    var newStarts = [from]
    var newValues: [Value?] = [value]
    if starts[first] < from {
      newStarts.insert(starts[first], at: 0)
      newValues.insert(values[first], at: 0)
    }
    if until < resumesAt {
      newStarts.append(until)
      newValues.append(resumed)
    }
    starts.replaceSubrange(first...last, with: newStarts)
    values.replaceSubrange(first...last, with: newValues)
  }

  /// The last stretch that begins at or before an instant; the first begins before them all.
  private func index(at instant: Instant) -> Int {
    var low = 1
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= instant { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }
}
