import Machinery
import Messages

/// How facts change reviews, and what is owed because of them.
extension Escalations {
  static let alertsAtMost = 100
  static let changesAtMost = 50
  private static let summaryBytes = 160

  mutating func open(_ fact: ReviewOpened, at instant: Instant) {
    let id = fact.incidentId
    var held = reviews.remove(id) ?? HeldReview(id, posts: numbersSkipped)
    held.remember(.reviewOpened(fact), at: instant)
    // Who was part of it is known as long as it is here.
    let parts = members.alerts(of: id).map { alert in
      ReviewAlert(
        id: alert, severity: members[alert]?.severity ?? .unspecified,
        summary: IncidentRecord.cut(incidents[alert]?.opened.summary ?? "", to: Self.summaryBytes))
    }
    let own = ReviewAlert(
      id: id, severity: incidents[id]?.sourceSeverity ?? fact.severity,
      summary: IncidentRecord.cut(fact.summary, to: Self.summaryBytes))
    held.review.alerts = [own] + parts.prefix(Self.alertsAtMost - 1)
    held.review.moreAlerts = UInt64(1 + parts.count - held.review.alerts.count)
    held.take(incidents[id]?.record.services ?? [])
    held.keep(changes.newest(Self.changesAtMost) { held.isNear($0) })
    reviews.put(held)
  }

  /// What was changed shows in the reviews that it may matter to, though it comes to be known after the incident's end.
  mutating func remember(_ change: Change) {
    guard changes.keep(change) else { return }
    for id in reviews.near(change) { reviews.change(id) { $0.keep([change]) } }
  }

  mutating func change(review id: String, _ kind: EscalationFact.Kind, at instant: Instant) {
    reviews.change(id) { $0.remember(kind, at: instant) }
    guard case .reviewTold = kind else { return }
    owePosts(ofReview: id)
  }

  mutating func restore(_ snapshot: ReviewSnapshot) {
    guard let held = HeldReview(snapshot) else { return }
    reviews.put(held)
    owePosts(ofReview: held.id)
  }

  /// A review belongs to the whole of which its incident is part now.
  mutating func mergeReview(_ part: String, into whole: String, at instant: Instant) {
    guard var moved = reviews.remove(part) else { return }
    for post in moved.posts { debtsToNotifier.settle(post.postId) }
    moved.posts = []
    guard reviews[whole] != nil else {
      var held = HeldReview(whole, posts: numbersSkipped)
      held.take(moved, at: instant)
      held.review.severity = moved.review.severity
      held.review.summary = incidents[whole]?.opened.summary ?? moved.review.summary
      held.review.service = moved.review.service
      held.review.team = moved.review.team
      held.review.beganAt = moved.review.beganAt
      return reviews.put(held)
    }
    reviews.change(whole) { $0.take(moved, at: instant) }
  }

  mutating func reviewLeft(_ id: String) {
    for post in reviews.remove(id)?.posts ?? [] { debtsToNotifier.settle(post.postId) }
  }

  /// - Returns: whether it was one of a review's.
  mutating func settleReviewPost(_ id: String) -> Bool {
    guard reviews.post(id) != nil else { return false }
    reviews.change(Self.incidentID(ofDebt: id)) { review in review.posts.removeAll { $0.postId == id } }
    debtsToNotifier.settle(id)
    return true
  }

  private mutating func owePosts(ofReview id: String) {
    for post in reviews[id]?.posts ?? [] {
      debtsToNotifier.owe(DebtKey(id: post.postId, generation: 1), urgency: Self.postUrgency, since: post.postedAt)
    }
  }
}
