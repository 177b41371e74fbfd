import CivilTime
import Messages

/// One tier of one team through all time: what was published, what is generated after it, and what people arranged, with
/// when each became known.
///
/// The only function that says who is on call is `shift(at:absences:)`, for the pager, the calendar, previews and history.
/// From below: the rotations of the era (a later one wins where it covers), as published or as planned; above them what
/// people arranged, the latest accepted first; and whoever is absent is never returned, whatever named them. Nothing here
/// changes the past: a configuration holds from the end of what was published, an arrangement from when it is accepted.
/// What was known earlier is another `Lane`: `known(at:)`.
struct Lane: Hashable, Sendable {
  /// What a configuration says of this tier from `from` on, until a later one does. No rotations: the tier is given up.
  struct Era: Hashable, Sendable {
    var rotations: [Turns]
    var knownAt: Instant
    var from: Instant
  }
  let tier: UInt32
  private(set) var eras: [Era] = []
  private(set) var arrangements: [Arrangement] = []
  private(set) var rosters: [String: Roster] = [:]
  private(set) var publications: [PublishedTier] = []
  private var base = Layers<Int>()
  private var covers = Layers<Int>()
  /// One for each rotation of the last era.
  private(set) var plans: [Plan] = []

  init(tier: UInt32) {
    self.tier = tier
  }

  // MARK: Asking

  /// Who holds the tier, from when until when, and why. Gaps are shifts of nobody.
  func shift(at instant: Instant, absences: Absences) -> Shift {
    var shift = shiftOfAnybody(at: instant)
    guard !shift.person.isEmpty else { return shift }
    let stretch = absences.stretch(of: shift.person, at: instant)
    shift.fromAt = max(shift.fromAt, stretch.from)
    shift.untilAt = min(shift.untilAt, stretch.until)
    guard let absence = stretch.value else { return shift }
    return Shift(
      tier: tier, fromAt: shift.fromAt, untilAt: shift.untilAt, because: .nobody,
      explanation: "\(shift.person) is \(absence.words); nobody covers yet (\(shift.explanation))")
  }

  /// Every shift that has a part in the span, in order, whole.
  func shifts(from: Instant, until: Instant, absences: Absences) -> [Shift] {
    var found: [Shift] = []
    var at = from
    while at < until {
      let shift = shift(at: at, absences: absences)
      found.append(shift)
      at = shift.untilAt
    }
    return found
  }

  /// Whose it is by rotation and arrangement, be they there or not.
  func shiftOfAnybody(at instant: Instant) -> Shift {
    let cover = covers.stretch(at: instant)
    if let index = cover.value {
      return Shift(
        tier: tier, person: arrangements[index].person, fromAt: cover.from, untilAt: cover.until,
        because: arrangements[index].because, explanation: arrangements[index].explanation)
    }
    var shift = rotationShift(at: instant)
    shift.fromAt = max(shift.fromAt, cover.from)
    shift.untilAt = min(shift.untilAt, cover.until)
    return shift
  }

  /// By rotation alone.
  func rotationShift(at instant: Instant) -> Shift {
    let stretch = base.stretch(at: instant)
    var gap = Shift(tier: tier, fromAt: stretch.from, untilAt: stretch.until, because: .nobody)
    guard let index = stretch.value else {
      gap.explanation = "nothing was configured yet"
      return gap
    }
    let era = eras[index]
    gap.explanation = "tier \(tier) has no rotation"
    for layer in era.rotations.indices.reversed() {
      let turns = era.rotations[layer]
      if let window = turns.windows?.stretch(at: instant) {
        gap.fromAt = max(gap.fromAt, window.from)
        gap.untilAt = min(gap.untilAt, window.until)
        guard window.isOpen else {
          if layer == 0 { gap.explanation = "no rotation of tier \(tier) covers this time" }
          continue
        }
      }
      let piece = piece(of: turns, layer: layer, in: index, at: instant)
      gap.fromAt = max(gap.fromAt, piece.from)
      gap.untilAt = min(gap.untilAt, piece.until)
      gap.explanation = piece.remark
      guard !piece.person.isEmpty else { continue }
      gap.person = piece.person
      gap.because = .rotation
      if let slot = turns.slot(at: instant) {
        let words = turns.explanation(of: slot)
        gap.explanation = piece.remark.isEmpty ? words : "\(words) (\(piece.remark))"
      }
      return gap
    }
    return gap
  }

  /// Who has a rotation of the last era at an instant, as promised or as planned.
  func piece(ofRotation layer: Int, at instant: Instant) -> Plan.Piece {
    piece(of: eras[eras.count - 1].rotations[layer], layer: layer, in: eras.count - 1, at: instant)
  }

  private func piece(of turns: Turns, layer: Int, in era: Int, at instant: Instant) -> Plan.Piece {
    guard instant >= turns.start else {
      return Plan.Piece(
        person: "", from: .unset, until: turns.start,
        remark: "rotation \(turns.rotation.follows.isEmpty ? turns.id : turns.rotation.follows) begins "
          + turns.start.short(in: turns.zone))
    }
    if let shift = rosters[turns.id]?.shift(at: instant, madeSince: eras[era].knownAt) {
      return Plan.Piece(person: shift.person, from: shift.fromAt, until: shift.untilAt, remark: shift.remark)
    }
    guard era == eras.count - 1, layer < plans.count, instant >= plans[layer].from else {
      return Plan.Piece(person: "", from: .unset, until: .distantFuture, remark: "not recorded")
    }
    return plans[layer].piece(at: instant)
  }

