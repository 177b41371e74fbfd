import CivilTime
import Messages

/// One handoff, read off the schedule: it follows swaps and cover, since `Lane.shift` says who holds what (requirement H1).
struct HandoffTurn: Sendable {
  let team: Team
  let zone: TimeZoneRules
  /// The shift that ends; no end: it isn't known when.
  let from: Instant
  let at: Instant
  /// Empty: nobody.
  let outgoing: String
  let incoming: String
  let secondary: String
}

extension Schedules {
  static let handoffCall = Span.minutes(30)
  private static let piecesAtMost = 100

  /// The handoff at an instant, or the one with which the shift under way then ends; the nearest when none is given.
  func handoff(_ id: String, at asked: Instant, now: Instant) throws(Refusal) -> HandoffTurn {
    guard let board = boards[id], let team = board.team else {
      throw .notFound("no team is called \(id)", field: "team")
    }
    if asked.isSet { try check(asked, "at_ms") }
    var at = asked
    if !at.isSet {
      let running = stretch(board, at: now)
      let half = Span(milliseconds: (running.untilAt - running.fromAt).milliseconds / 2)
      let isFresh = running.fromAt.isSet && now - running.fromAt < min(half, .hours(12))
      let before = isFresh ? board.shift(tier: 1, at: running.fromAt - .milliseconds(1)).person : ""
      at = before.isEmpty ? now : running.fromAt
    }
    var shift = stretch(board, at: at)
    // Whoever takes over at this instant isn't the one who hands over.
    if shift.fromAt == at { shift = stretch(board, at: at - .milliseconds(1)) }
    guard shift.untilAt < .distantFuture else {
      throw Refusal(
        .failedPrecondition, "nobody takes over as primary of team \(id) after then (H1): a rotation says who does",
        field: "at_ms")
    }
    return HandoffTurn(
      team: team, zone: zones[team.calendar?.timeZone ?? ""] ?? .utc, from: shift.fromAt, at: shift.untilAt,
      outgoing: shift.person, incoming: board.shift(tier: 1, at: shift.untilAt).person,
      secondary: board.shift(tier: 2, at: shift.untilAt).person)
  }

  /// The primary's shift with those beside it that are the same person's: to oneself nothing is handed over.
  func stretch(_ board: Board, at instant: Instant) -> Shift {
    var whole = board.shift(tier: 1, at: instant)
    for _ in 0..<Self.piecesAtMost where whole.untilAt < .distantFuture {
      let next = board.shift(tier: 1, at: whole.untilAt)
      guard next.person == whole.person else { break }
      whole.untilAt = next.untilAt
    }
    for _ in 0..<Self.piecesAtMost where whole.fromAt > .unset {
      let before = board.shift(tier: 1, at: whole.fromAt - .milliseconds(1))
      guard before.person == whole.person else { break }
      whole.fromAt = before.fromAt
    }
    return whole
  }

  public func showHandoff(_ request: HandoffRequest, now: Instant) throws(Refusal) -> HandoffRecord {
    record(of: try handoff(request.team, at: request.at, now: now))
  }

  func record(of handoff: HandoffTurn) -> HandoffRecord {
    let kept = handoffs.kept(handoff.team.id, at: handoff.at)
    let attendees = [
      HandoffAttendee(person: handoff.outgoing, part: "outgoing primary", required: true),
      HandoffAttendee(person: handoff.incoming, part: "incoming primary", required: true),
      HandoffAttendee(person: handoff.secondary, part: "secondary"),
      HandoffAttendee(person: handoff.team.lead, part: "lead"),
    ]
    let items = HandoffChecklist.all.flatMap { list in
      list.items.enumerated().map { index, text in
        let id = "\(list.id)-\(index + 1)"
        return HandoffItem(
          id: id, list: list.title, text: text, person: list.isOutgoing ? handoff.outgoing : handoff.incoming,
          by: kept.ticks[id].map { Self.speaker($0.tick?.by ?? "") } ?? "", tickedAt: kept.ticks[id]?.tickedAt ?? .unset
        )
      }
    }
    return HandoffRecord(
      team: handoff.team.id, at: handoff.at, untilAt: handoff.at + Self.handoffCall, shiftFromAt: handoff.from,
      attendees: attendees.filter { $0.required || !$0.person.isEmpty }, items: items,
      signedBy: kept.signed?.signature?.by ?? "", signedAt: kept.signed?.signedAt ?? .unset,
      acceptedBy: kept.accepted?.signature?.by ?? "", acceptedAt: kept.accepted?.acceptedAt ?? .unset)
  }

  private static func speaker(_ by: String) -> String { by.isEmpty ? "an operator" : by }
}
