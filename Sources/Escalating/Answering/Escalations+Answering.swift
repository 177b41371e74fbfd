import Machinery
import Messages

/// Answers to pages by the pages' own channels (requirement N4): what a person's call would have done, with the same refusals. The
/// notifier has made sure whose answer it is.
extension Escalations {
  func answer(_ page: PageAnswer, at now: Instant) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    guard !page.id.isEmpty else { throw .invalid("id", "must not be empty") }
    guard !page.person.isEmpty else { throw .invalid("person", "must say who answers") }
    guard !page.incidentId.isEmpty else { throw .invalid("incident_id", "must say which incident") }
    guard page.deed != .unspecified else { throw .invalid("deed", "must be ACKNOWLEDGE, ESCALATE or RESOLVE") }
    if let reply = answers.reply(to: page.id) { return Decision([], answer: .answered(reply)) }
    var facts: [EscalationFact] = []
    var reply: PageAnswerReply
    do throws(Refusal) {
      try checkOpening(page, at: now)
      let decision = try carryOut(page, at: now)
      guard case .incident(let incident) = decision.answer else {
        preconditionFailure("\(page.deed) was answered with \(decision.answer)")
      }
      facts = decision.facts
      reply = PageAnswerReply(words: incident.explanation)
    } catch {
      guard !error.status.isWorthRetrying else { throw error }
      reply = PageAnswerReply(words: error.message, refused: true, status: error.status.rawValue)
    }
    let answered = PageAnswered(
      incidentId: page.incidentId, answer: page, refused: reply.refused, words: reply.words, status: reply.status)
    return Decision(facts + [EscalationFact(kind: .pageAnswered(answered))], answer: .answered(reply))
  }

  private func carryOut(
    _ page: PageAnswer, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    switch page.deed {
    case .acknowledge:
      try acknowledge(
        AcknowledgeRequest(incidentId: page.incidentId, by: page.person, via: page.channel), at: now)
    case .escalate:
      try escalate(
        EscalateRequest(
          incidentId: page.incidentId, by: page.person, reason: "asked for by \(page.channel), without further words"),
        at: now)
    case .resolve:
      try resolve(
        ResolveRequest(incidentId: page.incidentId, by: page.person, note: "by \(page.channel)"), at: now)
    case .unspecified: throw .invalid("deed", "must be ACKNOWLEDGE, ESCALATE or RESOLVE")
    }
  }

  /// An answer counts for the opening that its page was about. Whoever finds an old link, or whose answer was held up, has said
  /// nothing of an incident that was opened again since: they are told so, and its pages go on.
  private func checkOpening(_ page: PageAnswer, at now: Instant) throws(Refusal) {
    let whole = members.whole(of: page.incidentId)
    if whole != page.incidentId, let part = incidents[page.incidentId], part.record.reopenedAt.isSet,
      (HeldPage.number(in: page.pageId) ?? 0) <= part.record.pagesBefore
    {
      throw Refusal(
        .failedPrecondition,
        "the page is from before \(page.incidentId), now part of \(whole), was opened again: answer a page of \(whole), or use "
          + "tocsinctl", field: "page_id")
    }
    guard let incident = incidents[whole], incident.record.reopenedAt.isSet else { return }
    let isOlder: Bool =
      if whole == page.incidentId {
        (HeldPage.number(in: page.pageId) ?? 0) <= incident.record.pagesBefore
      } else if let part = incidents[page.incidentId] {
        // It paged for itself until it became a part.
        part.resolvedAt < incident.record.reopenedAt
      } else {
        true
      }
    guard isOlder else { return }
    throw Refusal(
      .failedPrecondition,
      "the page is from before \(whole) was opened again at \(TimeText.clock(incident.record.reopenedAt, seenAt: now)): "
        + "answer the newest page of it, or use tocsinctl", field: "page_id")
  }

  mutating func apply(_ answered: PageAnswered, at instant: Instant) {
    guard let answer = answered.answer else { return }
    answers.remember(
      PageAnsweredKept(
        id: answer.id, refused: answered.refused, words: answered.words, answeredAt: instant, status: answered.status))
  }

  var answersKept: [EscalationFact] {
    let all = answers.all
    return stride(from: 0, to: all.count, by: 1_000).map {
      EscalationFact(kind: .pageAnswers(PageAnswersKept(answers: Array(all[$0..<min($0 + 1_000, all.count)]))))
    }
  }
}
