import Escalating
import Machinery
import Messages
import Wire

/// The escalator's methods of reviews.
extension Tier where Rules == Escalations {
  static func reviewCommands() -> [String: Command<Rules>] {
    let review: @Sendable (EscalationAnswer) -> ReviewReply? = {
      if case .review(let reply) = $0 { reply } else { nil }
    }
    // Where the disk is nearly full, its room is for what people answer and for what closes; intake asks again.
    let always: @Sendable (EscalationInput) -> Bool = { _ in true }
    return table(
      command(ReviewsMethods.putChange, canWait: always, { reported, _ in .change(reported) }) {
        if case .done(let done) = $0 { done } else { nil }
      },
      command(ReviewsMethods.attend, needsKey: true, { request, _ in .review(.attend(request)) }, answer: review),
      command(
        ReviewsMethods.find, needsKey: true, canWait: always, { request, _ in .review(.find(request)) }, answer: review),
      command(
        ReviewsMethods.act, needsKey: true, canWait: always, { request, _ in .review(.act(request)) }, answer: review),
      command(ReviewsMethods.tick, needsKey: true, { request, _ in .review(.tick(request)) }, answer: review),
      command(ReviewsMethods.reassign, needsKey: true, { request, _ in .review(.reassign(request)) }, answer: review),
      command(ReviewsMethods.close, needsKey: true, { request, _ in .review(.close(request)) }, answer: review))
  }

  static func reviewPastQueries() -> [String: PastQuery<Rules>] {
    let things: @Sendable (String) -> [String] = { [reviewID($0)] }
    return table(
      pastQuery(ReviewsMethods.get, subject: { $0.reviewed($1.incidentId) }, things: things) {
        rules, request, past throws(Refusal) in
        ReviewReply(review: try foundReview(request.incidentId, rules, past))
      },
      pastQuery(ReviewsMethods.document, subject: { $0.reviewed($1.incidentId) }, things: things) {
        rules, request, past throws(Refusal) in
        let review = try foundReview(request.incidentId, rules, past)
        let document = ReviewDocument(
          review: review,
          timeline: TimelineDocument(
            of: try found(review.incidentId, rules, past), lines: past.lines.map { TimelineLine($0) }))
        return ReviewDocumentReply(document: document, markdown: Array(document.markdown.utf8))
      })
  }

  /// Under which name history keeps the last state of a review: no incident's id has a colon.
  static func reviewID(_ incident: String) -> String { "review:\(incident)" }

  private static func foundReview(_ id: String, _ rules: Rules, _ past: Past) throws(Refusal) -> Review {
    guard !id.isEmpty else { throw .invalid("incident_id", "say which incident's review you mean") }
    if let review = rules.review(id) { return review }
    if let body = past.things[reviewID(rules.reviewed(id))], let review = try? Review(decodingTrusted: body) {
      return review
    }
    throw rules.refusal(ofReview: id, past.remembered.flatMap { try? Incident(decodingTrusted: $0) })
  }
}
