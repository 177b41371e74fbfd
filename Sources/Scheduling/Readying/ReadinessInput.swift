import Machinery
import Messages

/// What can be asked of readiness that may change something.
public enum ReadinessInput: Sendable {
  case tick(ReadinessTick)
}

/// What is answered to those.
public enum ReadinessAnswer: Hashable, Sendable {
  case record(ReadinessRecord)
}

extension Schedules {
  func decideReadiness(
    _ input: ReadinessInput, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    switch input {
    case .tick(let tick): try tickReadiness(tick, at: now)
    }
  }

  mutating func applyReadiness(_ fact: ScheduleFact) {
    readying.apply(fact)
    if case .readinessChecked(let checked) = fact.kind { timeReadiness(of: checked.team) }
  }
}
