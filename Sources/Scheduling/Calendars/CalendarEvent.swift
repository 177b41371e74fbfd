import Messages

/// What a calendar says of one shift: who has it, how often that changed, and since when it is known.
///
/// An event is named by team, tier and the instant at which the shift begins, so that it stays the same one when somebody
/// else takes it or when it ends earlier.
struct CalendarEvent {
  let team: String
  private(set) var shift: Shift
  /// False: no shift begins here any more.
  private(set) var stands = true
  /// How often holder, end or reason changed since it was first shown: the SEQUENCE of RFC 5545, 3.8.7.4.
  private(set) var sequence = 0
  /// When the last change became known; before that, when the shift was promised or arranged.
  private(set) var knownAt: Instant
  /// What each person who ever had it had last; "" for gaps.
  private(set) var held: [String: Shift]

  init(team: String, _ shift: Shift, knownAt: Instant) {
    self.team = team
    self.shift = shift
    self.knownAt = knownAt
    held = [shift.person: shift]
  }

  var id: String { "\(team)-\(shift.tier)-\(shift.fromAt.milliseconds)@tocsin" }

  func isOf(_ person: String) -> Bool { stands && shift.person == person }

  /// A change became known: the shift is another, or none begins here any more (nil).
  mutating func become(_ changed: Shift?, at instant: Instant) {
    guard changed != (stands ? shift : nil) else { return }
    sequence += 1
    knownAt = max(knownAt, instant)
    stands = changed != nil
    guard let changed else { return }
    shift = changed
    held[changed.person] = changed
  }
}
