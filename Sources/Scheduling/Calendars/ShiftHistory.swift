import Messages

/// The shifts of one tier as its calendar has shown them: as promised and planned at first, then through everything that
/// people changed about them, one change after the other in the order in which it became known.
///
/// Each step asks `Lane.shifts` with what was known then, and only around what changed.
struct ShiftHistory {
  private struct Change {
    var knownAt: Instant
    var from: Instant
    var until: Instant
  }
  private let team: String
  private let lane: Lane
  private let absences: Absences
  /// The span that was asked for, as far as the shifts at its ends reach.
  private var from: Instant
  private var until: Instant
  private(set) var events: [Instant: CalendarEvent] = [:]

  init(team: String, lane: Lane, absences: Absences, from: Instant, until: Instant) {
    self.team = team
    self.lane = lane
    self.absences = absences
    self.from = from
    self.until = until
    var known = shifts(at: .unset, from: from, until: until)
    for shift in known.values {
      if shift.fromAt.isSet { self.from = min(self.from, shift.fromAt) }
      if shift.untilAt < .distantFuture { self.until = max(self.until, shift.untilAt) }
      add(shift, knownAt: .unset)
    }
    let changes = changes().sorted { ($0.knownAt, $0.from) < ($1.knownAt, $1.from) }
    var next = 0
    while next < changes.count {
      let at = changes[next].knownAt
      let these = changes[next...].prefix { $0.knownAt == at }
      next += these.count
      follow(Array(these), at: at, &known)
    }
  }

  /// One instant's changes: what was shown around them is replaced by what is shown then.
  private mutating func follow(_ changes: [Change], at instant: Instant, _ known: inout [Instant: Shift]) {
    // A millisecond more on either side: so that the shifts that end and begin there are looked at too.
    let margin = Span.milliseconds(1)
    let first = max(from, (changes.map(\.from).min() ?? from) - margin)
    let last = min(until, (changes.map(\.until).max() ?? until) + margin)
    guard first < last else { return }
    let after = shifts(at: instant, from: first, until: last)
    let before = known.values.filter { $0.fromAt < last && first < $0.untilAt }
    for shift in before where after[shift.fromAt] == nil {
      known[shift.fromAt] = nil
      events[shift.fromAt]?.become(nil, at: instant)
    }
    for shift in after.values {
      known[shift.fromAt] = shift
      if events[shift.fromAt] == nil {
        // One that begins before the span: what stood there at first counts, wherever the span begins.
        let original = lane.arranged(at: .unset).shift(at: shift.fromAt, absences: Absences())
        add(
          original.fromAt == shift.fromAt ? original : shift,
          knownAt: original.fromAt == shift.fromAt ? .unset : instant)
      }
      events[shift.fromAt]?.become(shift, at: instant)
    }
  }

  private mutating func add(_ shift: Shift, knownAt: Instant) {
    let promise = lane.promise(at: shift.fromAt)
    events[shift.fromAt] = CalendarEvent(
      team: team, shift, isPromised: promise.isMade, knownAt: max(promise.knownAt, knownAt))
  }

  private func shifts(at instant: Instant, from: Instant, until: Instant) -> [Instant: Shift] {
    let shifts = lane.arranged(at: instant).shifts(
      from: from, until: until, absences: absences.known(at: instant))
    return Dictionary(shifts.map { ($0.fromAt, $0) }) { $1 }
  }

  /// Every time that something about these shifts became known, and what it is about.
  private func changes() -> [Change] {
    var found: [Change] = []
    for arrangement in lane.arrangements where arrangement.request.fromAt < until && from < arrangement.request.untilAt
    {
      let end = arrangement.request.untilAt
      found.append(Change(knownAt: arrangement.knownAt, from: arrangement.from, until: end))
      guard arrangement.removedAt.isSet else { continue }
      found.append(Change(knownAt: arrangement.removedAt, from: arrangement.from, until: end))
    }
    let members = lane.people
    for known in absences.all
    where known.from < until && from < known.absence.untilAt && members.contains(known.absence.person) {
      found.append(Change(knownAt: known.knownAt, from: known.from, until: known.absence.untilAt))
      guard known.endKnownAt.isSet else { continue }
      found.append(Change(knownAt: known.endKnownAt, from: known.from, until: known.absence.untilAt))
    }
    return found
  }
}

extension Lane {
  /// Everybody whom rotations or arrangements ever named on this tier.
  fileprivate var people: Set<String> {
    var people = Set(arrangements.map(\.person))
    for era in eras { for turns in era.rotations { people.formUnion(turns.rotation.members) } }
    for roster in rosters.values { people.formUnion(roster.shifts.map(\.person)) }
    return people
  }

  /// Whether it is promised who has the tier at an instant, and since when, or else since when it is planned so.
  fileprivate func promise(at instant: Instant) -> (isMade: Bool, knownAt: Instant) {
    let era = eras.last { $0.from <= instant }
    let configuredAt = era?.knownAt ?? .unset
    guard instant < publishedUntil else { return (false, configuredAt) }
    let publication = publications.first { instant < $0.untilAt }
    return (true, max(configuredAt, publication?.knownAt ?? .unset))
  }
}
