import CivilTime
import Messages

/// The weekdays and hours to which a rotation is restricted, in its zone (requirement S1).
///
/// A window opens on a local day and closes on the same or, past midnight, on the next; windows that meet are one. A day
/// whose window a clock change swallows has none. Every question looks at a fortnight at most.
struct Windows: Hashable, Sendable {
  /// A stretch that is covered, or the stretch between two that are.
  struct Stretch: Hashable, Sendable {
    var isOpen: Bool
    var from: Instant
    var until: Instant
  }
  private let zone: TimeZoneRules
  private let weekdays: Set<Weekday>
  private let fromMinute: Int
  /// Above 1,440 where the window closes on the next day.
  private let untilMinute: Int

  /// nil for a rotation that covers all of its turns.
  init?(_ rotation: Rotation, zone: TimeZoneRules) {
    guard rotation.isRestricted else { return nil }
    let days = Set(rotation.weekdays.compactMap { Weekday(rawValue: $0) })
    self.zone = zone
    weekdays = days.isEmpty ? Set(Weekday.allCases) : days
    fromMinute = Int(rotation.fromMinute)
    let until = Int(rotation.untilMinute)
    untilMinute = until > fromMinute ? until : until + 1_440
  }

  /// What holds at an instant, and from when until when.
  func stretch(at instant: Instant) -> Stretch {
    let today = zone.local(instant).date
    var openBefore = Instant.unset
    var at = today.adding(days: -9)
    let last = today.adding(days: 16)
    var current: (from: Instant, until: Instant)?
    while at < last {
      defer { at = at.adding(days: 1) }
      guard let window = window(on: at) else { continue }
      if let open = current, window.from <= open.until {
        current = (open.from, max(open.until, window.until))
        continue
      }
      if let open = current {
        if instant < open.until { break }
        openBefore = open.until
      }
      current = window
      if window.from > instant { break }
    }
    guard let open = current else { return Stretch(isOpen: false, from: openBefore, until: .distantFuture) }
    if open.from <= instant, instant < open.until { return Stretch(isOpen: true, from: open.from, until: open.until) }
    if instant < open.from { return Stretch(isOpen: false, from: openBefore, until: open.from) }
    return Stretch(isOpen: false, from: open.until, until: .distantFuture)
  }

  /// Whether any of a span is covered.
  func isOpen(within from: Instant, until: Instant) -> Bool {
    let stretch = stretch(at: from)
    return stretch.isOpen || stretch.until < until
  }

  private func window(on date: CivilDate) -> (from: Instant, until: Instant)? {
    guard weekdays.contains(date.weekday) else { return nil }
    let from = zone.instant(of: LocalTime(date, minute: fromMinute))
    let until = zone.instant(of: LocalTime(date, minute: untilMinute))
    return from < until ? (from, until) : nil
  }
}
