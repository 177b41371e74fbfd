import Messages
import Scheduling
import Testing

/// Requirements H1 and H2: the record of a handoff, its document, and the report after a shift.
@Suite struct HandoffTests {
  private let handoff = Instant.utc("2026-11-30")

  /// Friday of a week whose primary is `out`; `next` takes over on Monday.
  private func friday() throws -> (scheduler: Scheduler, out: String, next: String) {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-20"))
    scheduler.wait(until: .utc("2026-11-27T12:00:00"))
    return (scheduler, try scheduler.holder(at: handoff - .hours(1)), try scheduler.holder(at: handoff))
  }

  private func incident(
    _ id: String, _ severity: Severity, opened: String, resolved: String? = nil, generation: UInt64 = 1,
    drill: Bool = false, pages: [PageTold] = []
  ) -> ScheduleInput {
    .handoff(
      .put(
        HandoffIncident(
          incidentId: id, generation: generation, team: "platform", service: "aion-web-api", alertClass: "high_latency",
          severity: severity, summary: "p95 above 500 ms", openedAt: .utc(opened),
          resolvedAt: resolved.map { .utc($0) } ?? .unset, owner: "ana", status: "investigating", impact: "slow pages",
          next: "scale out", pages: pages, drill: drill)))
  }

  private func edit(
    _ section: HandoffSection, _ entry: String = "", _ field: String = "", _ text: String, by: String,
    at: Instant = .unset
  ) -> ScheduleInput {
    .handoff(
      .edit(HandoffEdit(team: "platform", at: at, section: section, entry: entry, field: field, text: text, by: by)))
  }

  private func signature(_ by: String) -> HandoffSignature { HandoffSignature(team: "platform", at: handoff, by: by) }

  private func document(_ scheduler: Scheduler, at: Instant? = nil) throws -> HandoffDocumentReply {
    try scheduler.rules.handoffDocument(HandoffRequest(team: "platform", at: at ?? handoff), now: scheduler.now)
  }

