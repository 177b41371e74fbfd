import Messages

/// Who is away and when, as known: time off, sick leave, and shifts that somebody can't hold (requirements S7, S8).
///
/// An absence holds from when it is known at the earliest, so that it never changes who was on call; one that ends early
/// held until then.
struct Absences: Hashable, Sendable {
  struct Known: Hashable, Sendable {
    var absence: Absence
    var knownAt: Instant
    /// unset while nobody has said that it ends early.
    var endAt = Instant.unset
    var endKnownAt = Instant.unset
    var endedBy = ""

    var id: String { absence.id }
    var from: Instant { max(absence.fromAt, knownAt) }
    var until: Instant { endAt.isSet ? min(endAt, absence.untilAt) : absence.untilAt }

    /// "away until Mon 7 Dec 00:00 UTC (absence-3)"
    var words: String {
      let what =
        switch absence.kind {
        case .sick: "on sick leave"
        case .cannotHold: "unable to hold the shift"
        case .timeOff, .unspecified: "away"
        }
      let end = until < .distantFuture ? " until \(until.short())" : ""
      return "\(what)\(end) (\(absence.id))"
    }
  }
  private(set) var all: [Known] = []
  private var placeByID: [String: Int] = [:]
  private var layers: [String: Layers<Int>] = [:]

  func known(_ id: String) -> Known? { placeByID[id].map { all[$0] } }

  /// What of a person's time lies around an instant: an absence, or the time between two.
  func stretch(of person: String, at instant: Instant) -> (value: Known?, from: Instant, until: Instant) {
    guard let layers = layers[person] else { return (nil, .unset, .distantFuture) }
    let stretch = layers.stretch(at: instant)
    return (stretch.value.map { all[$0] }, stretch.from, stretch.until)
  }

  /// The first absence that has a part in a span and meets a condition.
  func first(
    of person: String, from: Instant, until: Instant, where matches: (Known) -> Bool = { _ in true }
  ) -> Known? {
    guard let layers = layers[person] else { return nil }
    var at = from
    while at < until {
      let stretch = layers.stretch(at: at)
      if let index = stretch.value, matches(all[index]) { return all[index] }
      at = stretch.until
    }
    return nil
  }

  /// When a person last goes or comes back; unset for one who is always there. One who never comes back goes once.
  func lastChange(of person: String) -> Instant { layers[person]?.lastStart ?? .unset }

  func known(at instant: Instant) -> Absences {
    guard all.contains(where: { $0.knownAt > instant || $0.endKnownAt > instant }) else { return self }
    var past = Absences()
    for var known in all where known.knownAt <= instant {
      if known.endKnownAt > instant {
        known.endAt = .unset
        known.endKnownAt = .unset
        known.endedBy = ""
      }
      past.add(known)
    }
    return past
  }

  mutating func add(_ known: Known) {
    guard placeByID[known.id] == nil else { return }
    placeByID[known.id] = all.count
    all.append(known)
    layers[known.absence.person, default: Layers()].lay(all.count - 1, from: known.from, until: known.until)
  }

  mutating func end(_ id: String, at instant: Instant, by: String, knownAt: Instant) {
    guard let place = placeByID[id] else { return }
    all[place].endAt = instant
    all[place].endKnownAt = knownAt
    all[place].endedBy = by
    let person = all[place].absence.person
    var laid = Layers<Int>()
    for (index, known) in all.enumerated() where known.absence.person == person {
      laid.lay(index, from: known.from, until: known.until)
    }
    layers[person] = laid
  }
}
