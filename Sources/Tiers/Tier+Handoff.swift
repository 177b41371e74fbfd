import Machinery
import Messages
import Scheduling
import Wire

/// The scheduler's methods of handoffs.
extension Tier where Rules == Schedules {
  static func handoffCommands() -> [String: Command<Rules>] {
    table(
      command(HandoffMethods.putIncident) { incident, _ in
        .handoff(.put(incident))
      } answer: {
        if case .done(let done) = $0 { done } else { nil }
      },
      command(HandoffMethods.putChange) { told, _ in
        .handoff(.told(told))
      } answer: {
        if case .done(let done) = $0 { done } else { nil }
      },
      command(HandoffMethods.recordChange, needsKey: true) { change, _ in
        .handoff(.record(change))
      } answer: {
        if case .handoff(.change(let change)) = $0 { change } else { nil }
      },
      command(HandoffMethods.tick, needsKey: true) { tick, _ in
        .handoff(.tick(tick))
      } answer: {
        if case .handoff(.record(let record)) = $0 { record } else { nil }
      },
      command(HandoffMethods.edit, needsKey: true) { edit, _ in
        .handoff(.edit(edit))
      } answer: {
        if case .handoff(.document(let reply)) = $0 { reply } else { nil }
      },
      command(HandoffMethods.sign, needsKey: true) { signature, _ in
        .handoff(.sign(signature))
      } answer: {
        if case .handoff(.record(let record)) = $0 { record } else { nil }
      },
      command(HandoffMethods.accept, needsKey: true) { signature, _ in
        .handoff(.accept(signature))
      } answer: {
        if case .handoff(.record(let record)) = $0 { record } else { nil }
      },
      command(HandoffMethods.giveFeedback, needsKey: true) { feedback, _ in
        .handoff(.feedback(feedback))
      } answer: {
        if case .handoff(.report(let report)) = $0 { report } else { nil }
      })
  }

  static func handoffQueries() -> [String: Query<Rules>] {
    table(
      query(HandoffMethods.show) { rules, request, now throws(Refusal) in try rules.showHandoff(request, now: now) },
      query(HandoffMethods.document) { rules, request, now throws(Refusal) in
        try rules.handoffDocument(request, now: now)
      },
      query(HandoffMethods.report) { rules, request, now throws(Refusal) in try rules.shiftReport(request, now: now) })
  }
}
