import CivilTime
import Messages

/// What a SEV-1 earns whoever worked it (requirement C3): the larger of what its length and its weekend give.
///
/// Its length is the incident's, from when it became a SEV-1 until it was resolved or became less grave. It is a weekend's for
/// a person who worked on it, meanwhile, on a day on which their team doesn't work, in their zone.
struct CompGrant: Hashable, Sendable {
  var days: Int
  var because: String
  /// The Monday after the weekend: then the first day is taken by itself.
  var monday: CivilDate?

  /// nil while the SEV-1 goes on, and where it earns nothing.
  init?(_ work: Work, worked spans: TimeSpans, classes: HourClasses) {
    guard work.sev1FromAt.isSet, work.sev1UntilAt.isSet, !spans.isEmpty else { return nil }
    let length = work.sev1UntilAt - work.sev1FromAt
    let during = spans.clipped(from: work.sev1FromAt, until: work.sev1UntilAt)
    let weekend = during.all.flatMap { classes.stretches(from: $0.fromAt, until: $0.untilAt) }
      .last { $0.kind == .weekend }
    monday = weekend.map { classes.zone.local($0.until - .milliseconds(1)).date.adding(days: 1).first(.monday) }
    days = length > .hours(8) ? 2 : length > .hours(4) || monday != nil ? 1 : 0
    guard days > 0 else { return nil }
    let weekendWords = monday == nil ? "" : " with work on a weekend or holiday"
    because = "SEV-1 \(work.incidentId) took \(PayWords.time(length))\(weekendWords)"
  }
}

/// When a comp day does something by itself.
struct CompClock: Sendable {
  /// Comp days are used within this many days.
  static let days = 90
  /// So many days before it lapses the person is reminded.
  static let reminders = [30, 14, 3]

  let classes: HourClasses

  func date(_ instant: Instant) -> CivilDate { classes.zone.local(instant).date }

  /// 09:00 on the day of each reminder.
  func reminder(_ number: Int, of day: CompDay) -> Instant {
    guard let last = CivilDate(day.lapsesAfter) else { return .distantFuture }
    return classes.businessHours(last.adding(days: -Self.reminders[number])).from
  }

  func remindersDue(_ day: CompDay, at now: Instant) -> UInt32 {
    UInt32(Self.reminders.indices.count { reminder($0, of: day) <= now })
  }

  func lapse(_ day: CompDay) -> Instant {
    CivilDate(day.lapsesAfter).map { classes.midnight($0.adding(days: 1)) } ?? .distantFuture
  }

  /// When the day off begins: with the hours in which there is work.
  func begin(_ day: CompDay) -> Instant {
    CivilDate(day.date).map { classes.businessHours($0).from } ?? .distantFuture
  }

  func next(_ day: CompDay) -> Instant? {
    switch day.state {
    case .earned:
      Int(day.reminders) < Self.reminders.count ? min(reminder(Int(day.reminders), of: day), lapse(day)) : lapse(day)
    case .requested, .planned: day.reminders == 0 ? begin(day) - .days(1) : begin(day)
    case .taken, .lapsed, .withdrawn, .unspecified: nil
    }
  }
}
