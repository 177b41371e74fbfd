import Machinery
import Messages

/// What reviews do by themselves: they begin when an incident ends, and remind whom they wait for.
extension Draft {
  /// It falls to whoever commanded the incident, or had it; else to the team's lead. What was over before anybody was paged
  /// gets none, nor does a lost tier that came back before anybody acknowledged: a meeting would have nothing to talk about,
  /// and after an outage of the escalator there may be hundreds of them.
  mutating func openReview() {
    guard incident.isGrave, !incident.isOwnLossThatNobodyTook || hasParts else { return }
    if case .opened = facts.first?.kind { return }
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
  /// In one decision.
  private static let toldAtMost = 500
  private static let namedAtMost = 10

  /// Of the most overdue review the gravest is said, and what came before it isn't; and the same of all others of which it is
  /// due: after an outage of many services each person gets one word, however many reviews there are. Then come actions.
  func lapseReview(at now: Instant) -> [EscalationFact] {
    guard let next = reviews.next, next.due <= now, let held = reviews[next.incident] else { return [] }
    let facts = held.notice(dueAt: now).map { tell($0, at: now) } ?? tellOfActions(in: held, at: now)
    return facts.map { EscalationFact(kind: .reviewTold($0)) }
  }

  private func tell(_ notice: ReviewNotice, at now: Instant) -> [ReviewTold] {
    let due = reviews.due(at: now, atMost: Self.toldAtMost) { $0.notice(dueAt: now) == notice }.map(\.review)
    let hearers = due.map { people(hearing: notice, of: $0) }
    var about: [String: [Int]] = [:]
    for index in due.indices { for person in hearers[index] { about[person, default: []].append(index) } }
    var facts: [ReviewTold] = []
    var told: Set<String> = []
    var carriers: [Int: String] = [:]
    for person in hearers.joined() {
      guard !told.contains(person), let indices = about[person] else { continue }
      let reviews = indices.map { due[$0] }
      let people = hearers[indices[0]].filter { about[$0] == indices }
      told.formUnion(people)
      facts.append(fact(notice, of: reviews[0], to: people, words(notice, of: reviews), at: now))
      for index in indices where carriers[index] == nil { carriers[index] = reviews[0].incidentId }
    }
    let carrying = Set(facts.map(\.incidentId))
    for (index, review) in due.enumerated() where !carrying.contains(review.incidentId) {
      if let carrier = carriers[index] {
        facts.append(fact(notice, of: review, with: carrier, at: now))
      } else {
        facts.append(fact(notice, of: review, words(notice, of: [review]), at: now))
      }
    }
    return facts
  }

  private func people(hearing notice: ReviewNotice, of review: Review) -> [String] {
    let lead = timelines.lead(of: review.team) ?? ""
    let owner = review.owner.isEmpty ? lead : review.owner
    return (notice == .overdue ? [owner, lead] : [owner]).filter { !$0.isEmpty }.distinct
  }

  private func fact(
    _ notice: ReviewNotice, of review: Review, to people: [String] = [], _ text: String = "", with carrier: String = "",
    at now: Instant
  ) -> ReviewTold {
    ReviewTold(
      incidentId: review.incidentId, notice: notice, people: people, text: text,
      againAt: notice == .overdue ? ReviewTimes.again(after: now, timelines.business(of: review.team)) : .unset,
      toldWith: carrier)
  }

  private func words(_ notice: ReviewNotice, of reviews: [Review]) -> String {
    guard reviews.count > 1 else { return words(notice, of: reviews[0]) }
    let more = reviews.count - Self.namedAtMost
    let named = reviews.prefix(Self.namedAtMost).map(\.incidentId).joined(separator: ", ")
    let list = named + (more > 0 ? " and \(more) more" : "")
    return switch notice {
    case .dueToday: "\(reviews.count) reviews are due today: \(list) (tocsinctl review list)"
    case .overdue: "\(reviews.count) reviews are overdue: \(list) (tocsinctl review list --overdue)"
    default: "\(reviews.count) reviews are yours: \(list) (tocsinctl review list)"
    }
  }

  private func words(_ notice: ReviewNotice, of review: Review) -> String {
    let due = Self.moment(review.dueAt)
    let what =
      switch notice {
      case .dueToday: "is due today, \(TimeText.clock(review.dueAt))"
      case .overdue: "was due \(due) and is \(review.state == .held ? "held, not closed" : "not held")"
      default: "is yours, due \(due)"
      }
    return "\(Self.title(of: review)) \(what) (tocsinctl review show \(review.incidentId))"
  }

  private func tellOfActions(in held: HeldReview, at now: Instant) -> [ReviewTold] {
    let due = Set(held.clocks.filter { $0.dueAt <= now && $0.notice == .actionDue }.map(\.action))
    let actions = held.review.actions.filter { due.contains($0.number) }
    return actions.map(\.owner).distinct.map { owner in
      word(of: actions.filter { $0.owner == owner }, for: owner, in: held.review)
    }
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
