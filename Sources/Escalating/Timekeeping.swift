import CivilTime
import Messages

/// When the clocks of one incident are due: by elapsed time, or in the business time of its team when the severity says so.
/// In business time nothing is ever due while the team is off: what is due as a day's hours end is due when the next begin.
struct Timekeeping {
  let rule: SeverityRule
  /// nil: the severity's clocks run day and night.
  let business: BusinessTime?

  init(rule: SeverityRule, business: BusinessTime?) {
    self.rule = rule
    self.business = rule.businessTime ? business : nil
  }

  func due(_ span: Span, after instant: Instant) -> Instant {
    open(at: business?.instant(span, after: instant) ?? instant + span)
  }

  /// When the tier after the first is paged: the maximum or the rotation's own limit, whichever is earlier (E2).
  func secondTierDue(after instant: Instant) -> Instant {
    if rule.maximumIsNextBusinessDay { return nextBusinessDay(after: instant) }
    let limits = [rule.acknowledgeMaximum, rule.secondaryAfter].filter { $0 > .zero }
    return due(limits.min() ?? .minutes(10), after: instant)
  }

  /// How long a further tier has.
  func tierDue(after instant: Instant) -> Instant {
    due(rule.tierAcknowledge > .zero ? rule.tierAcknowledge : rule.acknowledgeTarget, after: instant)
  }

  /// At least a minute later, whatever the policy says: a chain that restarts at once would never end.
  func restartDue(after instant: Instant) -> Instant {
    let due =
      rule.restartNextBusinessDay ? nextBusinessDay(after: instant) : self.due(rule.restartAfter, after: instant)
    return max(due, instant + .minutes(1))
  }

  /// When a duty is reminded of; nil when its policy wants no reminder or the duty begins too late for one.
  func reminder(before due: Instant, after start: Instant) -> Instant? {
    guard rule.remindBefore > .zero else { return nil }
    let reminder = business?.instant(rule.remindBefore, before: due) ?? due - rule.remindBefore
    return reminder > start ? reminder : nil
  }

  /// When somebody may be paged: at once, or when the team's next working hours begin.
  func open(at instant: Instant) -> Instant { business?.opening(atOrAfter: instant) ?? instant }

  /// Until a team's calendar is known, a business day is a day.
  private func nextBusinessDay(after instant: Instant) -> Instant {
    business.map { open(at: $0.endOfNextBusinessDay(after: instant)) } ?? instant + .days(1)
  }
}
