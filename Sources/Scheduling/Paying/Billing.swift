import Messages

/// How work becomes hours that are paid (requirement C2): one piece of work is what a person did on one incident, or on
/// several that overlap in time, so that no minute counts twice.
///
/// What is outside business hours counts as it elapsed. A piece that has any has at least 30 minutes; what is missing is added
/// where it ends. Then the running total is rounded to quarters of an hour at each boundary (of class, rates or period), the
/// middle up: the parts add up to what the whole rounds to, and moving a boundary changes only the two parts beside it.
struct Billing {
  struct Part: Hashable, Sendable {
    var kind: HourClass
    var from: Instant
    var until: Instant
    /// Worked within it.
    var time: Span
    /// Quarters of an hour that are paid.
    var quarters: Int64 = 0
    /// Raised to the minimum, from so much.
    var raisedFrom: Span?
  }
  static let minimum = Span.minutes(30)
  static let quarter = Span.minutes(15)

  /// The parts of one piece of work that are paid; those that round to nothing are among them.
  static func parts(of work: TimeSpans, classes: HourClasses, cuts: [Instant]) -> [Part] {
    var parts: [Part] = []
    var goesOn = false
    var section = 0
    for span in work.all {
      for stretch in classes.stretches(from: span.fromAt, until: span.untilAt) {
        guard stretch.kind != .business else {
          goesOn = false
          continue
        }
        let inner = cuts.filter { stretch.from < $0 && $0 < stretch.until }.sorted()
        for (from, until) in zip([stretch.from] + inner, inner + [stretch.until]) {
          let at = cuts.count { $0 <= from }
          if goesOn, let last = parts.indices.last, parts[last].kind == stretch.kind, at == section {
            parts[last].until = until
            parts[last].time = parts[last].time + (until - from)
          } else {
            parts.append(Part(kind: stretch.kind, from: from, until: until, time: until - from))
          }
          goesOn = true
          section = at
        }
      }
    }
    return rounded(parts)
  }

  private static func rounded(_ exact: [Part]) -> [Part] {
    var parts = exact
    var before = Span.zero
    for index in parts.indices {
      var after = before + parts[index].time
      if index == parts.count - 1, after < minimum {
        parts[index].raisedFrom = after
        after = minimum
      }
      parts[index].quarters = quarters(after) - quarters(before)
      before = after
    }
    return parts
  }

  /// To the nearest quarter of an hour, the middle up.
  static func quarters(_ span: Span) -> Int64 {
    (2 * span.milliseconds + quarter.milliseconds) / (2 * quarter.milliseconds)
  }
}

/// One person's incidents that overlap, directly or through others.
struct PieceOfWork: Sendable {
  var items: [(work: Work, spans: TimeSpans)]
  var spans: TimeSpans

  /// What a person did, in pieces, in order.
  static func pieces(_ items: [(work: Work, spans: TimeSpans)]) -> [PieceOfWork] {
    var over: [PieceOfWork] = []
    var open: [PieceOfWork] = []
    for item in items.sorted(by: { ($0.spans.from, $0.work.incidentId) < ($1.spans.from, $1.work.incidentId) })
    where !item.spans.isEmpty {
      over += open.filter { $0.spans.until <= item.spans.from }
      open.removeAll { $0.spans.until <= item.spans.from }
      let met = open.filter { $0.spans.overlaps(item.spans) }
      open.removeAll { $0.spans.overlaps(item.spans) }
      open.append(
        PieceOfWork(
          items: met.flatMap(\.items) + [item], spans: met.reduce(item.spans) { $0.union($1.spans) }))
    }
    return (over + open).sorted { $0.spans.from < $1.spans.from }
  }

  /// Those worked on within a part of it.
  func incidents(from: Instant, until: Instant) -> [String] {
    items.filter { !$0.spans.clipped(from: from, until: until).isEmpty }.map(\.work.incidentId)
  }
}
