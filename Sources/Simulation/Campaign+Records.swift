import Escalating
import Messages
import Scheduling

extension World {
  /// In the end the scheduler calls no incident active, and knows of each who acknowledged one that they worked on it (H2, C2).
  func judgeRecords() {
    guard let scheduler = scheduler.rules else { return }
    let request = HandoffRequest(team: "platform", at: agenda.now)
    let document = try? scheduler.handoffDocument(request, now: agenda.now).document
    if document == nil { report.violate("there is no handoff document") }
    for issue in document?.activeIssues ?? [] where !promises.isExcused(issue.incidentId) {
      report.violate("the handoff document calls \(issue.incidentId) active though it was resolved")
    }
    let listed = (try? scheduler.listWork(ListWorkRequest()).items) ?? []
    let known = Set(listed.compactMap(\.key))
    for key in workDone() where !known.contains(key) && !promises.isExcused(key.incidentId) {
      report.violate("the scheduler knows nothing of \(key.person)'s work on \(key.incidentId)")
    }
    report.judgements += 1
  }

  private func workDone() -> Set<WorkKey> {
    var done: Set<WorkKey> = []
    escalator.forEachFact { _, fact in
      guard case .acknowledged(let answer) = fact.kind, !answer.bySource else { return }
      done.insert(WorkKey(incidentId: answer.incidentId, person: answer.by))
    }
    return done
  }
}
