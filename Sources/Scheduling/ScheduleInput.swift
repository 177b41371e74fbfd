import Machinery
import Messages

/// What can be asked of the scheduler that may change something.
public enum ScheduleInput: Sendable {
  case configure(ScheduleConfiguration, by: String)
  case addOverride(OverrideRequest)
  case removeOverride(OverrideRemoval)
}

/// What the scheduler answers to those.
public enum ScheduleAnswer: Hashable, Sendable {
  case configured(ConfigureReply)
  case overridden(OverrideReply)
  case done(Done)
}

/// What the scheduler owes: each team's timeline to the escalator, words to the notifier.
public enum ScheduleDebt: Owed, Hashable {
  case timeline(Timeline)
  case announcement(Post)

  public var key: DebtKey {
    switch self {
    case .timeline(let timeline): DebtKey(id: timeline.team, generation: timeline.generation)
    case .announcement(let post): DebtKey(id: post.id, generation: 1)
    }
  }
}
