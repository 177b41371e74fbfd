import CivilTime
import Messages

/// When the clocks of one incident are due: by elapsed time, or in the business time of its team when the severity says so.
/// In business time nothing is ever due while the team is off: what is due as a day's hours end is due when the next begin.
struct Timekeeping {
  let rule: SeverityRule
  /// What the same policy says of all severities: rules of a milder one may still run.
  let rules: [SeverityRule]
  /// nil: the severity's clocks run day and night.
  let business: BusinessTime?
  private let calendar: BusinessTime?

  init(rule: SeverityRule, among rules: [SeverityRule], business: BusinessTime?) {
    self.rule = rule
    self.rules = rules
    calendar = business
    self.business = rule.businessTime ? business : nil
  }

  /// By the rule that the same policy has for another severity.
  func by(_ rule: SeverityRule) -> Timekeeping { Timekeeping(rule: rule, among: rules, business: calendar) }

  func due(_ span: Span, after instant: Instant) -> Instant {
    open(at: business?.instant(span, after: instant) ?? instant + span)
  }

  /// When the tier after the first is paged: the maximum or the rotation's own limit, whichever is earlier (E2).
  func secondTierDue(after instant: Instant) -> Instant {
    if rule.maximumIsNextBusinessDay { return nextBusinessDay(after: instant) }
    let limits = [rule.acknowledgeMaximum, rule.secondaryAfter].filter { $0 > .zero }
    return due(limits.min() ?? .minutes(10), after: instant)
  }

  /// When the procedure's second column is missed; nil where there is none.
  func maximumDue(after instant: Instant) -> Instant? {
    if rule.maximumIsNextBusinessDay { return nextBusinessDay(after: instant) }
    return rule.acknowledgeMaximum > .zero ? due(rule.acknowledgeMaximum, after: instant) : nil
  }

  /// How long a further tier has, that is paged now.
  func tierDue(_ tier: UInt32, after instant: Instant) -> Instant {
    let own = rule.tiers.first { $0.tier == tier }?.acknowledge ?? .zero
    let spans = [own, rule.tierAcknowledge, rule.acknowledgeTarget]
    return due(spans.first { $0 > .zero } ?? rule.acknowledgeTarget, after: instant)
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
