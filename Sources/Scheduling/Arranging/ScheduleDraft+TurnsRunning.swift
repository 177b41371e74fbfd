import Messages

extension ScheduleDraft {
  /// "ana would be primary two weeks running ..." for each pair of primary turns next to one another of which a person would
  /// hold most, one of them within the span (requirement S4).
  func turnsRunning(_ person: String, tier: UInt32, team: String, from: Instant, until: Instant) -> [String] {
    guard tier == 1, let board = schedules.boards[team], let known = board.team,
      let turns = board.lanes[0].rotations.first, let first = turns.slot(at: from),
      let last = turns.slot(at: until - .milliseconds(1)), last.number - first.number < 400
    else { return [] }
    let holds = (max(0, first.number - 1)...last.number + 1).map { number -> Bool in
      let slot = turns.slot(number)
      let held = board.shifts(tier: 1, from: slot.from, until: slot.until)
        .time(of: person, from: slot.from, until: slot.until)
      return held > .zero && held * 2 >= slot.until - slot.from
    }
    return zip(holds, holds.dropFirst()).enumerated().compactMap { offset, pair in
      guard pair.0, pair.1 else { return nil }
      let one = turns.slot(max(0, first.number - 1) + offset)
      let unit = turns.length == .days(7) ? "weeks" : "turns"
      return "\(name(person)) would be primary two \(unit) running (S4), from "
        + "\(one.from.short(in: zone(of: known)))"
    }
  }
}
