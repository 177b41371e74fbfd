import Messages

/// What one person does on an incident: from an acknowledgement on until the incident is resolved, given to somebody else,
/// or the acknowledgement lapses (C2).
struct HeldWork: Hashable, Sendable {
  var person: String
  /// What is over, in order.
  var spans: [WorkSpan] = []
  /// Unset: they don't work on it now.
  var beganAt = Instant.unset
  /// Counts what the scheduler is to know, and what it knows. It is told of what is over alone.
  var generation: UInt32
  var settled: UInt32

  var isOwed: Bool { settled < generation }

  /// The scheduler takes so many spans, the latest, of such a length.
  static let spansAtMost = 500
  static let longest = Span.days(365)

  static func id(of person: String, in incident: String) -> String { "\(incident):\(person)" }

  mutating func begin(at instant: Instant) {
    if !beganAt.isSet { beganAt = instant }
  }

  mutating func end(at instant: Instant) {
    guard beganAt.isSet else { return }
    let until = max(beganAt, instant)
    if spans.count >= Self.spansAtMost { spans.removeFirst() }
    spans.append(WorkSpan(fromAt: max(beganAt, until - Self.longest), untilAt: until))
    beganAt = .unset
    generation += 1
  }

  /// What is known of the incident has changed, and with it what this work counts as.
  mutating func tellAgain() {
    if !spans.isEmpty { generation += 1 }
  }

  /// The wall clock jumped. What pay knows stays as it was told: moved, it would count twice beside what its person made of it.
  mutating func shift(by span: Span) {
    if beganAt.isSet { beganAt = beganAt + span }
    guard isOwed else { return }
    for index in spans.indices {
      spans[index] = WorkSpan(fromAt: spans[index].fromAt + span, untilAt: spans[index].untilAt + span)
    }
  }
}
