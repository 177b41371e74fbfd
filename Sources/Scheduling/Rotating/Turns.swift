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
  let rotation: Rotation
  let zone: TimeZoneRules
  /// The parts of each turn that the rotation covers; nil: all of it.
  let windows: Windows?
  /// The local date and time of the first handoff.
  private let firstDate: CivilDate
  private let firstHandoff: Instant
  /// In days, or in milliseconds for hours.
  private let step: Int

  /// The rotation must have passed `ConfigurationRules`.
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

  var id: String { rotation.id }
  /// When the first turn begins; nobody's turn is before it.
  var start: Instant { firstHandoff }

  /// After how long the same member's turn comes again, clock changes aside.
  var cycle: Span { length * Int64(max(1, rotation.members.count)) }

  /// How long a turn is, clock changes aside.
  var length: Span {
    rotation.unit == .hours ? Span.milliseconds(Int64(step)) : Span.days(Int64(step))
  }

  /// Whether turns are short: handed over several times a day.
  var isHourly: Bool { rotation.unit == .hours }

  /// The turn at an instant; nil before the first.
  func slot(at instant: Instant) -> Slot? {
    guard instant >= firstHandoff else { return nil }
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
    let local = zone.local(slot.from)
    return switch rotation.unit {
    case .weeks, .unspecified: "rotation \(rotation.id), week \(local.date.isoWeek)"
    case .days: "rotation \(rotation.id), \(local.date)"
    case .hours: "rotation \(rotation.id), \(local.short) \(zone.abbreviation(at: slot.from))"
    }
  }

  /// When the turn with this number begins, 0 being the first.
  private func handoff(_ number: Int) -> Instant {
    if isHourly { return firstHandoff + .milliseconds(Int64(step) * Int64(number)) }
    let date = firstDate.adding(days: step * number)
    return zone.instant(of: LocalTime(date, minute: Int(rotation.handoffMinute)))
  }

  /// Right but for the clock changes since then: off by one turn at most, or two where a zone skipped a day.
  private func estimate(at instant: Instant) -> Int {
    if isHourly { return Int((instant - firstHandoff).milliseconds) / step }
    return max(0, (zone.local(instant).date.daysSinceEpoch - firstDate.daysSinceEpoch) / step)
  }
}
