import CivilTime
import Messages

/// When a rotation's turns are, by arithmetic: no table, no scan from the start, so the year 9000 costs what tomorrow does.
///
/// A turn is `shifts_per_turn` shifts of one member. Turns of days and weeks end at the same local time in the rotation's
/// zone and so are an hour longer or shorter across a clock change; turns of hours elapse. Where a zone skips a whole
/// day, a daily turn on it has no length and nobody holds it. Who gets which turn is not known here: `Plan` says it.
struct Turns: Hashable, Sendable {
  /// One turn: number 0 begins at the first handoff.
  struct Slot: Hashable, Sendable {
    var number: Int
    var from: Instant
    var until: Instant

    var isEmpty: Bool { from >= until }
  }
  /// Never changes, and is shared by all copies: each question that is asked of a lane makes some.
  private final class Terms: Sendable {
    let rotation: Rotation
    let zone: TimeZoneRules
    let windows: Windows?
    /// The local date and time of the first handoff.
    let firstDate: CivilDate
    let firstHandoff: Instant
    /// In days, or in milliseconds for hours.
    let step: Int

    init(_ rotation: Rotation, zone: TimeZoneRules, startDate: CivilDate) {
      self.rotation = rotation
      self.zone = zone
      windows = Windows(rotation, zone: zone)
      let length = max(1, Int(rotation.length)) * max(1, Int(rotation.shiftsPerTurn))
      switch rotation.unit {
      case .hours: step = length * 3_600_000
      case .days: step = length
      case .weeks, .unspecified: step = length * 7
      }
      let isWeekly = rotation.unit == .weeks || rotation.unit == .unspecified
      firstDate = isWeekly ? startDate.first(Weekday(rawValue: rotation.handoffWeekday) ?? .monday) : startDate
      firstHandoff = zone.instant(of: LocalTime(firstDate, minute: Int(rotation.handoffMinute)))
    }
  }
  private let terms: Terms

  /// The rotation must have passed `ConfigurationRules`.
  init(_ rotation: Rotation, zone: TimeZoneRules, startDate: CivilDate) {
    terms = Terms(rotation, zone: zone, startDate: startDate)
  }

  var rotation: Rotation { terms.rotation }
  var zone: TimeZoneRules { terms.zone }
  /// The parts of each turn that the rotation covers; nil: all of it.
  var windows: Windows? { terms.windows }

  var id: String { terms.rotation.id }
  /// When the first turn begins; nobody's turn is before it.
  var start: Instant { terms.firstHandoff }

  /// After how long the same member's turn comes again, clock changes aside.
  var cycle: Span { length * Int64(max(1, terms.rotation.members.count)) }

  /// How long a turn is, clock changes aside.
  var length: Span {
    terms.rotation.unit == .hours ? Span.milliseconds(Int64(terms.step)) : Span.days(Int64(terms.step))
  }

  /// Whether turns are short: handed over several times a day.
  var isHourly: Bool { terms.rotation.unit == .hours }

  /// The turn at an instant; nil before the first.
  func slot(at instant: Instant) -> Slot? {
    guard instant >= terms.firstHandoff else { return nil }
    var number = estimate(at: instant)
    var from = handoff(number)
    while from > instant {
      number -= 1
      from = handoff(number)
    }
    var until = handoff(number + 1)
    while until <= instant {
      number += 1
      from = until
      until = handoff(number + 1)
    }
    return Slot(number: number, from: from, until: until)
  }

  func slot(_ number: Int) -> Slot {
    Slot(number: number, from: handoff(number), until: handoff(number + 1))
  }

  /// "rotation platform-primary, week 48"
  func explanation(of slot: Slot) -> String {
    let local = terms.zone.local(slot.from)
    return switch terms.rotation.unit {
    case .weeks, .unspecified: "rotation \(terms.rotation.id), week \(local.date.isoWeek)"
    case .days: "rotation \(terms.rotation.id), \(local.date)"
    case .hours: "rotation \(terms.rotation.id), \(local.short) \(terms.zone.abbreviation(at: slot.from))"
    }
  }

  /// When the turn with this number begins, 0 being the first.
  private func handoff(_ number: Int) -> Instant {
    if isHourly { return terms.firstHandoff + .milliseconds(Int64(terms.step) * Int64(number)) }
    let date = terms.firstDate.adding(days: terms.step * number)
    return terms.zone.instant(of: LocalTime(date, minute: Int(terms.rotation.handoffMinute)))
  }

  /// Right but for the clock changes since then: off by one turn at most, or two where a zone skipped a day.
  private func estimate(at instant: Instant) -> Int {
    if isHourly { return Int((instant - terms.firstHandoff).milliseconds) / terms.step }
    return max(0, (terms.zone.local(instant).date.daysSinceEpoch - terms.firstDate.daysSinceEpoch) / terms.step)
  }
}

extension Turns {
  static func == (one: Turns, other: Turns) -> Bool {
    one.terms === other.terms
      || (one.terms.rotation == other.terms.rotation && one.terms.zone == other.terms.zone
        && one.terms.firstDate == other.terms.firstDate)
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(terms.rotation)
    hasher.combine(terms.firstHandoff)
  }
}