  @Test func theRecordNamesWhoMustBeThereAndFollowsSwaps() throws {
    var (scheduler, out, next) = try friday()
    var record = try scheduler.rules.showHandoff(HandoffRequest(team: "platform"), now: scheduler.now)
    #expect(record.at == handoff && record.untilAt - record.at == .minutes(30))
    #expect(record.attendees.filter(\.required).map(\.person) == [out, next])
    #expect(record.attendees.filter { !$0.required }.map(\.part) == ["secondary", "lead"])
    let lists = Dictionary(grouping: record.items, by: \.list).mapValues(\.count)
    #expect(
      lists == [
        "before the handoff call": 5, "during the handoff call": 5, "after the handoff": 6, "during the rotation": 5,
      ])
    let other = try #require(ScheduleConfiguration.engineers.first { $0 != out && $0 != next })
    try scheduler.override(other, from: handoff, until: handoff + .days(7))
    record = try scheduler.rules.showHandoff(HandoffRequest(team: "platform", at: handoff), now: scheduler.now)
    #expect(record.attendees.filter(\.required).map(\.person) == [out, other])
  }

  /// Whoever names a time that no calendar has is told so, by every method.
  @Test(arguments: [Int64.min, -(1 << 62), -1, 253_402_300_799_000, 1 << 62, .max])
  func aTimeThatNoCalendarHasIsRefused(milliseconds: Int64) throws {
    let (scheduler, out, _) = try friday()
    let at = Instant(milliseconds: milliseconds)
    func refuses(_ ask: () throws(Refusal) -> Void) {
      do throws(Refusal) {
        try ask()
        Issue.record("\(milliseconds) was taken")
      } catch {
        #expect((error.status, error.field) == (.invalidArgument, "at_ms"), "\(error)")
      }
    }
    let request = HandoffRequest(team: "platform", at: at)
    refuses { () throws(Refusal) in _ = try scheduler.rules.showHandoff(request, now: scheduler.now) }
    refuses { () throws(Refusal) in _ = try scheduler.rules.handoffDocument(request, now: scheduler.now) }
    refuses { () throws(Refusal) in _ = try scheduler.rules.shiftReport(request, now: scheduler.now) }
    let signature = HandoffSignature(team: "platform", at: at, by: out)
    let edit = HandoffEdit(team: "platform", at: at, section: .summary, field: "health", text: "well", by: out)
    let inputs: [HandoffInput] = [
      .tick(HandoffTick(team: "platform", at: at, item: "before-1", by: out)), .edit(edit), .sign(signature),
      .accept(signature), .feedback(HandoffFeedback(team: "platform", at: at, words: "quiet", by: out)),
    ]
    for input in inputs {
      refuses { () throws(Refusal) in _ = try scheduler.rules.decide(.handoff(input), at: scheduler.now) }
    }
  }

  @Test func anItemIsTickedByWhoseItIs() throws {
    var (scheduler, out, next) = try friday()
    let refusal = scheduler.refusal(
      .handoff(.tick(HandoffTick(team: "platform", at: handoff, item: "before-2", by: next))))
    #expect(refusal?.message == "\(next) can't tick before-2 (H1): \(out) or a lead of team platform can")
    try scheduler.decide(.handoff(.tick(HandoffTick(team: "platform", at: handoff, item: "before-2", by: out))))
    try scheduler.decide(.handoff(.tick(HandoffTick(team: "platform", at: handoff, item: "call-1", by: next))))
    try scheduler.decide(
      .handoff(.tick(HandoffTick(team: "platform", at: handoff, item: "call-1", undo: true, by: next))))
    let items = try scheduler.rules.showHandoff(HandoffRequest(team: "platform"), now: scheduler.now).items
    #expect(items.filter { !$0.by.isEmpty }.map(\.id) == ["before-2"])
    #expect(items.first { $0.id == "before-2" }?.tickedAt == scheduler.now)
    #expect(scheduler.restored == scheduler.rules)
  }

  @Test func theLatestGenerationCountsAndDrillsAreLeftOut() throws {
    var (scheduler, _, _) = try friday()
    try scheduler.decide(incident("2f-1", .sev3, opened: "2026-11-26T10:00:00", generation: 2))
    let known = scheduler.rules
    try scheduler.decide(
      incident("2f-1", .sev3, opened: "2026-11-26T10:00:00", resolved: "2026-11-26T11:00:00", generation: 1))
    try scheduler.decide(incident("2f-2", .sev1, opened: "2026-11-26T10:00:00", drill: true))
    try scheduler.decide(.handoff(.record(ChangeEvent(team: "platform", summary: "drill", drill: true))))
    #expect(scheduler.rules == known)
    #expect(try document(scheduler).document?.activeIssues.map(\.incidentId) == ["2f-1"])
  }

  /// Seed 213: by a clock 400 days ahead the resolve was too old to be told of, and the incident stayed active.
  @Test func whatIsKnownAsActiveEndsHoweverLongAgo() throws {
    var (scheduler, _, _) = try friday()
    try scheduler.decide(incident("2f-1", .sev3, opened: "2026-09-26T10:00:00"))
    let resolved = (opened: "2026-09-26T10:00:00", resolved: "2026-09-26T11:00:00")
    try scheduler.decide(
      incident("2f-1", .sev3, opened: resolved.opened, resolved: resolved.resolved, generation: 2))
    #expect(try document(scheduler).document?.activeIssues == [])
    let known = scheduler.rules
    try scheduler.decide(incident("2f-2", .sev3, opened: resolved.opened, resolved: resolved.resolved))
    #expect((scheduler.rules == known), "nothing was known of it, and no document would tell of it")
  }

  @Test func whatIsOldIsForgottenAtARenewal() throws {
    var (scheduler, _, _) = try friday()
    try scheduler.decide(incident("2f-1", .sev1, opened: "2026-11-26T10:00:00", resolved: "2026-11-26T11:00:00"))
    try scheduler.decide(incident("2f-2", .sev4, opened: "2026-11-26T10:00:00"))
    try scheduler.decide(.handoff(.record(ChangeEvent(team: "platform", summary: "release 4"))))
    scheduler.wait(.days(31))
    #expect(scheduler.facts.allSatisfy { if case .handoffMatterForgotten = $0.fact.kind { false } else { true } })
    scheduler.wait(.days(14))
    let forgotten = scheduler.facts.compactMap { fact in
      if case .handoffMatterForgotten(let forgotten) = fact.fact.kind { forgotten } else { nil }
    }
    #expect(forgotten == [HandoffMatterForgotten(incidents: ["2f-1"], changes: ["change-1"])])
    #expect(scheduler.restored == scheduler.rules)
  }

  @Test func theLongestWordsOfTheWorstWeekFitADocument() throws {
    var (scheduler, _, _) = try friday()
    for number in 1...120 {
      var incident = HandoffIncident(
        incidentId: "2f-\(number)", generation: 1, team: "platform", severity: .sev2,
        summary: String(repeating: "s", count: 30_000), openedAt: .utc("2026-11-26T10:00:00"))
      incident.impact = incident.summary
      incident.pages = (0..<300).map { PageTold(person: "ana", at: incident.openedAt + .minutes($0)) }
      try scheduler.decide(.handoff(.put(incident)))
    }
    guard case .handoffIncidentKnown(let fact) = scheduler.facts.last?.fact.kind, let known = fact.incident else {
      Issue.record("no incident is kept")
      return
    }
    #expect(known.summary.count == 1_000 && known.impact.count == 1_000)
    #expect(known.pages.count == 200 && known.pages.last?.at == .utc("2026-11-26T14:59:00"))
    let reply = try document(scheduler)
    #expect(reply.markdown.count > 32_768 && 2 * reply.markdown.count < 1_048_576)
  }

  @Test func aChangeIsReplacedUnderItsIdAndNumbersAreNotTaken() throws {
    var (scheduler, _, _) = try friday()
    let taken = ChangeEvent(id: "change-1", team: "platform", summary: "release 4")
    #expect(scheduler.refusal(.handoff(.record(taken)))?.field == "id")
    try scheduler.decide(.handoff(.record(ChangeEvent(team: "platform", summary: "release 4"))))
    var again = taken
    (again.at, again.impact) = (scheduler.now - .hours(1), "errors rose")
    try scheduler.decide(.handoff(.record(again)))
    #expect(try document(scheduler).document?.recentChanges.map(\.impact) == ["errors rose"])
  }

  @Test func theDocumentHasTheTemplatesSectionsInOrder() throws {
    var (scheduler, out, _) = try friday()
    try scheduler.decide(incident("2f-1", .sev1, opened: "2026-11-24T03:00:00", resolved: "2026-11-24T04:05:00"))
    try scheduler.decide(incident("2f-2", .sev3, opened: "2026-11-25T10:00:00", resolved: "2026-11-25T10:30:00"))
    try scheduler.decide(incident("2f-3", .sev3, opened: "2026-11-26T10:00:00"))
    try scheduler.decide(
      .handoff(
        .record(
          ChangeEvent(
            team: "platform", service: "aion-web-api", summary: "release 42", at: .utc("2026-11-25T09:00:00"),
            link: "https://ci/42"))))
    try scheduler.decide(edit(.recurringProblems, "aion-web-api/high_latency", "mitigation", "scale to six", by: out))
    try scheduler.decide(edit(.knownIssues, "Slow start", "", "the first call takes 5 s", by: out))
    try scheduler.decide(edit(.knownIssues, "Slow start", "impact", "one user an hour", by: out))
    try scheduler.decide(edit(.recentChanges, "change-1", "", "latency rose\n# no heading", by: out))
    try scheduler.decide(edit(.recommendations, "", "", "tune the latency alert", by: out))
    #expect(
      String(decoding: try document(scheduler).markdown, as: UTF8.self) == """
        # On-Call Handoff - 2026-11-30

        ## Summary
        - Incidents this week: SEV-1: 1, SEV-2: 0, SEV-3: 2, SEV-4: 0
        - Major incidents: SEV-1 2f-1 p95 above 500 ms (Tue 24 Nov 03:00 UTC, resolved after 1 h 5 min)
        - System health: working, 1 not resolved, none of them major

        ## Active Issues
        ### Issue 1: SEV-3 2f-3 p95 above 500 ms
        - Status: investigating
        - Impact: slow pages
        - Next steps: scale out
        - Owner: ana

        ## Recurring Problems
        - high_latency of aion-web-api: p95 above 500 ms
        - Frequency: 3 times in this shift
        - Mitigation: scale to six
        - Action item: not described

        ## Known Issues
        - Slow start: the first call takes 5 s; impact: one user an hour

        ## Recent Changes
        - 2026-11-25: aion-web-api: release 42 (https://ci/42)
        - Impact: latency rose # no heading

        ## Monitoring Notes
        - none

        ## Recommendations
        - tune the latency alert

        """)
  }

  @Test func signingFreezesTheTextAndAnEditNeedsANewSignature() throws {
    var (scheduler, out, next) = try friday()
    #expect(scheduler.refusal(.handoff(.accept(signature(next))))?.message.contains("isn't signed (H2)") == true)
    #expect(scheduler.refusal(.handoff(.sign(signature(next))))?.message.contains("can't sign") == true)
    try scheduler.decide(.handoff(.sign(signature(out))))
    let signed = try document(scheduler)
    try scheduler.decide(incident("2f-9", .sev2, opened: "2026-11-27T11:00:00"))
    #expect(try document(scheduler) == signed && signed.signedBy == out)
    #expect(scheduler.refusal(.handoff(.accept(signature(out))))?.message.contains("\(next), who takes over") == true)
    try scheduler.decide(.handoff(.accept(signature(next))))
    #expect(scheduler.refusal(.handoff(.sign(signature(out))))?.message.contains("an edit opens it again") == true)
    #expect(scheduler.restored == scheduler.rules)
    try scheduler.decide(edit(.summary, "", "", "shaky", by: out, at: handoff))
    let record = try scheduler.rules.showHandoff(HandoffRequest(team: "platform", at: handoff), now: scheduler.now)
    #expect(record.signedBy == "" && record.acceptedBy == "")
    let open = try document(scheduler).document
    #expect(open?.systemHealth == "shaky" && open?.activeIssues.map(\.incidentId) == ["2f-9"])
    try scheduler.decide(.handoff(.sign(signature("tara"))))
  }

  @Test func knownIssuesCarryOverUntilTheyAreRemoved() throws {
    var (scheduler, out, next) = try friday()
    try scheduler.decide(edit(.knownIssues, "Slow start", "", "5 s", by: out))
    scheduler.wait(.days(7))
    let later = handoff + .days(7)
    #expect(try document(scheduler, at: later).document?.knownIssues.map(\.title) == ["Slow start"])
    try scheduler.decide(edit(.knownIssues, "Slow start", "", "", by: next, at: later))
    #expect(try document(scheduler, at: later).document?.knownIssues == [])
    #expect(try document(scheduler).document?.knownIssues.count == 1, "what was handed over then stays")
  }

  @Test func theReportCountsPagesByHoursAndNightsBroken() throws {
    var (scheduler, out, next) = try friday()
    let pages = ["26T10:00:00", "26T22:00:00", "27T06:59:00", "28T07:00:00", "22T12:00:00"].map {
      PageTold(person: out, at: .utc("2026-11-" + $0))
    }
    scheduler.wait(until: handoff + .hours(1))
    try scheduler.decide(
      incident("2f-1", .sev2, opened: "2026-11-26T10:00:00", pages: pages + [PageTold(person: next, at: pages[0].at)]))
    try scheduler.decide(
      .pay(
        .put(
          Work(
            incidentId: "2f-1", person: out, generation: 1, team: "platform",
            spans: [WorkSpan(fromAt: handoff - .hours(2), untilAt: handoff + .minutes(30))]))))
    let words = HandoffFeedback(team: "platform", at: handoff, words: "too many pages", by: out)
    guard case .handoff(.report(let report)) = try scheduler.decide(.handoff(.feedback(words))) else {
      Issue.record("no report")
      return
    }
    #expect(report.person == out && report.untilAt == handoff)
    #expect([report.pagesBusiness, report.pagesAfterHours, report.pagesWeekend] == [1, 2, 1])
    #expect(report.nightsBroken == ["2026-11-26"] && report.worked == .hours(2))
    #expect(report.feedback.map(\.words) == ["too many pages"])
    #expect(
      scheduler.refusal(.handoff(.feedback(HandoffFeedback(team: "platform", at: handoff, words: "x", by: next))))
        != nil)
    #expect(scheduler.restored == scheduler.rules)
  }

  /// Requirement I8.
  @Test func aChangeThatASourceReportedIsInTheDocumentAndPeoplesWordsStay() throws {
    var (scheduler, _, _) = try friday()
    // Intake's clock is a day behind.
    let noted = scheduler.now - .days(1)
    let change = ChangeEvent(
      id: "2f-1", team: "platform", service: "aion-web-api", summary: String(repeating: "x", count: 900),
      at: noted - .minutes(5), by: "ci")
    let told = ScheduleInput.handoff(.told(ChangeTold(change: change, handedOverAt: noted)))
    try scheduler.decide(told)
    var known = try #require(scheduler.rules.condensed().compactMap(\.change).first)
    #expect(known.at == scheduler.now - .minutes(5) && known.summary.count == 500)
    known.impact = "5xx for a minute"
    try scheduler.decide(.handoff(.record(known)))
    scheduler.wait(until: scheduler.now + .hours(1))
    try scheduler.decide(told)
    #expect(scheduler.rules.condensed().compactMap(\.change) == [known])
    let changes = try document(scheduler).document?.recentChanges
    #expect(changes?.map(\.impact) == ["5xx for a minute"])
    for (field, told) in [
      ("change", ChangeTold()), ("change.id", ChangeTold(change: ChangeEvent(at: noted), handedOverAt: noted)),
      ("change.at_ms", ChangeTold(change: ChangeEvent(id: "2f-2"), handedOverAt: noted)),
      ("handed_over_at_ms", ChangeTold(change: change)),
    ] {
      #expect(scheduler.refusal(.handoff(.told(told)))?.field == field)
    }
  }
}

extension ScheduleFact {
  fileprivate var change: ChangeEvent? {
    if case .changeRecorded(let recorded) = kind { recorded.change } else { nil }
  }
}
