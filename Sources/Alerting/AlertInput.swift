import Machinery
import Messages

/// What can be asked of alert-intake.
public enum AlertInput: Sendable {
  case publish(Event, traceparent: [UInt8])
  case close(AlertClosing)
  case configure(IntakeConfiguration)
  case silence(SilenceRequest)
  case endSilence(SilenceEnding)
  case beat(BeatRequest)
}

/// What alert-intake answers.
public enum AlertAnswer: Hashable, Sendable {
  case published(PublishReply)
  case configured(ConfigureReply)
  case silence(SilenceReply)
  case beat(BeatReply)
  case done(Done)
}

/// What alert-intake owes the escalator: the present state of an alert.
public struct AlertDebt: Owed, Hashable {
  public var alert: Alert
  public var key: DebtKey { DebtKey(id: alert.id, generation: alert.generation) }

  public init(alert: Alert) {
    self.alert = alert
  }
}
