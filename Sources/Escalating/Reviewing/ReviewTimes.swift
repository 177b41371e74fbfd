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
  private static let saidAgainAfter = Span.days(7)

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

  /// When it is said again that one is overdue.
  static func again(after instant: Instant, _ business: BusinessTime?) -> Instant {
    let later = instant + saidAgainAfter
    return business?.opening(atOrAfter: later) ?? later
  }
}
