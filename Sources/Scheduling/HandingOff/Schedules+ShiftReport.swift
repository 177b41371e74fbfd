import CivilTime
import Messages

/// What a shift was like for the person (requirement H2): pages by their hours, nights with a page, time worked.
extension Schedules {
  /// A page from this hour on, or before the other, breaks sleep.
  private static let nightFrom = 22
  private static let nightUntil = 7

  public func shiftReport(_ request: HandoffRequest, now: Instant) throws(Refusal) -> ShiftReport {
    report(of: try handoff(request.team, at: request.at, now: now), now: now)
  }

  func report(of handoff: HandoffTurn, now: Instant) -> ShiftReport {
    let until = min(handoff.at, now)
    var report = ShiftReport(
      team: handoff.team.id, person: handoff.outgoing, fromAt: handoff.from, untilAt: handoff.at,
      feedback: handoffs.kept(handoff.team.id, at: handoff.at).feedback)
    guard !handoff.outgoing.isEmpty, handoff.from < until else { return report }
    let classes = hourClasses(of: handoff.outgoing, team: handoff.team.id, at: handoff.from)
    var nights = Set<CivilDate>()
    let pages = handoffs.incidents.values.flatMap(\.pages).filter {
      $0.person == handoff.outgoing && handoff.from <= $0.at && $0.at < until
    }
    for page in pages {
      switch classes.stretches(from: page.at, until: page.at + .milliseconds(1)).first?.kind {
      case .business: report.pagesBusiness += 1
      case .weekend: report.pagesWeekend += 1
      case .afterHours, nil: report.pagesAfterHours += 1
      }
      let local = classes.zone.local(page.at)
      if local.hour >= Self.nightFrom { nights.insert(local.date) }
      if local.hour < Self.nightUntil { nights.insert(local.date.adding(days: -1)) }
    }
    report.nightsBroken = nights.sorted().map(\.description)
    let work = (pay.works[handoff.outgoing] ?? [:]).values.reduce(TimeSpans()) { $0.union($1.spans) }
    report.worked = work.clipped(from: handoff.from, until: until).total
    return report
  }
}
