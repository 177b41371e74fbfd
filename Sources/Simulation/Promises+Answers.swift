import Messages
import Notifying

/// An answer by a page's own channel that waits for the escalator.
struct KeptAnswer {
  var id: String
  var person: String
  var incident: String
  var at: Instant
}

/// Answers by pages' own channels: who was told that theirs is kept is left in peace by the pages that they had.
extension Promises {
  func keptAnswer(_ id: String, of person: String, about incident: String, at now: Instant) {
    touched(incident)
    keptAnswers.append(KeptAnswer(id: id, person: person, incident: incident, at: now))
  }

  func checkKept(_ attempt: Attempt, at now: Instant) {
    keptAnswers.removeAll { isAnswerSettled($0.id) }
    for kept in keptAnswers
    where kept.person == attempt.person && kept.incident == attempt.incidentId
      && attempt.pagedAt < kept.at
    {
      report.judgements += 1
      guard areClocksSteady, kept.at + slack < now else { continue }
      violate(
        kept.incident,
        "\(attempt.key.id) begun at \(now.milliseconds), but \(kept.person) was told at \(kept.at.milliseconds) that their answer is kept"
      )
    }
  }
}
