import Escalating
import Machinery
import Messages
import Testing

/// What a review knows of itself: the changes around its incident, what is due when, and its document.
extension ReviewTests {
  // MARK: Evidence

  private func change(
    _ id: String, _ summary: String, _ service: String = "redis", _ team: String = "platform", ago: Span,
    at now: Instant
  ) -> EscalationInput {
    // Intake's clock is an hour behind.
    let told = now - .hours(1)
    return .change(
      ChangeReported(
        change: Change(
          id: id, source: "ci", summary: summary, service: service, team: team,
          labels: [Label(name: "pod", value: "a")],
          details: String(repeating: "x", count: 2_000), happenedAt: told - ago), handedOverAt: told))
  }

  @Test func whatWasChangedAroundItStaysWithTheReview() throws {
    var escalator = Escalator()
    let begin = escalator.now
    for (id, summary, service, ago) in [
      ("2f-c1", "too old", "redis", Span.hours(25)), ("2f-c2", "in time", "redis", .hours(23)),
      ("2f-c3", "another service", "web", .hours(1)),
    ] { try escalator.ask(change(id, summary, service, ago: ago, at: begin)) }
    escalator.alert(.sev2)
    escalator.wait(.minutes(1))
    try escalator.acknowledge(by: "ben")
    try escalator.ask(change("2f-c4", "rolled back", ago: .seconds(5), at: escalator.now))
    let facts = escalator.facts.count
    try escalator.ask(change("2f-c4", "rolled back", ago: .seconds(5), at: escalator.now))
    #expect(escalator.facts.count == facts, "it comes once or more often")
    #expect((escalator.restored == escalator.rules))
    escalator.wait(.minutes(1))
    try escalator.resolve(by: "ben")
    escalator.wait(.minutes(1))
    try escalator.ask(change("2f-c5", "reported late", ago: .seconds(90), at: escalator.now))
    try escalator.ask(change("2f-c6", "afterwards", ago: .seconds(30), at: escalator.now))
    func summaries() -> [String] { escalator.rules.review("2f-1")?.changes.map(\.summary) ?? [] }
    #expect(summaries() == ["in time", "rolled back", "reported late"])
    let first = try #require(escalator.rules.review("2f-1")?.changes.first)
    #expect(first.happenedAt == begin - .hours(23))
    #expect(
      first == Change(id: "2f-c2", source: "ci", summary: "in time", service: "redis", happenedAt: first.happenedAt))
    escalator.wait(.days(30))
    try escalator.ask(change("2f-c7", "a month later", ago: .zero, at: escalator.now))
    #expect(summaries() == ["in time", "rolled back", "reported late"], "what intake keeps for a week stays here")
    #expect((escalator.restored == escalator.rules))
  }

  @Test func aReopenedIncidentKeepsTheChangesOfItsFirstTime() throws {
    var escalator = Escalator()
    try escalator.ask(change("2f-c1", "before", ago: .hours(1), at: escalator.now))
    escalator.alert(.sev1)
    try escalator.acknowledge(by: "ben")
    try escalator.resolve(by: "ben")
    try escalator.ask(.reopen(ReopenRequest(incidentId: "2f-1", by: "ana", reason: "it is back")))
    try escalator.ask(change("2f-c2", "between", ago: .zero, at: escalator.now))
    escalator.wait(.minutes(1))
    try escalator.resolve(by: "ben")
    #expect(escalator.rules.review("2f-1")?.changes.map(\.summary) == ["before", "between"])
  }

  @Test func anIncidentWithoutAServiceIsReviewedWithItsTeamsChanges() throws {
    var escalator = Escalator()
    try escalator.ask(change("2f-c1", "ours", "web", ago: .hours(1), at: escalator.now))
    try escalator.ask(change("2f-c2", "theirs", "web", "data", ago: .hours(1), at: escalator.now))
    let alert = Alert(
      id: "2f-1", generation: 1, state: .open, source: "probe", severity: .sev1, summary: "down", team: "platform",
      policy: "platform", openedAt: escalator.now, handedOverAt: escalator.now)
    try escalator.ask(.alert(alert))
    try escalator.resolve(by: "ben")
    #expect(escalator.rules.review("2f-1")?.changes.map(\.summary) == ["ours"])
  }

  @Test func onlyTheLatestChangesAreKept() throws {
    var escalator = Escalator()
    for number in 1...60 { try escalator.ask(change("2f-c\(number)", "v\(number)", ago: .hours(1), at: escalator.now)) }
    escalator.alert(.sev1)
    try escalator.resolve(by: "ben")
    #expect(escalator.rules.review("2f-1")?.changes.map(\.summary) == (11...60).map { "v\($0)" })
    for number in 61...2_100 {
      try escalator.ask(change("2f-c\(number)", "v\(number)", "web", ago: .zero, at: escalator.now))
    }
    let kept = escalator.rules.condensed().count { if case .changeSeen = $0.kind { true } else { false } }
    #expect(kept == 2_000)
    #expect((escalator.restored == escalator.rules))
    escalator.wait(.days(8))
    try escalator.ask(change("2f-d1", "new", ago: .zero, at: escalator.now))
    #expect(escalator.rules.condensed().count { if case .changeSeen = $0.kind { true } else { false } } == 1)
  }

  @Test func aChangeThatSaysTooLittleIsRefused() throws {
    var escalator = Escalator()
    let now = escalator.now
    for (field, reported) in [
      ("change.id", ChangeReported(handedOverAt: now)),
      ("change.happened_at_ms", ChangeReported(change: Change(id: "2f-c1"), handedOverAt: now)),
      ("handed_over_at_ms", ChangeReported(change: Change(id: "2f-c1", happenedAt: now))),
    ] {
      do {
        try escalator.ask(.change(reported))
        #expect(Bool(false), "\(field) was taken")
      } catch {
        #expect(error.field == field)
      }
    }
  }

  // MARK: Time

  @Test func itsOwnerIsToldInTimeAndTheLeadWhenItIsLate() throws {
    var escalator = try over(.sev2)
    let head = "Review of 2f-1 (SEV-2 redis: down)"
    let tail = "(tocsinctl review show 2f-1)"
    escalator.wait(until: "2026-12-20T00:00:00Z")
    #expect(
      posts(escalator) == [
        "11-26 09:00:00 ben: \(head) is yours, due 2026-12-02 17:00 UTC \(tail)",
        "12-02 09:00:00 ben: \(head) is due today, 17:00 UTC \(tail)",
        "12-02 17:00:00 ben: \(head) was due 2026-12-02 17:00 UTC and is not held \(tail)",
        "12-02 17:00:00 lee: \(head) was due 2026-12-02 17:00 UTC and is not held \(tail)",
        "12-07 09:00:00 ben: \(head) was due 2026-12-02 17:00 UTC and is not held \(tail)",
        "12-07 09:00:00 lee: \(head) was due 2026-12-02 17:00 UTC and is not held \(tail)",
        "12-14 09:00:00 ben: \(head) was due 2026-12-02 17:00 UTC and is not held \(tail)",
        "12-14 09:00:00 lee: \(head) was due 2026-12-02 17:00 UTC and is not held \(tail)",
      ])
    #expect(try listed(escalator, ReviewsRequest(overdue: true)) == ["2f-1"])
    #expect((escalator.restored == escalator.rules))
  }

  @Test func whoeverHasItNowIsToldAndNobodyOnceItIsClosed() throws {
    var escalator = try over()
    #expect(
      try escalator.ask(.review(.reassign(ReviewReassignment(incidentId: "2f-1", by: "ben", to: "cai"))))
        == "review of 2f-1: is cai's now")
    escalator.wait(until: "2026-11-26T09:00:00Z")
    #expect(posts(escalator).map { $0.prefix(19) } == ["11-26 09:00:00 cai:"])
    try escalator.ask(attend())
    try escalator.ask(find())
    try escalator.ask(close())
    escalator.wait(.days(30))
    #expect(posts(escalator).count == 1)
  }

  @Test func anActionIsAskedForWhenItIsDue() throws {
    var escalator = try over()
    let due = escalator.now + .days(2) + .seconds(7)
    try escalator.ask(act("say how to grow the disk", due: due))
    try escalator.ask(act("test it", owner: "tess", due: due))
    try escalator.ask(act("done in time", due: due))
    try escalator.ask(tick(3))
    escalator.wait(.days(2) + .seconds(6))
    #expect(try listed(escalator, ReviewsRequest(overdue: true)) == [])
    escalator.wait(.seconds(1))
    let head = "Review of 2f-1 (SEV-1 redis: down)"
    #expect(
      posts(escalator).suffix(2) == [
        "11-27 10:02:07 cai: \(head): due now: 1. say how to grow the disk (tocsinctl review done 2f-1 NUMBER)",
        "11-27 10:02:07 tess: \(head): due now: 2. test it (tocsinctl review done 2f-1 NUMBER)",
      ])
    #expect(try listed(escalator, ReviewsRequest(overdue: true)) == ["2f-1"])
    #expect((escalator.restored == escalator.rules))
  }

  @Test func afterAnOutageTheWorstIsSaidAndNothingElse() throws {
    var escalator = try over()
    escalator.outage(.days(20))
    #expect(posts(escalator).count == 2 && posts(escalator)[0].contains("is not held"))
    #expect(escalator.rules.nextDeadline == Instant(rfc3339: "2026-12-21T09:00:00Z"), "as the next week begins")
  }

  @Test func wordsThatTheNotifierHasNotTakenAreOwedAcrossARestart() throws {
    var escalator = try over()
    escalator.isNotifierUp = false
    escalator.wait(until: "2026-11-26T09:00:00Z")
    escalator.rules = escalator.restored
    #expect(escalator.rules.owed(to: .notifier, limit: 9).map(\.key.id).suffix(1) == ["2f-1#r1"])
    escalator.notifierReturns()
    #expect(posts(escalator).count == 1 && escalator.rules.owed(to: .notifier, limit: 9).isEmpty)
  }

  @Test func whatIsDueIsCivilAndStaysWhenTheClockJumps() throws {
    var escalator = try over()
    escalator.stepClock(by: .minutes(30))
    #expect(escalator.rules.review("2f-1")?.dueAt == Instant(rfc3339: "2026-12-02T17:00:00Z"))
    escalator.wait(until: "2026-11-26T09:00:00Z")
    #expect(posts(escalator).map { $0.prefix(14) } == ["11-26 09:00:00"])
  }

  // MARK: As a document

  @Test func theDocumentHoldsAllThatIsKnown() throws {
    var escalator = try over()
    try escalator.ask(attend())
    try escalator.ask(find())
    try escalator.ask(act("say how to grow the disk", due: escalator.now + .days(3)))
    try escalator.ask(
      .review(
        .act(
          ReviewActionRequest(
            incidentId: "2f-1", by: "ana", text: "alert at 80 %", dueAt: escalator.now + .days(3)))))
    try escalator.ask(tick(2))
    try escalator.ask(close())
    let lines = escalator.facts.enumerated().compactMap { index, made in
      TimelineText.line(of: made.fact, at: made.at, sequence: UInt64(index))
    }
    let document = ReviewDocument(
      review: escalator.rules.review("2f-1"),
      timeline: TimelineDocument(of: escalator.incident(), lines: lines))
    #expect(
      document.markdown.hasPrefix(
        """
        # Post-incident review - 2f-1: down

        ## Review
        - State: closed 2026-11-25 10:02:00 UTC by ana, held 2026-11-25 10:02:00 UTC
        - Owner: ben
        - Team: platform
        - Due: 2026-12-02 17:00:00 UTC
        - Severity: SEV-1, the gravest that the incident had
        - Service: redis
        - Incident: 2026-11-25 10:00:00 UTC to 2026-11-25 10:02:00 UTC

        ## Attendance
        - ana
        - ben

        ## Findings

        ### Causes

        - the disk was full (ana)

        ## Action items
        - [x] 2. alert at 80 % (ben, by 2026-11-28; done 2026-11-25 by cai)

        ## Runbook updates
        - [ ] 1. say how to grow the disk (cai, by 2026-11-28)

        ## Alerts
        - 2f-1, SEV-1: down

        ## Changes
        - none

        # Incident timeline - 2f-1: down

        ## Summary
        """))
    #expect(document.markdown.contains("- 10:02:00 review: review closed by ana"))
  }
}
