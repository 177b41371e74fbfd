import CivilTime
import Messages

/// All that is known of one team: its tiers through all time, and what of it the escalator and the lead have been told.
struct Board: Hashable, Sendable {
  struct Executives: Hashable, Sendable {
    var people: [String]
    var knownAt: Instant
  }
  /// The last timeline made for the escalator, and up to which generation it has them.
  struct Publication: Hashable, Sendable {
    var published: TimelinePublished
    var handedOver: UInt64 = 0
  }

  /// The notice that people get of their shifts (requirement S3).
  static let notice = Span.days(28)
  /// How long a timeline goes without being renewed, when no handoff comes first.
  static let renewal = Span.days(7)
  /// A timeline that covers a whole cycle of the rotations lets the escalator go on by itself for ever; unless that takes
  /// more shifts than this.
  static let shiftsAtMost: Int64 = 2_000

  /// nil when the last configuration doesn't name it: its past can still be asked for.
  var team: Team?
  var lanes = [Lane(tier: 1), Lane(tier: 2), Lane(tier: 3)]
  var executives: [Executives] = []
  var publication: Publication?
  var toldGaps: [Shift] = []
  var shadows: [Shadow] = []
  /// Of everybody, as all boards know them.
  var absences = Absences()
  /// Team leads who can stand behind a first solo week, the team's own lead first.
  var teamLeads: [String] = []

  // MARK: Who is on call

  func shifts(tier: UInt32, at instant: Instant) -> [Shift] {
    tier == 4 ? contactList(at: instant) : [shift(tier: tier, at: instant)]
  }

  func shift(tier: UInt32, at instant: Instant) -> Shift {
    lanes[Int(tier) - 1].shift(at: instant, absences: absences)
  }

  func shifts(tier: UInt32, from: Instant, until: Instant) -> [Shift] {
    lanes[Int(tier) - 1].shifts(from: from, until: until, absences: absences)
  }

  /// Tiers 1 to 3 in order of time, whole shifts, gaps among them.
  func shifts(from: Instant, until: Instant) -> [Shift] {
    lanes.flatMap { $0.shifts(from: from, until: until, absences: absences) }
      .sorted { ($0.fromAt, $0.tier) < ($1.fromAt, $1.tier) }
  }

  /// The board as it was known, with the training that was known then, which it plans by.
  func known(at instant: Instant, _ training: TrainingBook) -> Board {
    var past = self
    past.executives = executives.filter { $0.knownAt <= instant }
    past.absences = absences.known(at: instant)
    let then = training.known(at: instant)
    let isSame =
      lanes.allSatisfy { $0.isKnown(by: instant) } && then.all.count == training.all.count && past.absences == absences
    guard !isSame else { return past }
    past.lanes = lanes.map { $0.known(at: instant) }
    past.replan(then)
    return past
  }

  /// Tier 4 isn't a rotation: everybody on the list holds it, in order, from when the list became known.
  private func contactList(at instant: Instant) -> [Shift] {
    guard let index = executives.lastIndex(where: { $0.knownAt <= instant }) else {
      return [Shift(tier: 4, untilAt: .distantFuture, because: .nobody, explanation: "nothing was configured yet")]
    }
    let list = executives[index]
    let until = executives[(index + 1)...].map(\.knownAt).min() ?? .distantFuture
    guard !list.people.isEmpty else {
      return [
        Shift(tier: 4, fromAt: list.knownAt, untilAt: until, because: .nobody, explanation: "the contact list is empty")
      ]
    }
    return list.people.enumerated().map { number, person in
      Shift(
        tier: 4, person: person, fromAt: list.knownAt, untilAt: until, because: .contactList,
        explanation: "contact list, \(number + 1) of \(list.people.count)")
    }
  }

  /// Who shadows a tier at an instant.
  func shadows(at instant: Instant) -> [Shadow] {
    shadows.filter { $0.fromAt <= instant && instant < $0.untilAt }
  }

  // MARK: What is published

  /// Who takes turns, those among them who hold none of the shifts that are known because they are away: whoever is ill can
  /// still say what became of an incident.
  var members: [String] { lanes.flatMap(\.rotations).flatMap(\.rotation.members) }

  /// Until when every tier that has rotations is promised; nil when none has.
  var publishedUntil: Instant? { lanes.filter { !$0.rotations.isEmpty }.map(\.publishedUntil).min() }

  /// The next instant at which somebody takes over on any tier.
  func nextHandoff(after instant: Instant) -> Instant {
    lanes.map { $0.shift(at: instant, absences: absences).untilAt }.min() ?? .distantFuture
  }

  /// When a timeline made now must be made again.
  func renewal(after instant: Instant) -> Instant {
    min(nextHandoff(after: instant), instant + Self.renewal)
  }

  /// Until when shifts are promised when that is done now, so that the notice still holds at the next time.
  func promiseEnd(at instant: Instant) -> Instant { renewal(after: instant) + Self.notice }

  /// How far a timeline made now reaches, so that the notice still holds when it is renewed.
  func horizon(at instant: Instant) -> Instant {
    min(renewal(after: instant) + reach, .distantFuture)
  }

  /// How far ahead gaps are looked for: a quarter, so that there is time to fill what isn't published yet.
  func outlook(at instant: Instant) -> Instant { max(horizon(at: instant), instant + .days(91)) }

  private var reach: Span {
    let rotations = lanes.flatMap(\.rotations)
    let reach = rotations.map(\.cycle).max().map { max($0, Self.notice) } ?? Self.notice
    let shifts = rotations.reduce(Int64(0)) { total, turns in
      total + reach.milliseconds / max(1, turns.length.milliseconds)
    }
    return shifts <= Self.shiftsAtMost ? reach : Self.notice
  }

  /// Uncovered time as far ahead as gaps are looked for, each gap whole.
  func gaps(from: Instant) -> [Shift] {
    shifts(from: from, until: outlook(at: from)).filter { $0.because == .nobody }
  }

  /// A gap is news unless it lies within one that the lead knows.
  func news(among gaps: [Shift]) -> [Shift] {
    gaps.filter { gap in
      !toldGaps.contains { $0.tier == gap.tier && $0.fromAt <= gap.fromAt && gap.untilAt <= $0.untilAt }
    }
  }

  /// Rules that what is generated after the published weeks can't meet.
  var notes: [ScheduleNote] { lanes.flatMap { $0.plans.flatMap(\.notes) } }

  /// What the escalator gets: read off the state when it is paid, so it is never older than what is known.
  /// - Parameter copies: further ones who get copies of pages, beside whoever shadows a week.
  func timeline(people everyone: [String: Person], copies: [Shadow]) -> Timeline? {
    guard let team, let published = publication?.published else { return nil }
    let shifts = shifts(from: published.fromAt, until: published.untilAt)
    let cycles = lanes.compactMap { lane in lane.cycle.map { Cycle(tier: lane.tier, every: $0) } }
    let shadows = (shadows + copies).filter { $0.untilAt > published.fromAt }
    return Timeline(
      team: team.id, generation: published.generation, publishedAt: published.publishedAt, fromAt: published.fromAt,
      untilAt: published.untilAt, shifts: shifts, executives: team.executives, managers: team.managers, lead: team.lead,
      people: (shifts.map(\.person) + team.people + members + shadows.map(\.person)).distinct.compactMap {
        everyone[$0]
      },
      calendar: team.calendar, cycles: cycles, shadows: shadows)
  }
}

extension Team {
  /// Everybody the team names outside its rotations.
  var people: [String] { executives + managers + (lead.isEmpty ? [] : [lead]) }
}
