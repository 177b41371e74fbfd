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
  /// What another intake has heard.
  case share(Shared)
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
/// scheduler for the handoff, and to the escalator for reviews; silences and heartbeats to other intakes.
public enum AlertDebt: Owed, Hashable {
  case alert(Alert)
  case change(Change)
  case evidence(Change)
  case synthetic(SyntheticAlert)
  case silence(Silence)
  /// Somebody ended it before its time.
  case silenceOver(Silence)
  case beat(name: String, at: Instant)

  public var key: DebtKey {
    switch self {
    case .alert(let alert): DebtKey(id: alert.id, generation: alert.generation)
    case .change(let change), .evidence(let change): DebtKey(id: change.id, generation: 1)
    case .synthetic(let synthetic): DebtKey(id: Synthetic.id, generation: synthetic.number)
    case .silence(let silence): DebtKey(id: silence.id, generation: ToldIntakes.added)
    case .silenceOver(let silence): DebtKey(id: silence.id, generation: ToldIntakes.ended)
    case .beat(let name, let at):
      DebtKey(id: ToldIntakes.id(ofBeat: name), generation: UInt64(max(0, at.milliseconds)))
    }
  }
}
