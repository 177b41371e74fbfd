import Machinery
import Messages

/// What can be asked of handoffs that may change something.
public enum HandoffInput: Sendable {
  case put(HandoffIncident)
  case record(ChangeEvent)
  case told(ChangeTold)
  case tick(HandoffTick)
  case edit(HandoffEdit)
  case sign(HandoffSignature)
  case accept(HandoffSignature)
  case feedback(HandoffFeedback)
}

/// What is answered to those.
public enum HandoffAnswer: Hashable, Sendable {
  case change(ChangeEvent)
  case record(HandoffRecord)
  case document(HandoffDocumentReply)
  case report(ShiftReport)
}

extension Schedules {
  func decideHandoff(_ input: HandoffInput, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    switch input {
    case .put(let incident): try putHandoffIncident(incident, at: now)
    case .record(let change): try recordChange(change, at: now)
    case .told(let told): try putChange(told, at: now)
    case .tick(let tick): try tickHandoff(tick, at: now)
    case .edit(let edit): try editHandoff(edit, at: now)
    case .sign(let signature): try signHandoff(signature, at: now)
    case .accept(let signature): try acceptHandoff(signature, at: now)
    case .feedback(let feedback): try giveFeedback(feedback, at: now)
    }
  }
}
