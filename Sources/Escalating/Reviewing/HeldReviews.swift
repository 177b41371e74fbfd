import Machinery
import Messages

/// The reviews that aren't history yet, in the order in which they opened, and when each next does something by itself.
struct HeldReviews: Sendable {
  private var held = OrderedStore<HeldReview>()
  private var due = DueTimes()
  /// By what they are about, as changes are. Those that ended long ago leave when a change looks for them.
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

  /// Whose reviews a change belongs to, in order.
  mutating func near(_ change: Change) -> [String] {
    var found: Set<String> = []
    for subject in [RecentChanges.Subject.service(change.service), .team(change.team)] {
      var past: Set<String> = []
      for id in incidents[subject] ?? [] {
        guard let review = held[id], !review.isTooOld(for: change) else {
          past.insert(id)
          continue
        }
        if review.isNear(change) { found.insert(id) }
      }
      if !past.isEmpty { leave(subject, past) }
    }
    return found.sorted()
  }

  /// Those of the due that match, the most overdue first.
  func due(at now: Instant, atMost most: Int, where matches: (HeldReview) -> Bool) -> [HeldReview] {
    var left = due
    var found: [HeldReview] = []
    while found.count < most, let next = left.next, next.due <= now {
      left.set(next.key, to: nil)
      if let review = held[next.key], matches(review) { found.append(review) }
    }
    return found
  }

  mutating func put(_ review: HeldReview) {
    held[review.id] = review
    for subject in review.subjects { incidents[subject, default: []].insert(review.id) }
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
    for subject in review.subjects { leave(subject, [review.id]) }
  }

  private mutating func leave(_ subject: RecentChanges.Subject, _ ids: Set<String>) {
    incidents[subject]?.subtract(ids)
    if incidents[subject]?.isEmpty == true { incidents[subject] = nil }
  }

  mutating func updateAll(_ change: (inout HeldReview) -> Void) { held.updateAll { _, review in change(&review) } }

  /// By its whole id.
  func post(_ id: String) -> (post: ReviewPost, team: String)? {
    guard let review = held[Escalations.incidentID(ofDebt: id)] else { return nil }
    return review.posts.first { $0.postId == id }.map { ($0, review.review.team) }
  }
}
