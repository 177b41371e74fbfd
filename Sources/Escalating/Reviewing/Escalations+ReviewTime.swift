import Machinery
import Messages

/// What reviews do by themselves: they begin when an incident ends, and remind whom they wait for.
extension Draft {
  /// It falls to whoever commanded the incident, or had it; else to the team's lead.
  mutating func openReview() {
    guard incident.isReviewed else { return }
    let team = incident.opened.team
    let owner =
      [incident.commander, incident.owner].first { timelines.knows($0) } ?? timelines.lead(of: team) ?? ""
    let times = ReviewTimes(after: now, timelines.business(of: team))
    add(
      .reviewOpened(
        ReviewOpened(
          incidentId: incident.id, severity: incident.gravest, summary: incident.opened.summary,
          service: incident.opened.service, team: team, owner: owner, beganAt: incident.opened.openedAt,
          announceAt: times.announce, remindAt: times.remind, dueAt: times.due)))
  }
}

extension Escalations {
  /// All due clocks of the most overdue review: after an outage the gravest is said, and what came before it isn't.
  func lapseReview(at now: Instant) -> [EscalationFact] {
    guard let next = reviews.next, next.due <= now, let held = reviews[next.incident] else { return [] }
    let over = held.clocks.filter { $0.dueAt <= now }
    var facts: [ReviewTold] = []
    if let notice = over.map(\.notice).filter({ $0 != .actionDue }).max(by: { $0.rawValue < $1.rawValue }) {
      facts.append(word(notice, of: held.review, at: now))
    }
    let due = Set(over.filter { $0.notice == .actionDue }.map(\.action))
    let actions = held.review.actions.filter { due.contains($0.number) }
    for owner in actions.map(\.owner).distinct {
      facts.append(word(of: actions.filter { $0.owner == owner }, for: owner, in: held.review))
    }
    return facts.map { EscalationFact(kind: .reviewTold($0)) }
  }

  private func word(_ notice: ReviewNotice, of review: Review, at now: Instant) -> ReviewTold {
    let lead = timelines.lead(of: review.team) ?? ""
    let owner = review.owner.isEmpty ? lead : review.owner
    let due = Self.moment(review.dueAt)
    let what: String
    switch notice {
    case .dueToday: what = "is due today, \(TimeText.clock(review.dueAt))"
    case .overdue: what = "was due \(due) and is \(review.state == .held ? "held, not closed" : "not held")"
    default: what = "is yours, due \(due)"
    }
    return ReviewTold(
      incidentId: review.incidentId, notice: notice,
      people: (notice == .overdue ? [owner, lead] : [owner]).filter { !$0.isEmpty }.distinct,
      text: "\(Self.title(of: review)) \(what) (tocsinctl review show \(review.incidentId))",
      againAt: notice == .overdue ? ReviewTimes.again(after: now, timelines.business(of: review.team)) : .unset)
  }

  private func word(of actions: [ReviewAction], for owner: String, in review: Review) -> ReviewTold {
    let list = actions.map { "\($0.number). \($0.text)" }.joined(separator: "; ")
    return ReviewTold(
      incidentId: review.incidentId, notice: .actionDue, actions: actions.map(\.number), people: [owner],
      text: "\(Self.title(of: review)): due now: \(list) (tocsinctl review done \(review.incidentId) NUMBER)")
  }

  private static func title(of review: Review) -> String {
    let service = review.service.isEmpty ? "" : "\(review.service): "
    return "Review of \(review.incidentId) (\(review.severity.words) \(service)\(review.summary))"
  }
}
