import Machinery
import Messages

/// The reviews that aren't history yet, in the order in which they opened, and when each next does something by itself.
struct HeldReviews: Sendable {
  private var held = OrderedStore<HeldReview>()
  private var due = DueTimes()
  /// By what they are about, as changes are.
  private var incidents: [RecentChanges.Subject: Set<String>] = [:]

  subscript(incident: String) -> HeldReview? { held[incident] }

  var next: (due: Instant, incident: String)? { due.next.map { ($0.due, $0.key) } }

  var all: [ReviewSnapshot] {
    var snapshots: [ReviewSnapshot] = []
    held.forEach { _, review in
      snapshots.append(review.snapshot)
      return true
    }
    return snapshots
  }

  func forEach(after incident: String, _ take: (HeldReview) -> Bool) {
    held.forEach(after: incident) { _, review in take(review) }
  }

  /// Whose reviews a change may matter to, in order.
  func near(_ change: Change) -> [String] {
    let subjects = [RecentChanges.Subject.service(change.service), .team(change.team)]
    return subjects.flatMap { incidents[$0] ?? [] }.sorted()
  }

  mutating func put(_ review: HeldReview) {
    held[review.id] = review
    incidents[review.subject, default: []].insert(review.id)
    due.set(review.id, to: review.nextClock?.dueAt)
  }

  mutating func change(_ incident: String, _ edit: (inout HeldReview) -> Void) {
    guard var review = held.take(incident) else { return }
    leave(review)
    edit(&review)
    put(review)
  }

  mutating func remove(_ incident: String) -> HeldReview? {
    let review = held[incident]
    if let review { leave(review) }
    held.remove(incident)
    due.set(incident, to: nil)
    return review
  }

  private mutating func leave(_ review: HeldReview) {
    incidents[review.subject]?.remove(review.id)
    if incidents[review.subject]?.isEmpty == true { incidents[review.subject] = nil }
  }

  mutating func updateAll(_ change: (inout HeldReview) -> Void) { held.updateAll { _, review in change(&review) } }

  /// By its whole id.
  func post(_ id: String) -> (post: ReviewPost, team: String)? {
    guard let review = held[Escalations.incidentID(ofDebt: id)] else { return nil }
    return review.posts.first { $0.postId == id }.map { ($0, review.review.team) }
  }
}
