import CivilTime
import Messages

/// When the clocks of one incident are due: by elapsed time, or in the business time of its team when the severity says so.
struct Timekeeping {
  let rule: SeverityRule
  /// nil: the severity's clocks run day and night.
  let business: BusinessTime?

  init(rule: SeverityRule, calendar: Calendar?, zones: TimeZones) {
    self.rule = rule
    business = rule.businessTime ? calendar.flatMap { try? BusinessTime($0, zones: zones) } : nil
  }

  func due(_ span: Span, after instant: Instant) -> Instant {
    business?.instant(span, after: instant) ?? instant + span
  }

  /// When the tier after the first is paged: the maximum or the rotation's own limit, whichever is earlier (E2).
  func secondTierDue(after instant: Instant) -> Instant {
    if rule.maximumIsNextBusinessDay, let business { return business.endOfNextBusinessDay(after: instant) }
    let limits = [rule.acknowledgeMaximum, rule.secondaryAfter].filter { $0 > .zero }
    return due(limits.min() ?? .minutes(10), after: instant)
  }

  /// How long a further tier has.
  func tierDue(after instant: Instant) -> Instant {
    due(rule.tierAcknowledge > .zero ? rule.tierAcknowledge : rule.acknowledgeTarget, after: instant)
  }

  /// At least a minute later, whatever the policy says: a chain that restarts at once would never end.
  func restartDue(after instant: Instant) -> Instant {
    let due: Instant
    if rule.restartNextBusinessDay, let business {
      due = open(at: business.endOfNextBusinessDay(after: instant))
    } else {
      due = self.due(rule.restartAfter, after: instant)
    }
    return max(due, instant + .minutes(1))
  }

  /// When somebody may be paged: at once, or when the team's next working hours begin.
  func open(at instant: Instant) -> Instant { business?.opening(atOrAfter: instant) ?? instant }
}
