import Machinery
import Messages

/// What can be asked of readiness that may change something.
public enum ReadinessInput: Sendable {
  case tick(ReadinessTick)
  case tickTask(DailyTaskTick)
}

/// What is answered to those.
public enum ReadinessAnswer: Hashable, Sendable {
  case record(ReadinessRecord)
  case tasks(DailyTasks)
}

extension Schedules {
  func decideReadiness(
    _ input: ReadinessInput, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    switch input {
    case .tick(let tick): try tickReadiness(tick, at: now)
    case .tickTask(let tick): try tickTask(tick, at: now)
    }
  }

  mutating func applyReadiness(_ fact: ScheduleFact) {
    readying.apply(fact)
    switch fact.kind {
    case .readinessChecked(let checked): timeReadiness(of: checked.team)
    case .dailyTasksReminded(let reminded): timeReadiness(of: reminded.team)
    default: break
    }
  }
}
