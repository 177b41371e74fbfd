import Machinery
import Messages

/// Work as it arrives, as its person edits it, and as the lead approves it (requirement C2).
extension Schedules {
  /// So many spans in one piece of work; more are a mistake.
  static let spansAtMost = 500

  /// From the escalator: the whole of what a person did on an incident. What came before, or is older, changes nothing.
  func putWork(_ work: Work, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    try text(work.incidentId, "incident_id", 1...64)
    try text(work.person, "person", 1...64)
    try text(work.team, "team", 0...64)
    try text(work.summary, "summary", 0...1_000)
    guard work.generation > 0 else { throw .invalid("generation", "must be at least 1") }
    try check(work.spans, "spans")
    try check(work.snoozed, "snoozed")
    guard !work.sev1UntilAt.isSet || work.sev1FromAt.isSet,
      !work.sev1UntilAt.isSet || work.sev1FromAt <= work.sev1UntilAt
    else { throw .invalid("sev1_until_at_ms", "must not lie before sev1_from_at_ms") }
    let key = WorkKey(incidentId: work.incidentId, person: work.person)
    let isNews = pay.work(key).map { $0.work.generation < work.generation } ?? true
    guard isNews, !work.drill else { return Decision([], answer: .done(Done())) }
    var draft = ScheduleDraft(self, at: now)
    draft.add(.workReported(WorkReported(work: work, knownAt: now)))
    draft.grantCompDays(for: key)
    return Decision(draft.facts, answer: .done(Done()))
  }

  func editWork(_ edit: WorkEdit, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    let known = try known(edit.key ?? WorkKey())
    try text(edit.reason, "reason", 1...500)
    try text(edit.by, "by", 0...64)
    try maySpeak(edit.by, for: known.work.person)
    try check(edit.spans, "spans")
    guard edit.spans.allSatisfy({ $0.untilAt <= now }) else {
      throw .invalid("spans", "work that isn't over can't be entered")
    }
    var draft = ScheduleDraft(self, at: now)
    draft.add(
      .workEdited(
        WorkEdited(
          key: known.key, spans: TimeSpans(edit.spans).all, reported: known.reported.all, reason: edit.reason,
          by: edit.by, knownAt: now)))
    draft.grantCompDays(for: known.key)
    if let team = boards[payTeam(known)]?.team {
      draft.tellLead(
        team,
        "\(draft.name(known.work.person))'s work on \(known.work.incidentId) is now "
          + "\(PayWords.time(TimeSpans(edit.spans).total)) (\(edit.reason)): it waits for approval")
    }
    return Decision(draft.facts, answer: .pay(.work(WorkReply(item: draft.schedules.item(known.key)))))
  }

  func approveWork(_ approval: WorkApproval, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer>
  {
    try text(approval.by, "by", 0...64)
    var chosen: [PayBook.KnownWork] = []
    for key in approval.keys { chosen.append(try known(key)) }
    if approval.keys.isEmpty {
      guard boards[approval.team]?.team != nil else {
        throw .notFound("no team is called \(approval.team)", field: "team")
      }
      chosen = pay.allWorks.filter {
        $0.approval == nil && !$0.spans.isEmpty && payTeam($0) == approval.team && $0.work.person != approval.by
      }
    }
    var draft = ScheduleDraft(self, at: now)
    for known in chosen {
      try mayApprove(approval.by, known)
      guard known.approval == nil else { continue }
      draft.add(.workApproved(WorkApproved(key: known.key, by: approval.by, knownAt: now)))
    }
    if approval.keys.isEmpty, let team = boards[approval.team]?.team { try mayLead(approval.by, team) }
    return Decision(
      draft.facts,
      answer: .pay(
        .approved(
          WorkApprovalReply(approved: chosen.prefix(Self.linesAtMost).compactMap { draft.schedules.item($0.key) }))))
  }

  /// Work, newest last.
  public func listWork(_ request: ListWorkRequest) throws(Refusal) -> ListWorkReply {
    if !request.team.isEmpty, boards[request.team] == nil {
      throw .notFound("no team is called \(request.team)", field: "team")
    }
    let until = request.untilAt.isSet ? request.untilAt : .distantFuture
    let found = pay.allWorks.filter { known in
      (request.person.isEmpty || known.work.person == request.person)
        && (request.team.isEmpty || payTeam(known) == request.team)
        && (!request.waitingOnly || (known.approval == nil && !known.spans.isEmpty))
        && (!request.fromAt.isSet || known.spans.until > request.fromAt) && known.spans.from < until
    }
    guard found.count <= Self.linesAtMost else {
      throw Refusal(.outOfRange, "\(found.count) pieces of work: ask for a shorter span", field: "until_at_ms")
    }
    return ListWorkReply(
      items: found.sorted { ($0.spans.from, $0.work.incidentId) < ($1.spans.from, $1.work.incidentId) }
        .compactMap { item($0.key) })
  }

  func item(_ key: WorkKey) -> WorkItem? {
    pay.work(key).map { known in
      WorkItem(
        key: key, team: payTeam(known), severity: known.work.severity, summary: known.work.summary,
        spans: known.spans.all, reported: known.reported.all, editedBy: known.edit?.by ?? "",
        reason: known.edit?.reason ?? "",
        approvedBy: known.approval.map { $0.by.isEmpty ? "an operator" : $0.by } ?? "", worked: known.spans.total)
    }
  }

  func payTeam(_ known: PayBook.KnownWork) -> String {
    let begin = known.spans.isEmpty ? known.reported.from : known.spans.from
    return payTeam(of: known.work.person, incidentTeam: known.work.team, at: begin)
  }

  private func mayApprove(_ by: String, _ known: PayBook.KnownWork) throws(Refusal) {
    guard by != known.work.person || people[by] == nil else {
      throw Refusal(
        .permissionDenied, "\(by) can't approve their own work (C2): another lead or a manager can", field: "by")
    }
    if let team = boards[payTeam(known)]?.team { try mayLead(by, team) }
  }

  /// The team's lead, a manager, or an operator.
  func mayLead(_ by: String, _ team: Team) throws(Refusal) {
    guard people[by] != nil, !isLead(by, of: team) else { return }
    throw Refusal(
      .permissionDenied,
      "\(by) isn't a lead of team \(team.id) (C2): \(team.lead.isEmpty ? "an operator" : team.lead) or a manager can",
      field: "by")
  }

  private func known(_ key: WorkKey) throws(Refusal) -> PayBook.KnownWork {
    guard let known = pay.work(key) else {
      throw .notFound("nobody called \(key.person) is known to have worked on \"\(key.incidentId)\"", field: "key")
    }
    return known
  }

  private func check(_ spans: [WorkSpan], _ field: String) throws(Refusal) {
    guard spans.count <= Self.spansAtMost else { throw .invalid(field, "at most \(Self.spansAtMost)") }
    for (index, span) in spans.enumerated() {
      guard span.fromAt.milliseconds > 0, span.fromAt <= span.untilAt, span.untilAt < .distantFuture else {
        throw .invalid("\(field)[\(index)]", "must begin after 1970 and end after it begins")
      }
      guard span.untilAt - span.fromAt <= .days(366) else { throw .invalid("\(field)[\(index)]", "at most a year") }
    }
  }
}
