import CivilTime
import Messages

/// When a review is due (requirement E11). The procedure asks for reviews and names no time; reading: within five business days
/// of the incident's end, so by the end of the team's hours on the fifth. Its owner hears of it when the next business day
/// begins, not at night, and again as the last one begins.
struct ReviewTimes: Hashable, Sendable {
  var announce: Instant
  var remind: Instant
  var due: Instant

  private static let businessDays = 5
  private static let saidAgainAfter = Span.days(3)
  private static let week = Span.days(7)
  /// 1970-01-05 00:00 UTC.
  private static let aMonday = Instant.unset + .days(4)

  /// - Parameter business: nil as long as the team's calendar isn't known: then a business day is a day.
  init(after end: Instant, _ business: BusinessTime?) {
    guard let business else {
      announce = end + .days(1)
      due = end + .days(Int64(Self.businessDays))
      remind = due - .hours(8)
      return
    }
    let last = business.hours(ofBusinessDay: Self.businessDays, after: end)
    announce = business.hours(ofBusinessDay: 1, after: end).from
    remind = last.from
    due = last.until
  }

  /// When it is said again that one is overdue: as a week begins, so that one word says it of all, and not at once.
  static func again(after instant: Instant, _ business: BusinessTime?) -> Instant {
    let weeks = (instant + saidAgainAfter - aMonday).milliseconds / week.milliseconds
    let monday = aMonday + week * (weeks + 1)
    return business?.opening(atOrAfter: monday) ?? monday
  }
}
