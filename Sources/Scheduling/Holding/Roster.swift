import Messages

/// The turns of one rotation that have been published: promised to people, and never generated again (requirement S3).
struct Roster: Hashable, Sendable {
  private(set) var shifts: [PublishedShift] = []
  private var layers = Layers<Int>()

  /// The promise that holds at an instant, if it was made since.
  func shift(at instant: Instant, madeSince: Instant) -> PublishedShift? {
    guard let index = layers.stretch(at: instant).value, shifts[index].knownAt >= madeSince else { return nil }
    return shifts[index]
  }

  mutating func add(_ shift: PublishedShift) {
    shifts.append(shift)
    layers.lay(shifts.count - 1, from: shift.fromAt, until: shift.untilAt)
  }

  func known(at instant: Instant) -> Roster {
    var past = Roster()
    for shift in shifts where shift.knownAt <= instant { past.add(shift) }
    return past
  }

  /// The members, whoever held a turn before an instant longest ago first. Those who never did come before them all, in the
  /// configured order that goes on after the last holder, or begins with `first` when nothing was published.
  func queue(of members: [String], first: Int, before instant: Instant) -> [String] {
    var recent: [String] = []
    let wanted = Set(members)
    for shift in shifts.reversed() where shift.fromAt < instant && wanted.contains(shift.person) {
      if !recent.contains(shift.person) { recent.append(shift.person) }
      if recent.count == wanted.count { break }
    }
    let start = recent.first.flatMap { members.firstIndex(of: $0) }.map { $0 + 1 } ?? first
    let never = (0..<members.count).map { members[(start + $0) % members.count] }.filter { !recent.contains($0) }
    return never + recent.reversed()
  }
}