  /// The rotations of the last configuration.
  var rotations: [Turns] { eras.last?.rotations ?? [] }

  /// After how long the tier repeats, absences aside.
  var cycle: Span? { rotations.map(\.cycle).max() }

  /// Whether the tier is handed over several times a day.
  var isHourly: Bool { rotations.contains(where: \.isHourly) }

  /// Until when it is promised who holds it: from here on the last era is generated.
  var publishedUntil: Instant {
    guard let era = eras.last else { return .unset }
    guard let last = publications.last, last.knownAt >= era.knownAt else { return era.from }
    return max(era.from, last.untilAt)
  }

  /// As it was known then, without plans.
  func known(at instant: Instant) -> Lane {
    var past = Lane(tier: tier)
    for era in eras where era.knownAt <= instant { past.add(era) }
    past.arrangements = arrangements.filter { $0.knownAt <= instant }
    for index in past.arrangements.indices where past.arrangements[index].removedAt > instant {
      past.arrangements[index].removedAt = .unset
    }
    past.layArrangements()
    past.rosters = rosters.mapValues { $0.known(at: instant) }.filter { !$0.value.shifts.isEmpty }
    past.publications = publications.filter { $0.knownAt <= instant }
    return past
  }

  /// As it was known then, without plans, but with what was promised since where that came only beside it: promises are
  /// many, and to leave later ones away is dear. `promisedAt` tells them apart.
  func remembered(at instant: Instant) -> Lane {
    let since = eras.filter { $0.knownAt > instant }
    let isCut = since.contains { era in
      publications.contains { $0.knownAt < era.knownAt && era.from < $0.untilAt }
    }
    guard !isCut else { return known(at: instant) }
    var past = self
    past.plans = []
    if !since.isEmpty {
      past.eras = []
      past.base = Layers()
      for era in eras where era.knownAt <= instant { past.add(era) }
    }
    past.publications = publications.filter { $0.knownAt <= instant }
    past.arrangements = arrangements.filter { $0.knownAt <= instant }
    for index in past.arrangements.indices where past.arrangements[index].removedAt > instant {
      past.arrangements[index].removedAt = .unset
    }
    past.layArrangements()
    return past
  }

  /// What people arranged that holds at an instant.
  func arrangement(at instant: Instant) -> Arrangement? {
    covers.stretch(at: instant).value.map { arrangements[$0] }
  }

  /// When it was promised what the rotations make of an instant; nil while it is only planned.
  func promisedAt(_ instant: Instant) -> Instant? {
    guard let era = base.stretch(at: instant).value else { return nil }
    let madeSince = eras[era].knownAt
    let madeUntil = era + 1 < eras.count ? eras[era + 1].knownAt : .distantFuture
    // Both rise from one to the next as long as an era lasts.
    let first = Self.first(publications) { $0.knownAt >= madeSince }
    let made = publications[first..<max(first, Self.first(publications) { $0.knownAt > madeUntil })]
    let index = Self.first(made) { instant < $0.untilAt }
    return index < made.endIndex ? made[index].knownAt : nil
  }

  /// Where a condition begins to be met, of elements that all meet it once one does.
  private static func first<Elements: RandomAccessCollection>(
    _ elements: Elements, where isMet: (Elements.Element) -> Bool
  ) -> Int where Elements.Index == Int {
    var low = elements.startIndex
    var high = elements.endIndex
    while low < high {
      let middle = (low + high) / 2
      if isMet(elements[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  func isKnown(by instant: Instant) -> Bool {
    eras.allSatisfy { $0.knownAt <= instant } && publications.allSatisfy { $0.knownAt <= instant }
      && arrangements.allSatisfy { $0.knownAt <= instant && $0.removedAt <= instant }
  }

  // MARK: Remembering

  mutating func add(_ era: Era) {
    eras.append(era)
    base.lay(eras.count - 1, from: era.from)
  }

  /// The latest accepted wins where two overlap.
  mutating func add(_ arrangement: Arrangement) {
    arrangements.append(arrangement)
    covers.lay(arrangements.count - 1, from: arrangement.from, until: arrangement.until)
  }

  /// An arrangement ends early; what it hid shows again.
  mutating func removeArrangement(_ id: String, at instant: Instant) {
    guard let index = arrangements.firstIndex(where: { $0.id == id }) else { return }
    arrangements[index].removedAt = instant
    layArrangements()
  }

  mutating func add(_ shift: PublishedShift) { rosters[shift.rotation, default: Roster()].add(shift) }

  mutating func add(_ publication: PublishedTier) { publications.append(publication) }

  mutating func keep(_ plans: [Plan]) { self.plans = plans }

  private mutating func layArrangements() {
    covers = Layers()
    for (index, arrangement) in arrangements.enumerated() {
      covers.lay(index, from: arrangement.from, until: arrangement.until)
    }
  }
}
