import DequeModule
import Messages

/// Which incidents were left to history lately: a late copy of an alert must not open its incident again. An id and an
/// instant each, so that a day of closed incidents weighs little.
struct EndedIncidents: Sendable {
  private var forgetAt: [String: Instant] = [:]
  private var inOrder: Deque<String> = []

  /// How long intake may still send copies.
  static let remembers = Span.hours(24)

  func contains(_ id: String) -> Bool { forgetAt[id] != nil }

  /// In the order in which they ended.
  var all: [IncidentEnded] {
    inOrder.compactMap { id in forgetAt[id].map { IncidentEnded(incidentId: id, forgetAt: $0) } }
  }

  mutating func remember(_ id: String, until instant: Instant) {
    if forgetAt.updateValue(instant, forKey: id) == nil { inOrder.append(id) }
  }

  mutating func forget(before instant: Instant) {
    while let oldest = inOrder.first, let until = forgetAt[oldest], until < instant {
      forgetAt[oldest] = nil
      inOrder.removeFirst()
    }
  }

  /// The wall clock jumped.
  mutating func shift(by span: Span) {
    for id in inOrder { forgetAt[id] = forgetAt[id].map { $0 + span } }
  }
}
