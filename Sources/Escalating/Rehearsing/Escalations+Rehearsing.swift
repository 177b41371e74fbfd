import Machinery
import Messages

/// What would an edited policy have made of recorded alerts? (requirement E10)
extension Escalations {
  static let longestRehearsal = Span.days(366)
  static let shiftsRehearsed = 5_000
  /// Of sources and people, within the time.
  public static let deedsRehearsed = 20_000

  /// - Throws: INVALID_ARGUMENT naming the field.
  public static func checked(_ request: RehearsalRequest, now: Instant) throws(Refusal) -> RehearsalRequest {
    var request = request
    guard !request.team.isEmpty else { throw .invalid("team", "say whose alerts") }
    guard request.fromAt.isSet else { throw .invalid("from_at_ms", "say from when on") }
    guard request.fromAt > .unset else { throw .invalid("from_at_ms", "must lie after 1970") }
    request.untilAt = request.untilAt.isSet ? min(request.untilAt, now) : now
    guard request.fromAt < request.untilAt else {
      throw .invalid("until_at_ms", "must be after from_at_ms, which must be past")
    }
    guard request.untilAt - request.fromAt <= longestRehearsal else { throw .invalid("until_at_ms", "a year at most") }
    guard let timeline = request.timeline else { throw .invalid("timeline", "say who held which tier then") }
    try check(timeline, "timeline", of: request)
    if let edited = request.editedTimeline { try check(edited, "edited_timeline", of: request) }
    try PolicyBook.check(request.policies)
    return request
  }

  private static func check(_ timeline: Timeline, _ field: String, of request: RehearsalRequest) throws(Refusal) {
    guard timeline.team == request.team else { throw .invalid("\(field).team", "must be \"\(request.team)\"") }
    guard timeline.fromAt <= request.fromAt, request.untilAt <= timeline.untilAt else {
      throw .invalid("\(field).from_at_ms", "must be of the whole time")
    }
    guard timeline.shifts.count <= shiftsRehearsed else {
      throw .invalid("\(field).shifts", "at most \(shiftsRehearsed): rehearse a shorter time")
    }
    guard timeline.cycles.isEmpty else {
      throw .invalid("\(field).cycles", "must be empty: the shifts say who held which tier")
    }
    try check([timeline.fromAt, timeline.untilAt], field)
    for (index, shift) in timeline.shifts.enumerated() {
      try check([shift.fromAt, shift.untilAt], "\(field).shifts[\(index)]")
    }
    for (index, shadow) in timeline.shadows.enumerated() {
      try check([shadow.fromAt, shadow.untilAt], "\(field).shadows[\(index)]")
    }
  }

  /// So that no sum of them overflows.
  private static func check(_ instants: [Instant], _ field: String) throws(Refusal) {
    for (instant, name) in zip(instants, ["from_at_ms", "until_at_ms"])
    where instant < .unset || instant > .distantFuture {
      throw .invalid("\(field).\(name)", "must lie between 1970 and 9999")
    }
  }

  /// What the present contributes to a rehearsal.
  ///
  /// - Parameter request: as `checked`.
  public func rehearser(_ request: RehearsalRequest) -> Rehearser {
    Rehearser(request: request, zones: zones, policies: policies, timelines: timelines)
  }
}
