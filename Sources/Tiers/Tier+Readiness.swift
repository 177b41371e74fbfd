import Machinery
import Messages
import Scheduling
import Wire

/// The scheduler's methods of readiness.
extension Tier where Rules == Schedules {
  static func readinessCommands() -> [String: Command<Rules>] {
    table(
      command(ReadinessMethods.tick, needsKey: true) { tick, _ in
        .readiness(.tick(tick))
      } answer: {
        if case .readiness(.record(let record)) = $0 { record } else { nil }
      },
      command(ReadinessMethods.test, needsKey: true) { request, _ in
        .readiness(.test(request))
      } answer: {
        if case .readiness(.tested(let reply)) = $0 { reply } else { nil }
      },
      command(ReadinessMethods.confirm, needsKey: true) { confirmation, _ in
        .readiness(.confirm(confirmation))
      } answer: {
        if case .readiness(.tested(let reply)) = $0 { reply } else { nil }
      },
      command(ReadinessMethods.tickTask, needsKey: true) { tick, _ in
        .readiness(.tickTask(tick))
      } answer: {
        if case .readiness(.tasks(let tasks)) = $0 { tasks } else { nil }
      })
  }

  static func readinessQueries() -> [String: Query<Rules>] {
    table(
      query(ReadinessMethods.show) { rules, request, now throws(Refusal) in
        try rules.showReadiness(request, now: now)
      },
      query(ReadinessMethods.listTasks) { rules, request, now throws(Refusal) in
        try rules.listTasks(request, now: now)
      })
  }
}
