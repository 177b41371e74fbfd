import Messages

/// The shifts of one tier as its calendar has shown them, one change after the other in the order in which each became known.
///
/// A calendar shows what people can rely on: what is promised, and what people arranged. What is only planned isn't in it, so
/// it never takes back what it showed unless somebody changed the schedule. No feed is remembered: at each change both sides
/// of it are asked of `Lane.shift`, as the tier was known then.
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
    self.until = max(from, min(until, lane.shownUntil))
    reachOut()
    guard self.from < self.until else { return }
    for (instant, changes) in Dictionary(grouping: changes(), by: \.knownAt).sorted(by: { $0.key < $1.key }) {
      pass(instant, changes)
    }
    show(lane, absences, from: self.from, until: self.until, at: nil)
  }

  /// Shifts are whole: what is asked for begins and ends with one.
  private mutating func reachOut() {
    let asked = (from: from, until: until)
    for instant in [asked.from, asked.until] {
      let shift = lane.rotationShift(at: instant)
      if shift.fromAt.isSet { from = min(from, shift.fromAt) }
      if shift.untilAt < .distantFuture { until = max(until, shift.untilAt) }
    }
    for arrangement in lane.arrangements
    where arrangement.from < asked.until && asked.from < arrangement.request.untilAt {
      from = min(from, arrangement.from)
      until = max(until, arrangement.request.untilAt)
    }
  }

  /// What was shown until then, and what is shown from then on, around what changed: the shifts that end or begin there too.
  private mutating func pass(_ instant: Instant, _ changes: [Change]) {
    let margin = Span.milliseconds(1)
    let first = max(from, (changes.map(\.from).min() ?? from) - margin)
    let last = min(until, (changes.map(\.until).max() ?? until) + margin)
    guard first < last else { return }
    let before = instant - margin
    show(lane.remembered(at: before), absences.known(at: before), from: first, until: last, at: nil)
    show(lane.remembered(at: instant), absences.known(at: instant), from: first, until: last, at: instant)
  }

  /// Brings the events of a span to what a calendar shows of it. What changed did so at the instant given; without one,
  /// nothing but promises has been added.
  private mutating func show(_ lane: Lane, _ absences: Absences, from: Instant, until: Instant, at instant: Instant?) {
    var shown: Set<Instant> = []
    for (shift, knownAt) in lane.shown(from: from, until: until, absences: absences) {
      shown.insert(shift.fromAt)
      let changedAt = instant ?? knownAt
      if events[shift.fromAt] == nil {
        events[shift.fromAt] = CalendarEvent(team: team, shift, knownAt: changedAt)
      }
      events[shift.fromAt]?.become(shift, at: changedAt)
    }
    guard let instant else { return }
    for event in events.values
    where from < event.shift.untilAt && event.shift.fromAt < until && !shown.contains(event.shift.fromAt) {
      events[event.shift.fromAt]?.become(nil, at: instant)
    }
  }

  /// Every time that something about these shifts became known that was known otherwise before, and what it is about.
  private func changes() -> [Change] {
    var found: [Change] = []
    for arrangement in lane.arrangements where arrangement.from < until && from < arrangement.request.untilAt {
      let end = arrangement.request.untilAt
      found.append(Change(knownAt: arrangement.knownAt, from: arrangement.from, until: end))
      guard arrangement.removedAt.isSet else { continue }
      found.append(Change(knownAt: arrangement.removedAt, from: arrangement.from, until: end))
    }
    let people = lane.people
    for known in absences.all
    where known.from < until && from < known.absence.untilAt && people.contains(known.absence.person) {
      found.append(Change(knownAt: known.knownAt, from: known.from, until: known.absence.untilAt))
      guard known.endKnownAt.isSet else { continue }
      found.append(Change(knownAt: known.endKnownAt, from: known.from, until: known.absence.untilAt))
    }
    // A team that is given up loses what was promised.
    found += lane.eras.filter { $0.from < until }.map { Change(knownAt: $0.knownAt, from: $0.from, until: until) }
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

  /// Nothing after this was ever in a calendar.
  fileprivate var shownUntil: Instant {
    let promised = publications.reduce(publishedUntil) { max($0, $1.untilAt) }
    return arrangements.reduce(promised) { max($0, $1.request.untilAt) }
  }

  /// What a calendar shows of a span, in order, and since when. A lane without plans says of what comes after the promises
  /// that nobody has it, from some instant that is promised on: that is left out.
  fileprivate func shown(from: Instant, until: Instant, absences: Absences) -> [(shift: Shift, knownAt: Instant)] {
    var found: [(shift: Shift, knownAt: Instant)] = []
    var at = from
    while at < until {
      let shift = shift(at: at, absences: absences)
      if shift.fromAt.isSet, let knownAt = shown(at: at) {
        found.append((shift: shift, knownAt: shown(at: shift.fromAt) ?? knownAt))
      }
      at = shift.untilAt
    }
    return found
  }

  /// Since when a calendar shows who has the tier at an instant: by arrangement, or by promise; nil for what is planned.
  fileprivate func shown(at instant: Instant) -> Instant? {
    if let arrangement = arrangement(at: instant) { return arrangement.knownAt }
    return promisedAt(instant)
  }
}
