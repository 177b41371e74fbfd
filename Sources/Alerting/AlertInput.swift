import Machinery
import Messages

/// What can be asked of alert-intake.
public enum AlertInput: Sendable {
  case publish(Event, traceparent: [UInt8])
  case close(AlertClosing)
  case configure(IntakeConfiguration)
  case silence(SilenceRequest)
  case endSilence(SilenceEnding)
  /// From a key that is a source's alone and has this name; empty: from one that may report any.
  case beat(BeatRequest, source: String)
}

/// What alert-intake answers.
public enum AlertAnswer: Hashable, Sendable {
  case published(PublishReply)
  case configured(ConfigureReply)
  case silence(SilenceReply)
  case beat(BeatReply)
  case done(Done)
}

/// What alert-intake owes: the present state of an alert and the latest synthetic one to the escalator; a change to the
/// scheduler for the handoff, and to the escalator for reviews.
public enum AlertDebt: Owed, Hashable {
  case alert(Alert)
  case change(Change)
  case evidence(Change)
  case synthetic(SyntheticAlert)

  public var key: DebtKey {
    switch self {
    case .alert(let alert): DebtKey(id: alert.id, generation: alert.generation)
    case .change(let change), .evidence(let change): DebtKey(id: change.id, generation: 1)
    case .synthetic(let synthetic): DebtKey(id: Synthetic.id, generation: synthetic.number)
    }
  }
}
