import Machinery
import Messages
import Scheduling
import Wire

/// The scheduler's methods of pay.
extension Tier where Rules == Schedules {
  static func payCommands() -> [String: Command<Rules>] {
    table(
      command(PayMethods.putWork) { work, _ in
        .pay(.put(work))
      } answer: {
        if case .done(let done) = $0 { done } else { nil }
      },
      command(PayMethods.editWork, needsKey: true) { edit, _ in
        .pay(.edit(edit))
      } answer: {
        if case .pay(.work(let reply)) = $0 { reply } else { nil }
      },
      command(PayMethods.approveWork, needsKey: true) { approval, _ in
        .pay(.approve(approval))
      } answer: {
        if case .pay(.approved(let reply)) = $0 { reply } else { nil }
      },
      command(PayMethods.closePeriod, needsKey: true) { close, _ in
        .pay(.close(close))
      } answer: {
        if case .pay(.report(let report)) = $0 { report } else { nil }
      },
      command(PayMethods.useCompDay, needsKey: true) { use, _ in
        .pay(.useCompDay(use))
      } answer: {
        if case .pay(.compDay(let reply)) = $0 { reply } else { nil }
      },
      command(PayMethods.answerCompDay, needsKey: true) { answer, _ in
        .pay(.answerCompDay(answer))
      } answer: {
        if case .pay(.compDay(let reply)) = $0 { reply } else { nil }
      })
  }

  static func payQueries() -> [String: Query<Rules>] {
    table(
      query(PayMethods.listWork) { rules, request, _ throws(Refusal) in try rules.listWork(request) },
      query(PayMethods.exportPay) { rules, request, now throws(Refusal) in try rules.exportPay(request, now: now) },
      query(PayMethods.listCompDays) { rules, request, _ throws(Refusal) in try rules.listCompDays(request) })
  }
}
