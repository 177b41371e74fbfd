import CivilTime
import Messages

/// What an hour is to pay: part of normal duties, after hours, or on a weekend (requirement C2).
enum HourClass: Hashable, Sendable {
  case business, afterHours, weekend
}

/// The kinds of hours of one person: their zone, their team's working days and holidays, and the hours that aren't paid.
///
/// A day lies between two local midnights as they elapse, so a night in which clocks change is an hour longer or shorter and
/// is paid so.
struct HourClasses: Sendable {
  struct Stretch: Hashable, Sendable {
    var kind: HourClass
    var from: Instant
    var until: Instant
  }
  let zone: TimeZoneRules
  let fromMinute: Int
  let untilMinute: Int
  let weekdays: Set<UInt32>
  let holidays: Set<String>

  init(zone: TimeZoneRules, calendar: Calendar?, rates: PayRates?) {
    self.zone = zone
    let isGiven = (rates?.businessUntilMinute ?? 0) != 0
    fromMinute = isGiven ? Int(rates?.businessFromMinute ?? 0) : 540
    untilMinute = isGiven ? Int(rates?.businessUntilMinute ?? 0) : 1_020
    weekdays = Set(calendar.map(\.workWeekdays).flatMap { $0.isEmpty ? nil : $0 } ?? [1, 2, 3, 4, 5])
    holidays = Set(calendar?.holidays ?? [])
  }

  /// A day on which the team works.
  func isWorkingDay(_ date: CivilDate) -> Bool {
    weekdays.contains(date.weekday.rawValue) && !holidays.contains(date.description)
  }

  func midnight(_ date: CivilDate) -> Instant { zone.instant(of: LocalTime(date, minute: 0)) }

  /// When the hours of a day begin and end that aren't paid.
  func businessHours(_ date: CivilDate) -> (from: Instant, until: Instant) {
    (zone.instant(of: LocalTime(date, minute: fromMinute)), zone.instant(of: LocalTime(date, minute: untilMinute)))
  }

  /// The span in pieces of one class each, in order, without holes.
  func stretches(from: Instant, until: Instant) -> [Stretch] {
    var found: [Stretch] = []
    func add(_ kind: HourClass, _ begin: Instant, _ end: Instant) {
      let stretch = Stretch(kind: kind, from: max(begin, from), until: min(end, until))
      guard stretch.from < stretch.until else { return }
      if let last = found.indices.last, found[last].kind == kind, found[last].until == stretch.from {
        found[last].until = stretch.until
      } else {
        found.append(stretch)
      }
    }
    // A clock that goes back over midnight shows the day before once more.
    var date = zone.local(from).date.adding(days: -1)
    while midnight(date) < until {
      let next = date.adding(days: 1)
      if isWorkingDay(date) {
        let hours = businessHours(date)
        add(.afterHours, midnight(date), hours.from)
        add(.business, hours.from, hours.until)
        add(.afterHours, hours.until, midnight(next))
      } else {
        add(.weekend, midnight(date), midnight(next))
      }
      date = next
    }
    return found
  }
}
