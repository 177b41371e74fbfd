import Machinery
import Messages

/// What can be asked of the scheduler that may change something.
public enum ScheduleInput: Sendable {
  /// By a key that acts in its own name only, whose name is this.
  indirect case inOwnName(ScheduleInput, of: String)
  case configure(ScheduleConfiguration, by: String)
  case addOverride(OverrideRequest)
  case removeOverride(OverrideRemoval)
  case assignCover(OverrideRequest)
  case recordTraining(TrainingRecord)
  case assignShadow(ShadowRequest)
  case removeShadow(ShadowRemoval)
  case requestAbsence(AbsenceRequest)
  case endAbsence(AbsenceEnd)
  case requestSwap(SwapRequest)
  case answerSwap(SwapAnswer)
  case pay(PayInput)
  case handoff(HandoffInput)
  case readiness(ReadinessInput)
}

/// What the scheduler answers to those.
public enum ScheduleAnswer: Hashable, Sendable {
  case configured(ConfigureReply)
  case overridden(OverrideReply)
  case trained(TrainingReply)
  case shadowed(ShadowReply)
  case absent(AbsenceReply)
  case swapped(SwapReply)
  case pay(PayAnswer)
  case handoff(HandoffAnswer)
  case readiness(ReadinessAnswer)
  case done(Done)
}

/// What the scheduler owes: each team's timeline to the escalator; words, and pages to a lead, to the notifier.
public enum ScheduleDebt: Owed, Hashable {
  case timeline(Timeline)
  case announcement(Post)
  case page(Page)

  public var key: DebtKey {
    switch self {
    case .timeline(let timeline): DebtKey(id: timeline.team, generation: timeline.generation)
    case .announcement(let post): DebtKey(id: post.id, generation: 1)
    case .page(let page): DebtKey(id: page.id, generation: page.generation)
    }
  }
}
