import CivilTime
import Messages

/// Somebody's quiet hours as a kind of time (requirement N1): until when a page that can wait does.
///
/// What lies between two local times is measured as clocks there show it: on the night of a clock change it is an hour longer or
/// shorter, and ends at seven all the same.
struct QuietTime: Hashable, Sendable {
  fileprivate struct Hours: Hashable, Sendable {
    var from: Int
    var until: Int
    /// Of the day on which they begin.
    var weekdays: Set<Weekday>
    var zone: TimeZoneRules
  }
  /// Hours that begin before others have ended join them, but no page waits for longer than this.
  static let longest = Span.hours(24)
  private let hours: [Hours]

  /// What has no zone here was refused when it was set; after a change of the tz database it counts as UTC.
  init(_ quiet: [QuietHours], zones: TimeZones) {
    hours = quiet.map {
      Hours(
        from: Int($0.fromMinute), until: Int($0.untilMinute),
        weekdays: Set($0.weekdays.isEmpty ? Weekday.allCases : $0.weekdays.compactMap { Weekday(rawValue: $0) }),
        zone: zones[$0.timeZone] ?? .utc)
    }
  }

  /// When a rung of a ladder is due that would be at `wished`: the rungs keep their distances behind what is held.
  ///
  /// - Parameter held: by how much the rung before was held; then this one.
  func due(_ wished: Instant, _ held: inout Span) -> Instant {
    let due = min(end(atOrAfter: wished + held), wished + Self.longest)
    held = due - wished
    return due
  }

  /// This instant, or the end of the quiet hours that it lies in.
  func end(atOrAfter instant: Instant) -> Instant {
    var at = instant
    while let end = hours.compactMap({ $0.end(around: at) }).max() {
      at = end
      if at - instant >= Self.longest { return instant + Self.longest }
    }
    return at
  }
}

extension QuietTime.Hours {
  /// When they are over; nil when an instant lies outside of them. Those of yesterday may reach into today.
  fileprivate func end(around instant: Instant) -> Instant? {
    let today = zone.local(instant).date
    return [today, today.adding(days: -1)].compactMap { date -> Instant? in
      guard weekdays.contains(date.weekday) else { return nil }
      let begin = zone.instant(of: LocalTime(date, minute: from))
      let end = zone.instant(of: LocalTime(date, minute: until > from ? until : until + 1_440))
      return begin <= instant && instant < end ? end : nil
    }.max()
  }
}

extension Severity {
  /// Mild enough for its pages to wait for the morning. (Pages about shifts that nobody holds are SEV-2.)
  var mayWait: Bool { self == .sev3 || self == .sev4 }
}
