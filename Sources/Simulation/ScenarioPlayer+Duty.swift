import Machinery
import Messages
import Wire

/// What scenarios say of handoffs, pay and readiness. A handoff without a time is the nearest.
///
///     > handoff TEAM [at TIME]                         the document, as Markdown
///     > change TEAM "SUMMARY" by PERSON                a change to production
///     > recommend TEAM "WORDS" by PERSON [at TIME]     words of the outgoing primary in the document
///     > sign TEAM by PERSON [at TIME], > accept TEAM by PERSON [at TIME]
///     > report TEAM [at TIME]                          pages, nights and work of the shift that ends then
///     > rates TEAM CURRENCY STIPEND AFTER-HOURS WEEKEND from DATE
///     > work TEAM                                      what people worked on incidents, and who approved it
///     > approve TEAM by LEAD                           all that waits
///     > pay TEAM from DATE until DATE
///     > close-pay TEAM from DATE until DATE by LEAD
///     > comp-days TEAM, > use-comp-day PERSON DATE, > answer-comp-day ID yes by MANAGER
///     > ready TEAM [of PERSON]                         what is missing before a shift
///     > test-pages PERSON                              one a channel, with its code
///     > confirm CODE PERSON
///     > tasks TEAM [of DATE]                           the primary's tasks of a day
///     > tick-task TEAM TASK "WORDS" [NAME=VALUE,NAME=VALUE] by PERSON
///     > leaving PERSON                                 all that names somebody who leaves
extension ScenarioPlayer {
  func obeyDuty(_ directive: Directive) throws(Refusal) {
    switch directive.command {
    case "handoff", "change", "recommend", "sign", "accept", "report": try handOff(directive)
    case "rates", "work", "approve", "pay", "close-pay", "comp-days", "use-comp-day", "answer-comp-day":
      try pay(directive)
    case "ready":
      let request = ReadinessRequest(team: directive[1], person: directive["of"])
      try call(.scheduler, ReadinessMethods.show, request) { self.words(of: $0) }
    case "test-pages":
      let request = ReadinessTestRequest(person: directive[1], by: directive[1])
      try call(.scheduler, ReadinessMethods.test, request) { self.words(of: $0.tests) }
    case "confirm":
      let confirmation = ReadinessConfirmation(code: directive[1], by: directive[2])
      try call(.scheduler, ReadinessMethods.confirm, confirmation) { self.words(of: $0.tests) }
    case "tasks":
      let request = DailyTasksRequest(team: directive[1], date: directive["of"])
      try call(.scheduler, ReadinessMethods.listTasks, request) { self.words(of: $0) }
    case "tick-task":
      let tick = DailyTaskTick(
        team: directive[1], task: directive[2],
        values: directive.list(directive[4]).map { text in
          let pair = text.split(separator: "=").map(String.init)
          return DailyValue(name: pair.first ?? "", value: pair.dropFirst().first ?? "")
        }, saw: directive[3], by: directive["by"])
      try call(.scheduler, ReadinessMethods.tickTask, tick) { self.words(of: $0) }
    case "leaving":
      try call(.scheduler, ScheduleMethods.showLeaving, LeavingRequest(person: directive[1])) { self.words(of: $0) }
    default: try obeyStaff(directive)
    }
  }

  // MARK: H

  private func handOff(_ directive: Directive) throws(Refusal) {
    let (team, by, at) = (directive[1], directive["by"], try directive.instant(directive["at"]))
    switch directive.command {
    case "handoff":
      try call(.scheduler, HandoffMethods.document, HandoffRequest(team: team, at: at)) { reply in
        let text = String(decoding: reply.markdown, as: UTF8.self)
        return self.lines(text.split(separator: "\n").map(String.init))
      }
    case "change":
      let change = ChangeEvent(team: team, summary: directive[2], by: by)
      try call(.scheduler, HandoffMethods.recordChange, change) { "\($0.id) recorded" }
    case "recommend":
      let edit = HandoffEdit(team: team, at: at, section: .recommendations, text: directive[2], by: by)
      try call(.scheduler, HandoffMethods.edit, edit) { _ in "written" }
    case "sign":
      let signature = HandoffSignature(team: team, at: at, by: by)
      try call(.scheduler, HandoffMethods.sign, signature) { "signed by \($0.signedBy)" }
    case "accept":
      let signature = HandoffSignature(team: team, at: at, by: by)
      try call(.scheduler, HandoffMethods.accept, signature) { "accepted by \($0.acceptedBy)" }
    default:
      try call(.scheduler, HandoffMethods.report, HandoffRequest(team: team, at: at)) { report in
        let nights = report.nightsBroken.isEmpty ? "none" : report.nightsBroken.joined(separator: ", ")
        return self.lines([
          "\(report.person) \(self.span(report.fromAt, report.untilAt))",
          "pages in business hours \(report.pagesBusiness), after hours \(report.pagesAfterHours), at the weekend "
            + "\(report.pagesWeekend); nights broken: \(nights); worked \(self.minutes(report.worked))",
        ])
      }
    }
  }

  // MARK: C

