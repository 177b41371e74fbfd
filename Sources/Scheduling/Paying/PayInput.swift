import Machinery
import Messages

/// What can be asked of pay that may change something.
public enum PayInput: Sendable {
  case put(Work)
  case edit(WorkEdit)
  case approve(WorkApproval)
  case close(PeriodClose)
  case useCompDay(CompDayUse)
  case answerCompDay(CompDayAnswer)
}

/// What is answered to those.
public enum PayAnswer: Hashable, Sendable {
  case work(WorkReply)
  case approved(WorkApprovalReply)
  case report(PayReport)
  case compDay(CompDayReply)
}

extension Schedules {
  func decidePay(_ input: PayInput, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    switch input {
    case .put(let work): try putWork(work, at: now)
    case .edit(let edit): try editWork(edit, at: now)
    case .approve(let approval): try approveWork(approval, at: now)
    case .close(let close): try closePeriod(close, at: now)
    case .useCompDay(let use): try useCompDay(use, at: now)
    case .answerCompDay(let answer): try answerCompDay(answer, at: now)
    }
  }

  mutating func applyPay(_ fact: ScheduleFact) {
    switch fact.kind {
    case .workReported(let reported): pay.apply(reported)
    case .workEdited(let edited): pay.apply(edited)
    case .workApproved(let approved): pay.apply(approved)
    case .payPeriodClosed(let closed): pay.apply(closed)
    case .compDayMoved(let moved): if let day = moved.day { keep(day) }
    default: break
    }
  }
}
