import Messages

/// Who of a rotation's members can take a turn: those who are eligible and not absent while it is covered.
struct Availability {
  let absences: Absences
  let training: TrainingBook
  let windows: Windows?

  func isEligible(_ person: String) -> Bool { training.eligibility(of: person).isEligible }

  /// Whether a person is there for all of a span that the rotation covers.
  func isThere(_ person: String, from: Instant, until: Instant) -> Bool {
    absences.first(of: person, from: from, until: until) { absence in
      windows?.isOpen(within: max(from, absence.from), until: min(until, absence.until)) ?? true
    } == nil
  }

  func canHold(_ person: String, from: Instant, until: Instant) -> Bool {
    isEligible(person) && isThere(person, from: from, until: until)
  }

  /// Until when a person who is there now stays.
  func staysUntil(_ person: String, from: Instant) -> Instant { absences.stretch(of: person, at: from).until }

  /// Until when a person who is there now can hold a turn that ends at `until`.
  func stay(_ person: String, from: Instant, until: Instant) -> Instant { min(staysUntil(person, from: from), until) }

  func isAway(_ person: String, at instant: Instant) -> Bool {
    absences.stretch(of: person, at: instant).value != nil
  }

  /// The last instant at which anybody of these goes or comes back: afterwards nothing changes any more.
  func lastChange(among people: [String]) -> Instant {
    people.map { absences.lastChange(of: $0) }.max() ?? .unset
  }

  /// "ben is away until Mon 7 Dec 00:00 UTC": why a person can't; nil when they can.
  func obstacle(_ person: String, from: Instant, until: Instant) -> String? {
    let eligibility = training.eligibility(of: person)
    guard eligibility.isEligible else { return "\(person) \(eligibility.words)" }
    let found = absences.first(of: person, from: from, until: until) { absence in
      windows?.isOpen(within: max(from, absence.from), until: min(until, absence.until)) ?? true
    }
    return found.map { "\(person) is \($0.words)" }
  }

  /// Why none of these can.
  func obstacles(of people: [String], from: Instant, until: Instant) -> String {
    let words = people.compactMap { obstacle($0, from: from, until: until) }
    return words.isEmpty ? "the rotation has nobody else" : words.joined(separator: ", ")
  }
}
