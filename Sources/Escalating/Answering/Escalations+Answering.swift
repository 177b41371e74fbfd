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
      let decision = try carryOut(page, at: now)
      guard case .incident(let incident) = decision.answer else {
        preconditionFailure("\(page.deed) was answered with \(decision.answer)")
      }
      facts = decision.facts
      reply = PageAnswerReply(words: incident.explanation)
    } catch {
      guard !error.status.isWorthRetrying else { throw error }
      reply = PageAnswerReply(words: error.message, refused: true)
    }
    let answered = PageAnswered(
      incidentId: page.incidentId, answer: page, refused: reply.refused, words: reply.words)
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

  mutating func apply(_ answered: PageAnswered, at instant: Instant) {
    guard let answer = answered.answer else { return }
    answers.remember(
      PageAnsweredKept(id: answer.id, refused: answered.refused, words: answered.words, answeredAt: instant))
  }

  var answersKept: [EscalationFact] {
    let all = answers.all
    return stride(from: 0, to: all.count, by: 1_000).map {
      EscalationFact(kind: .pageAnswers(PageAnswersKept(answers: Array(all[$0..<min($0 + 1_000, all.count)]))))
    }
  }
}
