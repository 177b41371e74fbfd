import DequeModule
import Messages

/// Which incidents were left to history lately: a late copy of an alert must not open its incident again. An id and two
/// instants each, so that a day of closed incidents weighs little.
struct EndedIncidents: Sendable {
  private struct End: Sendable {
    var forgetAt: Instant
    var closedAt: Instant
  }
  private var ends: [String: End] = [:]
  private var inOrder: Deque<String> = []

  /// How long intake may still send copies.
  static let remembers = Span.hours(24)

  /// When an incident that ended lately was closed.
  func closedAt(_ id: String) -> Instant? { ends[id]?.closedAt }

  /// In the order in which they ended.
  var all: [IncidentEnded] {
    inOrder.compactMap { id in
      ends[id].map { IncidentEnded(incidentId: id, forgetAt: $0.forgetAt, closedAt: $0.closedAt) }
    }
  }

  /// - Parameter closedAt: unset in what was written before it was kept: then it was when the incident left.
  mutating func remember(_ id: String, until instant: Instant, closedAt: Instant) {
    let end = End(forgetAt: instant, closedAt: closedAt.isSet ? closedAt : instant - Self.remembers)
    if ends.updateValue(end, forKey: id) == nil { inOrder.append(id) }
  }

  mutating func forget(before instant: Instant) {
    while let oldest = inOrder.first, let end = ends[oldest], end.forgetAt < instant {
      ends[oldest] = nil
      inOrder.removeFirst()
    }
  }

  /// The wall clock jumped.
  mutating func shift(by span: Span) {
    for id in inOrder {
      guard let end = ends[id] else { continue }
      ends[id] = End(forgetAt: end.forgetAt + span, closedAt: end.closedAt + span)
    }
  }
}
