import Machinery
import Messages

/// What can be asked of readiness that may change something.
public enum ReadinessInput: Sendable {
  case tick(ReadinessTick)
  case tickTask(DailyTaskTick)
  case test(ReadinessTestRequest)
  case confirm(ReadinessConfirmation)
}

/// What is answered to those.
public enum ReadinessAnswer: Hashable, Sendable {
  case record(ReadinessRecord)
  case tasks(DailyTasks)
  case tested(ReadinessTestReply)
}

extension Schedules {
  func decideReadiness(
    _ input: ReadinessInput, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    switch input {
    case .tick(let tick): try tickReadiness(tick, at: now)
    case .tickTask(let tick): try tickTask(tick, at: now)
    case .test(let request): try testReadiness(request, at: now)
    case .confirm(let confirmation): try confirmReadiness(confirmation, at: now)
    }
  }

  mutating func applyReadiness(_ fact: ScheduleFact, at instant: Instant) {
    for id in readying.settled(by: fact) { owedToNotifier.settle(id) }
    readying.apply(fact)
    switch fact.kind {
    case .readinessTested(let tested):
      owedToNotifier.owe(DebtKey(id: tested.id, generation: 1), urgency: 1, since: instant)
    case .readinessChecked(let checked): timeReadiness(of: checked.team)
    case .dailyTasksReminded(let reminded): timeReadiness(of: reminded.team)
    default: break
    }
  }
}
