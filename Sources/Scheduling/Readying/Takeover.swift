import Messages

/// Somebody becomes primary who wasn't just before: whose readiness is asked for (requirement S10).
struct Takeover: Hashable, Sendable {
  let incoming: String
  /// Empty: nobody.
  let outgoing: String
  let from: Instant
  /// No end: it isn't known when.
  let until: Instant
}

extension Schedules {
  /// So many shifts that nobody holds, or that one person holds one after the other, are looked past.
  private static let lookedPast = 8
  /// So many takeovers ahead a person's next one is looked for.
  private static let lookedAhead = 60
  /// So many may lie within the day of which somebody is reminded.
  private static let atOnce = 8

  /// The one with which the shift began that somebody holds at an instant.
  func takeover(_ board: Board, at instant: Instant) -> Takeover? {
    let shift = stretch(board, at: instant)
    guard !shift.person.isEmpty, shift.fromAt > .unset else { return nil }
    let before = board.shift(tier: 1, at: shift.fromAt - .milliseconds(1)).person
    guard before != shift.person else { return nil }
    return Takeover(incoming: shift.person, outgoing: before, from: shift.fromAt, until: shift.untilAt)
  }

  func takeover(_ board: Board, after instant: Instant) -> Takeover? {
    var at = instant
    for _ in 0..<Self.lookedPast {
      let end = stretch(board, at: at).untilAt
      guard end < .distantFuture else { return nil }
      if let takeover = takeover(board, at: end) { return takeover }
      at = end
    }
    return nil
  }

  /// The one under way at the first instant, those that begin until the second, and one more.
  func takeovers(_ board: Board, from first: Instant, until second: Instant) -> [Takeover] {
    var found = [takeover(board, at: first)].compactMap { $0 }
    for _ in 0..<Self.atOnce {
      guard let next = takeover(board, after: found.last?.from ?? first) else { break }
      found.append(next)
      if next.from > second { break }
    }
    return found
  }

  /// Which one a request means: at an instant; a person's, under way or their next; or the nearest handoff's.
  func takeover(
    of person: String, in id: String, at asked: Instant, now: Instant
  ) throws(Refusal) -> (team: Team, takeover: Takeover) {
    guard let board = boards[id], let team = board.team else {
      throw .notFound("no team is called \(id)", field: "team")
    }
    guard person.isEmpty || asked.isSet else {
      var takeover = takeover(board, at: now)
      for _ in 0..<Self.lookedAhead where takeover?.incoming != person {
        takeover = self.takeover(board, after: takeover?.from ?? now)
        if takeover == nil { break }
      }
      guard let takeover, takeover.incoming == person else {
        throw Refusal(
          .failedPrecondition,
          "\(person) doesn't take over as primary of team \(id) (S10): a rotation, swap, cover or override makes it possible; "
            + "or name whose list it is", field: "person")
      }
      return (team, takeover)
    }
    let at = try handoff(id, at: asked, now: now).at
    guard let takeover = takeover(board, at: at) else {
      throw Refusal(
        .failedPrecondition, "nobody takes over as primary of team \(id) then (S10): whoever covers has a list",
        field: "at_ms")
    }
    guard person.isEmpty || person == takeover.incoming else {
      throw Refusal(
        .failedPrecondition, "\(takeover.incoming) takes over as primary of team \(id) then, not \(person) (S10)",
        field: "person")
    }
    return (team, takeover)
  }
}