  private func pay(_ directive: Directive) throws(Refusal) {
    let team = directive[1]
    switch directive.command {
    case "rates":
      try reconfigure { wanted in
        wanted.pay.append(
          PayRates(
            team: team, fromDate: directive["from"], currency: directive[2], weeklyStipend: directive[3],
            afterHoursHourly: directive[4], weekendHourly: directive[5]))
      }
    case "work":
      try call(.scheduler, PayMethods.listWork, ListWorkRequest(team: team)) { reply in
        self.lines(reply.items.map(self.words(of:)))
      }
    case "approve":
      let approval = WorkApproval(team: team, by: directive["by"])
      try call(.scheduler, PayMethods.approveWork, approval) { reply in
        self.lines(reply.approved.map(self.words(of:)))
      }
    case "pay":
      let export = PayExport(team: team, fromDate: directive["from"], untilDate: directive["until"])
      try call(.scheduler, PayMethods.exportPay, export) { self.words(of: $0) }
    case "close-pay":
      let close = PeriodClose(
        team: team, fromDate: directive["from"], untilDate: directive["until"], by: directive["by"])
      try call(.scheduler, PayMethods.closePeriod, close) { self.words(of: $0) }
    case "use-comp-day":
      let use = CompDayUse(person: directive[1], date: directive[2], by: directive[1])
      try call(.scheduler, PayMethods.useCompDay, use) { $0.day.map(self.words(of:)) ?? "" }
    case "answer-comp-day":
      let answer = CompDayAnswer(compDayId: directive[1], approves: directive[2] == "yes", by: directive["by"])
      try call(.scheduler, PayMethods.answerCompDay, answer) { $0.day.map(self.words(of:)) ?? "" }
    default:
      try call(.scheduler, PayMethods.listCompDays, ListCompDaysRequest(team: team)) { reply in
        self.lines(reply.days.map(self.words(of:)))
      }
    }
  }

  private func minutes(_ span: Span) -> String { "\(span.milliseconds / 60_000) min" }

  private func words(of day: CompDay) -> String {
    let date = day.date.isEmpty ? "" : " for \(day.date)"
    return "\(day.id): \(day.state)\(date), \(day.because); lapses after \(day.lapsesAfter)"
  }

  private func words(of item: WorkItem) -> String {
    let spans = item.spans.map { self.span($0.fromAt, $0.untilAt) }.joined(separator: ", ")
    let key = item.key ?? WorkKey()
    let state = item.approvedBy.isEmpty ? "waits" : "approved by \(item.approvedBy)"
    return "\(key.incidentId) \(key.person) \(spans) (\(minutes(item.worked))): \(state)"
  }

  private func words(of report: PayReport) -> String {
    let lines = report.lines.map { line in
      let incidents = line.incidents.isEmpty ? "" : " for \(line.incidents.joined(separator: ", "))"
      let back = line.takesBack.isEmpty ? "" : ", takes back \(line.takesBack)"
      return "\(line.person) \(line.kind) \(self.span(line.fromAt, line.untilAt)): \(line.hours) at \(line.rate) = "
        + "\(line.amount) \(line.currency)\(incidents)\(back)"
    }
    let totals = report.totals.map { "\($0.person) in all: \($0.amount) \($0.currency)" }
    let waiting = report.waiting.map { "waits: \(self.words(of: $0))" }
    return self.lines(lines + totals + waiting + report.notes + [report.closed ? "closed" : "open"])
  }

  // MARK: S10, S12

  private func words(of record: ReadinessRecord) -> String {
    let missing = record.items.count { $0.by.isEmpty }
    let copies = record.copiesTo.isEmpty ? "" : "; \(record.copiesTo) gets copies"
    return lines([
      "\(record.person) takes over from \(record.outgoing) \(span(record.fromAt, record.untilAt)): "
        + "\(missing) of \(record.items.count) items missing\(copies)"
    ]) + "\n" + words(of: record.tests)
  }

  private func words(of tests: [ReadinessTest]) -> String {
    lines(
      tests.map { test in
        let waits = test.askedAt.isSet ? "waits for its code since \(minute(test.askedAt))" : "not asked for"
        return "\(test.channel): \(test.confirmedAt.isSet ? "confirmed \(minute(test.confirmedAt))" : waits)"
          + (test.words.isEmpty ? "" : " (\(test.words))")
      })
  }

  private func words(of day: DailyTasks) -> String {
    lines(
      ["\(day.date): \(day.person.isEmpty ? "nobody" : day.person)"]
        + day.tasks.map { task in
          let values = task.values.map {
            "\($0.name) \($0.value.isEmpty ? "?" : $0.value), expected \($0.expected)\($0.outOfRange ? ": OUT OF RANGE" : "")"
          }
          return
            (["\(task.id): \(task.by.isEmpty ? "open" : "seen by \(task.by)")"] + [task.saw].filter { !$0.isEmpty }
            + values).joined(separator: "; ")
        })
  }

  private func words(of reply: LeavingReply) -> String {
    var lines = [reply.mayLeave ? "\(reply.person) may leave" : "\(reply.person) may not leave yet"]
    lines += reply.held.compactMap { held in held.shift.map { "holds \(held.team) \(self.words(of: $0))" } }
    lines += reply.swaps.map { "\($0.id) names them" } + reply.shadows.map { "\($0.id) is theirs" }
    lines += reply.rotations.map { "in rotation \($0)" } + reply.roles
    return self.lines(lines)
  }
}
