import CivilTime
import Machinery
import Messages

/// Putting a person on a tier for a span, and taking that back (requirement S1).
extension Schedules {
  /// A longer one is a rotation, or a mistake in the year.
  static let overrideAtMost = Span.days(366)
  /// How many of the shifts that an override hides its answer lists.
  static let replacedAtMost = 200

  func addOverride(
    _ asked: OverrideRequest, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    var request = asked
    if !request.fromAt.isSet { request.fromAt = now }
    try check(request, at: now)
    guard var board = boards[request.team], let team = board.team else {
      throw .notFound("no team is called \(request.team)", field: "team")
    }
    let id = "override-\(numbering.overrides + 1)"
    let index = Int(request.tier) - 1
    let override = Lane.Override(id: id, request: request, knownAt: now)
    let replaced = board.lanes[index].shifts(from: override.from, until: override.until).prefix(Self.replacedAtMost)
      .map { $0.clipped(from: override.from, until: override.until) }
    board.lanes[index].add(override)

    let added = ScheduleFact(kind: .overrideAdded(OverrideAdded(id: id, request: request, knownAt: now)))
    var writer = PublicationWriter(schedules: self, at: now)
    let zone = writer.zone(of: team)
    let instead = replaced.map(\.person).distinct.map(writer.name).joined(separator: ", ")
    let by = request.by.isEmpty ? "" : ", by \(writer.name(request.by))"
    writer.publish(
      team.id, board,
      because: .overridden(
        "\(writer.name(request.person)) is \(PublicationWriter.name(ofTier: request.tier)) from "
          + "\(override.from.short(in: zone)) until \(override.until.short(in: zone)) instead of \(instead)\(by): "
          + request.reason))
    return Decision(
      [added] + writer.facts, answer: .overridden(OverrideReply(overrideId: id, replaced: Array(replaced))))
  }

  func removeOverride(
    _ removal: OverrideRemoval, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    try text(removal.reason, "reason", 1...500)
    try text(removal.by, "by", 0...64)
    guard let place = placeOfOverride[removal.overrideId], var board = boards[place.team],
      let override = board.lanes[Int(place.tier) - 1].overrides.first(where: { $0.id == removal.overrideId })
    else { throw .notFound("no override is called \(removal.overrideId)", field: "override_id") }
    guard !override.removedAt.isSet else { return Decision([], answer: .done(Done())) }
    guard override.until > now else {
      throw Refusal(
        .failedPrecondition, "it ended \(override.until.rfc3339) and what it did stays", field: "override_id")
    }
    board.lanes[Int(place.tier) - 1].removeOverride(override.id, at: now)
    let removed = ScheduleFact(
      kind: .overrideRemoved(
        OverrideRemoved(id: override.id, by: removal.by, reason: removal.reason, knownAt: now)))
    var writer = PublicationWriter(schedules: self, at: now)
    let by = removal.by.isEmpty ? "" : " by \(writer.name(removal.by))"
    writer.publish(
      place.team, board,
      because: .overridden(
        "\(override.id) (\(writer.name(override.request.person)) as \(PublicationWriter.name(ofTier: place.tier))) "
          + "was taken back\(by): \(removal.reason)"))
    return Decision([removed] + writer.facts, answer: .done(Done()))
  }

  private func check(_ request: OverrideRequest, at now: Instant) throws(Refusal) {
    guard 1...3 ~= request.tier else {
      throw .invalid("tier", "must be 1, 2 or 3; tier 4 is the team's list of executives")
    }
    guard people[request.person] != nil else {
      throw .notFound("nobody is called \(request.person)", field: "person")
    }
    try text(request.reason, "reason", 1...500)
    try text(request.by, "by", 0...64)
    guard request.fromAt.milliseconds > 0, request.untilAt <= .distantFuture else {
      throw .invalid("until_at_ms", "must lie between 1970 and 9999")
    }
    guard request.fromAt < request.untilAt else { throw .invalid("until_at_ms", "must be after from_at_ms") }
    guard request.untilAt > now else {
      throw .invalid("until_at_ms", "lies in the past: who was on call then is not changed any more")
    }
    guard request.untilAt - request.fromAt <= Self.overrideAtMost else {
      throw .invalid("until_at_ms", "an override lasts at most 366 days")
    }
  }

  private func text(_ text: String, _ field: String, _ bytes: ClosedRange<Int>) throws(Refusal) {
    guard bytes ~= text.utf8.count else {
      throw .invalid(field, "must have \(bytes.lowerBound) to \(bytes.upperBound) bytes")
    }
  }
}

extension Shift {
  /// The part of it within a span.
  func clipped(from: Instant, until: Instant) -> Shift {
    var part = self
    part.fromAt = max(fromAt, from)
    part.untilAt = min(untilAt, until)
    return part
  }
}
