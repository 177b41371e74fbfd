import Messages

/// What operators may ask of reviews that aren't history yet.
extension Escalations {
  /// About how many bytes of reviews one answer holds.
  private static let answerBytes = 256 * 1_024

  /// Whose review is meant by an id: the incident's that an alert is part of.
  public func reviewed(_ id: String) -> String { members.whole(of: id) }

  public func review(_ id: String) -> Review? { reviews[reviewed(id)]?.review }

  /// Why there is no review of an id, which history doesn't know either.
  ///
  /// - Parameter incident: what history knows of the incident.
  public func refusal(ofReview id: String, _ incident: Incident?) -> Refusal {
    if let incident, !incident.mergedInto.isEmpty, incidents[id] == nil {
      return Refusal(
        .failedPrecondition, "\(id) became part of \(incident.mergedInto): it has one review with that",
        field: "incident_id")
    }
    guard incidents[reviewed(id)] == nil, let incident else { return noReview(of: reviewed(id)) }
    return .notFound("incident \(incident.id), a \(incident.severity.words), has no review", field: "incident_id")
  }

  /// In the order in which they opened, without their evidence.
  public func list(_ request: ReviewsRequest, now: Instant) throws(Refusal) -> ReviewList {
    guard request.limit <= 1_000 else { throw .invalid("limit", "at most 1000") }
    let limit = request.limit == 0 ? 100 : Int(request.limit)
    var list = ReviewList()
    var seen = 0
    var bytes = 0
    reviews.forEach(after: request.after) { held in
      seen += 1
      if matches(held, request, at: now) {
        var review = held.review
        (review.alerts, review.changes) = ([], [])
        bytes += review.findings.reduce(500) { $0 + 100 + $1.text.utf8.count }
        bytes += review.actions.reduce(0) { $0 + 200 + $1.text.utf8.count }
        list.reviews.append(review)
      }
      let isFull = list.reviews.count == limit || seen == Self.looksAt || bytes > Self.answerBytes
      if isFull { list.after = held.id }
      return !isFull
    }
    return list
  }

  private func matches(_ held: HeldReview, _ request: ReviewsRequest, at now: Instant) -> Bool {
    (request.includeClosed || request.overdue || !held.isClosed)
      && (request.team.isEmpty || held.review.team == request.team)
      && (request.owner.isEmpty || held.review.owner == request.owner && !held.isClosed
        || held.openActions.contains { $0.owner == request.owner })
      && (!request.overdue || held.isOverdue(at: now))
  }
}
