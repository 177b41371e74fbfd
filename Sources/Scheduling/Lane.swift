import CivilTime
import Messages

/// One tier of one team through all time: what each configuration said of it, the overrides, and when each became known.
///
/// The only function that says who is on call is `shift(at:)`, for the pager, the calendar, previews and history.
/// Nothing here changes the past. A configuration that becomes known holds for later shifts: the shift in progress stays
/// with its holder to its end, and so do all before it. An override begins to hold when it is accepted, and a removed one
/// held until it was removed. What was known earlier is another `Lane`: `known(at:)`.
struct Lane: Hashable, Sendable {
  /// What a configuration says of this tier from `from` on, until a later one does.
  struct Era: Hashable, Sendable {
    var turns: Turns?
    var knownAt: Instant
    var from: Instant
  }
  struct Override: Hashable, Sendable {
    var id: String
    var request: OverrideRequest
    var knownAt: Instant
    /// unset while it stands.
    var removedAt = Instant.unset

    var from: Instant { max(request.fromAt, knownAt) }
    var until: Instant { removedAt.isSet ? min(request.untilAt, removedAt) : request.untilAt }

    /// "override-3 by dana: dentist"
    var explanation: String {
      request.by.isEmpty ? "\(id): \(request.reason)" : "\(id) by \(request.by): \(request.reason)"
    }
  }

  let tier: UInt32
  private(set) var eras: [Era] = []
  private(set) var overrides: [Override] = []
  private var base = Layers<Int>()
  private var covers = Layers<Int>()

  init(tier: UInt32) {
    self.tier = tier
  }

  // MARK: Asking

  /// Who holds the tier, from when until when, and why. Gaps are shifts of nobody.
  func shift(at instant: Instant) -> Shift {
    let cover = covers.stretch(at: instant)
    if let index = cover.value {
      return Shift(
        tier: tier, person: overrides[index].request.person, fromAt: cover.from, untilAt: cover.until,
        because: .override,
        explanation: overrides[index].explanation)
    }
    var shift = rotationShift(at: instant)
    shift.fromAt = max(shift.fromAt, cover.from)
    shift.untilAt = min(shift.untilAt, cover.until)
    return shift
  }

  /// Every shift that has a part in the span, in order, whole.
  func shifts(from: Instant, until: Instant) -> [Shift] {
    var found: [Shift] = []
    var at = from
    while at < until {
      let shift = shift(at: at)
      found.append(shift)
      at = shift.untilAt
    }
    return found
  }

  /// What the last configuration says, for how long the rotation takes to repeat.
  var lastTurns: Turns? { eras.last?.turns }

  /// As it was known then: later configurations, overrides and removals don't exist.
  func known(at instant: Instant) -> Lane {
    let isAllKnown =
      eras.allSatisfy { $0.knownAt <= instant }
      && overrides.allSatisfy { $0.knownAt <= instant && $0.removedAt <= instant }
    if isAllKnown { return self }
    var past = Lane(tier: tier)
    for era in eras where era.knownAt <= instant { past.add(era) }
    past.overrides = overrides.filter { $0.knownAt <= instant }
    for index in past.overrides.indices where past.overrides[index].removedAt > instant {
      past.overrides[index].removedAt = .unset
    }
    past.layOverrides()
    return past
  }

  private func rotationShift(at instant: Instant) -> Shift {
    let stretch = base.stretch(at: instant)
    var gap = Shift(tier: tier, fromAt: stretch.from, untilAt: stretch.until, because: .nobody)
    guard let index = stretch.value else {
      gap.explanation = "nothing was configured yet"
      return gap
    }
    guard let turns = eras[index].turns else {
      gap.explanation = "tier \(tier) has no rotation"
      return gap
    }
    guard let turn = turns.turn(at: instant) else {
      gap.untilAt = min(gap.untilAt, turns.start)
      gap.explanation = "rotation \(turns.rotation.id) begins \(turns.start.short(in: turns.zone))"
      return gap
    }
    return Shift(
      tier: tier, person: turn.person, fromAt: max(turn.from, stretch.from), untilAt: min(turn.until, stretch.until),
      because: .rotation, explanation: turns.explanation(of: turn))
  }

  // MARK: Remembering

  /// A configuration became known. What it says of this tier holds after the shift in progress, unless the team gives the
  /// tier up or no longer knows its holder: then at once.
  mutating func configure(_ turns: Turns?, people: [String: Person], knownAt: Instant) {
    if let last = eras.last, last.turns == turns { return }
    if eras.isEmpty, turns == nil { return add(Era(turns: nil, knownAt: knownAt, from: knownAt)) }
    let current = rotationShift(at: knownAt)
    let stays = turns != nil && current.because == .rotation && people[current.person] != nil
    add(Era(turns: turns, knownAt: knownAt, from: stays ? current.untilAt : knownAt))
  }

  /// The latest accepted wins where two overlap.
  mutating func add(_ override: Override) {
    overrides.append(override)
    covers.lay(overrides.count - 1, from: override.from, until: override.until)
  }

  /// An override ends early; what it hid shows again.
  mutating func removeOverride(_ id: String, at instant: Instant) {
    guard let index = overrides.firstIndex(where: { $0.id == id }) else { return }
    overrides[index].removedAt = instant
    layOverrides()
  }

  private mutating func add(_ era: Era) {
    eras.append(era)
    base.lay(eras.count - 1, from: era.from)
  }

  private mutating func layOverrides() {
    covers = Layers()
    for (index, override) in overrides.enumerated() { covers.lay(index, from: override.from, until: override.until) }
  }
}
