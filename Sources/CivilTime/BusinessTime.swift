import Messages

/// A team's working hours as a kind of time: what is open now, and where so many working hours lead (requirement E1).
///
/// A day's hours are what lies between two local times, measured as it elapses: on the day of a clock change a night shift
/// is an hour longer or shorter. Every question costs O(days) it spans.
public struct BusinessTime: Hashable, Sendable {
  private let zone: TimeZoneRules
  private let fromMinute: Int
  private let untilMinute: Int
  private let weekdays: Set<Weekday>
  private let holidays: Set<CivilDate>

  /// What a calendar leaves out: 09:00-17:00, Monday to Friday, UTC.
  public init(_ calendar: Calendar, zones: TimeZones) throws(Refusal) {
    guard let zone = zones[calendar.timeZone] else {
      throw .invalid("calendar.time_zone", "\(calendar.timeZone) is not in the tz database")
    }
    self.zone = zone
    let isGiven = calendar.workFromMinute != 0 || calendar.workUntilMinute != 0
    fromMinute = isGiven ? Int(calendar.workFromMinute) : 540
    untilMinute = isGiven ? Int(calendar.workUntilMinute) : 1_020
    guard fromMinute < untilMinute, untilMinute <= 1_440 else {
      throw .invalid("calendar.work_until_minute", "must be after work_from_minute and at most 1440")
    }
    var weekdays: Set<Weekday> =
      calendar.workWeekdays.isEmpty ? [.monday, .tuesday, .wednesday, .thursday, .friday] : []
    for number in calendar.workWeekdays {
      guard let weekday = Weekday(rawValue: number) else {
        throw .invalid("calendar.work_weekdays", "\(number) is not 1 (Monday) to 7 (Sunday)")
      }
      weekdays.insert(weekday)
    }
    self.weekdays = weekdays
    var holidays: Set<CivilDate> = []
    for text in calendar.holidays {
      guard let date = CivilDate(text) else {
        throw .invalid("calendar.holidays", "\(text) is not a date like 2026-12-25")
      }
      holidays.insert(date)
    }
    self.holidays = holidays
  }

  public func isOpen(at instant: Instant) -> Bool {
    guard let hours = hours(on: zone.local(instant).date) else { return false }
    return hours.from <= instant && instant < hours.until
  }

  /// Whether hours are kept on the local day of an instant: no weekend, no holiday.
  public func isWorkingDay(at instant: Instant) -> Bool { hours(on: zone.local(instant).date) != nil }

  /// This instant when it is in business hours, else the next that is.
  public func opening(atOrAfter instant: Instant) -> Instant {
    max(instant, nextHours(endingAfter: instant).from)
  }

  /// The instant at which so much business time has passed. Outside business hours the count begins at the next opening; a
  /// count that ends with a day's hours ends then, not when the next day's begin.
  public func instant(_ span: Span, after start: Instant) -> Instant {
    guard span > .zero else { return opening(atOrAfter: start) }
    var left = span
    var at = start
    while at < .distantFuture {
      let hours = nextHours(endingAfter: at)
      let begin = max(at, hours.from)
      if left <= hours.until - begin { return begin + left }
      left = left - (hours.until - begin)
      at = hours.until
    }
    return .distantFuture
  }

  /// The instant from which so much business time leads to another: `instant(_:after:)` counted backwards.
  public func instant(_ span: Span, before end: Instant) -> Instant {
    var left = span
    var at = end
    while left > .zero, at > .unset {
      let hours = lastHours(beginningBefore: at)
      let stop = min(at, hours.until)
      if left <= stop - hours.from { return stop - left }
      left = left - (stop - hours.from)
      at = hours.from
    }
    return at
  }

  /// How much business time lies between two instants.
  public func span(from start: Instant, until end: Instant) -> Span {
    var total = Span.zero
    var at = start
    while at < end {
      let hours = nextHours(endingAfter: at)
      if hours.from < end { total = total + (min(hours.until, end) - max(at, hours.from)) }
      at = hours.until
    }
    return total
  }

  /// When the hours of the next business day end: the first business day on a later local date than the instant's.
  public func endOfNextBusinessDay(after instant: Instant) -> Instant { hours(ofBusinessDay: 1, after: instant).until }

  /// The hours of the so manyth business day on a later local date than the instant's, from 1 on.
  public func hours(ofBusinessDay number: Int, after instant: Instant) -> (from: Instant, until: Instant) {
    precondition(number > 0, "business days are counted from the next one on: \(number)")
    var date = zone.local(instant).date
    var left = number
    while true {
      date = date.adding(days: 1)
      guard let hours = hours(on: date) else { continue }
      left -= 1
      if left == 0 { return hours }
    }
  }

  /// The first hours that are not over. Ends, because holidays are a list and some weekday is worked.
  private func nextHours(endingAfter instant: Instant) -> (from: Instant, until: Instant) {
    var date = zone.local(instant).date
    while true {
      if let hours = hours(on: date), hours.until > instant { return hours }
      date = date.adding(days: 1)
    }
  }

  /// The last hours that have begun.
  private func lastHours(beginningBefore instant: Instant) -> (from: Instant, until: Instant) {
    var date = zone.local(instant).date
    while true {
      if let hours = hours(on: date), hours.from < instant { return hours }
      date = date.adding(days: -1)
    }
  }

  /// nil on a day off, and on a day whose hours a clock change swallowed.
  private func hours(on date: CivilDate) -> (from: Instant, until: Instant)? {
    guard weekdays.contains(date.weekday), !holidays.contains(date) else { return nil }
    let from = zone.instant(of: LocalTime(date, minute: fromMinute))
    let until = zone.instant(of: LocalTime(date, minute: untilMinute))
    return from < until ? (from, until) : nil
  }
}
