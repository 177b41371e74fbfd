import Messages

/// What a calendar says of one shift: who has it, how often that changed, and since when it is known.
///
/// An event is named by team, tier and the instant at which the shift begins, so that it stays the same one when somebody
/// else takes it or when it ends earlier.
struct CalendarEvent {
  let team: String
  var shift: Shift
  /// False: no shift begins here any more.
  var stands = true
  var isPromised: Bool
  /// How often holder, end or reason changed.
  var changes = 0
  /// When the last change became known; before that, when the shift was promised or configured.
  var knownAt: Instant
  /// What each person who ever had it had last; "" for gaps.
  var held: [String: Shift] = [:]

  init(team: String, _ shift: Shift, isPromised: Bool, knownAt: Instant) {
    self.team = team
    self.shift = shift
    self.isPromised = isPromised
    self.knownAt = knownAt
    held[shift.person] = shift
  }

  var id: String { "\(team)-\(shift.tier)-\(shift.fromAt.milliseconds)@tocsin" }

  /// Rises with each change, and when what was planned is promised.
  var sequence: Int { changes + (isPromised ? 1 : 0) }

  func isOf(_ person: String) -> Bool { stands && shift.person == person }

  /// A change became known: the shift is another, or none begins here any more (nil).
  mutating func become(_ changed: Shift?, at instant: Instant) {
    guard let changed else {
      guard stands else { return }
      stands = false
      changes += 1
      knownAt = instant
      return
    }
    if !stands || changed != shift {
      changes += 1
      knownAt = instant
    }
    stands = true
    shift = changed
    held[changed.person] = changed
  }
}
