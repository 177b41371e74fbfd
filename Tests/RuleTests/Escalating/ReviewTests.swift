import Escalating
import Machinery
import Messages
import Testing

/// Requirement E11: every SEV-1/2 gets a post-incident review.
@Suite struct ReviewTests {
  /// Acknowledged and resolved by Ben on Wednesday 2026-11-25 at 10:02 UTC.
  private func over(_ severity: Severity = .sev1) throws -> Escalator {
    var escalator = Escalator()
    escalator.alert(severity)
    escalator.wait(.minutes(1))
    try escalator.acknowledge(by: "ben")
    escalator.wait(.minutes(1))
    try escalator.resolve(by: "ben")
    return escalator
  }

  private func attend(_ people: [String] = ["ana", "ben"], _ id: String = "2f-1", at: Instant = .unset)
    -> EscalationInput
  {
    .review(.attend(AttendanceRequest(incidentId: id, by: "ana", people: people, heldAt: at)))
  }

  private func find(_ text: String = "the disk was full", number: UInt32 = 0) -> EscalationInput {
    .review(.find(FindingRequest(incidentId: "2f-1", by: "ana", number: number, kind: .cause, text: text)))
  }

  private func act(_ text: String, number: UInt32 = 0, owner: String = "cai", due: Instant) -> EscalationInput {
    .review(
      .act(
        ReviewActionRequest(
          incidentId: "2f-1", by: "ana", number: number, kind: .runbook, text: text, owner: owner, dueAt: due)))
  }

  private func tick(_ number: UInt32, undo: Bool = false) -> EscalationInput {
    .review(.tick(ReviewTick(incidentId: "2f-1", by: "cai", number: number, undo: undo)))
  }

  private func close(_ id: String = "2f-1", by person: String = "ana") -> EscalationInput {
    .review(.close(ReviewClosing(incidentId: id, by: person)))
  }

  private func posts(_ escalator: Escalator) -> [String] {
    escalator.paid.compactMap { debt in
      guard case .post(let post) = debt, !post.person.isEmpty else { return nil }
      return "\(Escalator.clock(post.postedAt)) \(post.person): \(post.text)"
    }
  }

  private func listed(_ escalator: Escalator, _ request: ReviewsRequest = ReviewsRequest()) throws -> [String] {
    try escalator.rules.list(request, now: escalator.now).reviews.map(\.incidentId)
  }

  // MARK: When there is one

  @Test(arguments: [Severity.sev1, .sev2]) func aReviewOpensWhenItIsOver(severity: Severity) throws {
    let escalator = try over(severity)
    let review = try #require(escalator.rules.review("2f-1"))
    #expect(review.state == .open && review.severity == severity && review.owner == "ben")
    #expect(review.beganAt == Escalator.start && review.endedAt == escalator.now && review.summary == "down")
    #expect(review.dueAt == Instant(rfc3339: "2026-12-02T17:00:00Z"), "the end of the fifth business day")
    #expect(escalator.lines("review") == ["it is to be reviewed by 2026-12-02 17:00 UTC, which ben sees to"])
    #expect((escalator.restored == escalator.rules))
  }

  @Test(arguments: [Severity.sev3, .sev4]) func whatIsNotSoBadGetsNone(severity: Severity) throws {
    var escalator = try over(severity)
    #expect(escalator.rules.review("2f-1") == nil && escalator.lines("review") == [])
    let said = "incident 2f-1 was never a SEV-1 or SEV-2: it gets no review"
    #expect(throws: Refusal(.failedPrecondition, said, field: "incident_id")) { try escalator.ask(attend()) }
  }

  @Test func whatWasEverSoBadIsReviewed() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ben")
    func call(_ severity: Severity) throws {
      try escalator.ask(
        .severity(SeverityRequest(incidentId: "2f-1", by: "ben", severity: severity, reason: "so it looks")))
    }
    try call(.sev3)
    try call(.sev4)
    #expect((escalator.restored == escalator.rules))
    escalator.rules = escalator.restored
    try escalator.resolve(by: "ben")
    #expect(escalator.rules.review("2f-1")?.severity == .sev2, "its review can say that it wasn't")
  }

  @Test func whoeverCommandedOwnsItElseTheLead() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    try escalator.acknowledge(by: "ben")
    try escalator.ask(.delegate(DelegationRequest(incidentId: "2f-1", by: "ben", to: "cai")))
    try escalator.resolve(by: "ben")
    #expect(escalator.rules.review("2f-1")?.owner == "cai")
    escalator.alert(.sev2, "2f-2")
    escalator.alert(.sev2, "2f-2", generation: 2, state: .resolved)
    #expect(escalator.rules.review("2f-2")?.owner == "lee", "nobody had it")
  }

  @Test func aPartIsReviewedWithTheWhole() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    escalator.alert(.sev1, "2f-2")
    try escalator.ask(.merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: ["2f-2"], reason: "one disk")))
    try escalator.ask(
      .severity(SeverityRequest(incidentId: "2f-1", by: "ana", severity: .sev3, reason: "one customer")))
    #expect(escalator.rules.review("2f-2") == nil)
    try escalator.resolve(by: "ana")
    let review = try #require(escalator.rules.review("2f-2"))
    #expect(review.incidentId == "2f-1" && review.severity == .sev1, "as bad as its parts ever were")
    #expect(review.alerts.map(\.id) == ["2f-1", "2f-2"] && review.alerts.map(\.severity) == [.sev3, .sev1])
    #expect(review.alerts.map(\.summary) == ["down", "down"])
    try escalator.ask(attend(["cai"], "2f-2"))
    #expect(escalator.rules.review("2f-1")?.attended == ["cai"])
    #expect((escalator.restored == escalator.rules))
  }

  @Test func aPartWhoseSeverityFellBeforeItWasMergedCounts() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    escalator.alert(.sev1, "2f-2")
    try escalator.ask(
      .severity(SeverityRequest(incidentId: "2f-2", by: "ana", severity: .sev4, reason: "one customer")))
    try escalator.ask(.merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: ["2f-2"], reason: "one disk")))
    #expect((escalator.restored == escalator.rules))
    try escalator.resolve(by: "ana")
    #expect(escalator.rules.review("2f-1")?.severity == .sev1)
  }

  // MARK: Reopened

  @Test func aReopenedIncidentContinuesItsReview() throws {
    var escalator = try over()
    try escalator.ask(attend())
    try escalator.ask(find())
    try escalator.ask(close())
    escalator.wait(.minutes(10))
    try escalator.ask(.reopen(ReopenRequest(incidentId: "2f-1", by: "ana", reason: "it is back")))
    var review = try #require(escalator.rules.review("2f-1"), "it had not left: its incident was here")
    #expect(review.state == .held && !review.closedAt.isSet && !review.dueAt.isSet && !review.endedAt.isSet)
    let said = "incident 2f-1 is open again: its review is closed after its end"
    #expect(throws: Refusal(.failedPrecondition, said, field: "incident_id")) { try escalator.ask(close()) }
    #expect((escalator.restored == escalator.rules))
    try escalator.acknowledge(by: "tess")
    escalator.wait(until: "2026-11-26T09:30:00Z")
    try escalator.resolve(by: "tess")
    review = try #require(escalator.rules.review("2f-1"))
    #expect(review.findings.count == 1 && review.attended == ["ana", "ben"] && review.owner == "ben")
    #expect(review.dueAt == Instant(rfc3339: "2026-12-03T17:00:00Z"))
    #expect(try escalator.ask(close()) == "review of 2f-1: closed")
  }

  @Test func whatWasLearnedOfAReopenedPartGoesOnWithTheWhole() throws {
    var escalator = try over()
    try escalator.ask(attend(["cai"]))
    try escalator.ask(find())
    try escalator.ask(act("say how to grow the disk", due: escalator.now + .days(3)))
    try escalator.ask(.reopen(ReopenRequest(incidentId: "2f-1", by: "ana", reason: "it is back")))
    escalator.alert(.sev3, "2f-2")
    try escalator.ask(.merge(MergeRequest(incidentId: "2f-2", by: "ana", parts: ["2f-1"], reason: "one disk")))
    #expect((escalator.restored == escalator.rules))
    try escalator.resolve(by: "ana", "2f-2")
    let review = try #require(escalator.rules.review("2f-1"))
    #expect(review.incidentId == "2f-2" && review.severity == .sev1 && review.attended == ["cai"])
    #expect(review.findings.map(\.text) == ["the disk was full"] && review.actions.map(\.owner) == ["cai"])
    #expect(try listed(escalator) == ["2f-2"])
    #expect((escalator.restored == escalator.rules))
  }

  // MARK: What people do

  @Test func itIsClosedOnceItIsHeldAndSaysSomething() throws {
    var escalator = try over()
    func cannot(_ missing: String) {
      let said = "the review of 2f-1 can't be closed: \(missing)"
      #expect(throws: Refusal(.failedPrecondition, said, field: "incident_id")) { try escalator.ask(close()) }
    }
    cannot("nobody's attendance is recorded, and it has no finding")
    #expect(try escalator.ask(attend()) == "review of 2f-1: 2 attended")
    #expect(escalator.rules.review("2f-1")?.state == .held && escalator.rules.review("2f-1")?.heldAt == escalator.now)
    cannot("it has no finding")
    #expect(try escalator.ask(find()) == "review of 2f-1: finding 1")
    try escalator.ask(
      .review(.attend(AttendanceRequest(incidentId: "2f-1", by: "ana", people: ["ana", "ben"], absent: true))))
    #expect(escalator.rules.review("2f-1")?.state == .open)
    cannot("nobody's attendance is recorded")
    try escalator.ask(attend(["tess"]))
    #expect(try escalator.ask(close()) == "review of 2f-1: closed")
    #expect(try escalator.ask(close(by: "ben")) == "review of 2f-1: was closed by ana 2026-11-25 10:02 UTC")
    for input in [attend(), find(), act("x", due: escalator.now + .days(1))] {
      let said = "the review of 2f-1 was closed by ana 2026-11-25 10:02 UTC"
      #expect(throws: Refusal(.failedPrecondition, said, field: "incident_id")) { try escalator.ask(input) }
    }
    #expect(escalator.lines("finding") == ["finding 1 by ana, cause: the disk was full"])
    #expect(escalator.lines("review").last == "review closed by ana")
  }

  @Test func findingsAndActionsAreChangedAndTakenBack() throws {
    var escalator = try over()
    try escalator.ask(find("wrong"))
    try escalator.ask(find("right", number: 1))
    #expect(try escalator.ask(find("second")) == "review of 2f-1: finding 2")
    #expect(try escalator.ask(find("", number: 1)) == "review of 2f-1: finding 1 is taken back")
    #expect(try escalator.ask(find("third")) == "review of 2f-1: finding 3", "a number is never used again")
    let due = escalator.now + .days(2)
    #expect(try escalator.ask(act("grow the disk", due: due)) == "review of 2f-1: action 1, for cai")
    try escalator.ask(act("grow both disks", number: 1, owner: "", due: due + .days(1)))
    try escalator.ask(act("another", due: due))
    try escalator.ask(act("", number: 2, due: due))
    let review = try #require(escalator.rules.review("2f-1"))
    #expect(review.findings.map(\.text) == ["second", "third"])
    #expect(review.actions.map(\.text) == ["grow both disks"] && review.actions[0].owner == "cai")
    #expect((escalator.restored == escalator.rules))
  }

  @Test func aClosedReviewLeavesWhenItsActionsAreDoneAndItsIncidentIsHistory() throws {
    var escalator = try over()
    try escalator.ask(attend())
    try escalator.ask(find())
    try escalator.ask(act("say how to grow the disk", due: escalator.now + .days(3)))
    #expect(try escalator.ask(close()) == "review of 2f-1: closed; 1 action is to be done")
    #expect(try listed(escalator) == [])
    #expect(try listed(escalator, ReviewsRequest(includeClosed: true)) == ["2f-1"])
    #expect(try listed(escalator, ReviewsRequest(owner: "cai", includeClosed: true)) == ["2f-1"])
    #expect(try listed(escalator, ReviewsRequest(owner: "ben", includeClosed: true)) == [])
    escalator.wait(.hours(2))
    #expect(escalator.rules.incident("2f-1") == nil && escalator.rules.review("2f-1") != nil)
    #expect((escalator.restored == escalator.rules))
    #expect(try escalator.ask(tick(1)) == "review of 2f-1: action 1 is done")
    #expect(escalator.rules.review("2f-1") == nil)
    guard case .reviewLeft(let left) = escalator.facts.last?.fact.kind else { return #expect(Bool(false), "it left") }
    #expect(left.last?.actions.first?.doneBy == "cai" && left.last?.state == .closed)
    #expect((escalator.restored == escalator.rules))
    let said = "no open review of an incident \"2f-1\" (closed ones are in history)"
    #expect(throws: Refusal(.notFound, said, field: "incident_id")) { try escalator.ask(tick(1, undo: true)) }
  }

  @Test func oneThatWasClosedAtOnceLeavesWithItsIncident() throws {
    var escalator = try over()
    try escalator.ask(attend())
    try escalator.ask(find())
    try escalator.ask(close())
    #expect(escalator.rules.review("2f-1") != nil)
    escalator.wait(.hours(2))
    #expect(escalator.rules.review("2f-1") == nil)
    #expect(escalator.facts.contains { if case .reviewLeft = $0.fact.kind { true } else { false } })
  }

  @Test func badRequestsAreRefusedWithFieldAndRule() throws {
    var escalator = try over()
    let due = escalator.now + .days(1)
    func refuses(_ field: String, _ input: EscalationInput, _ status: Status = .invalidArgument) {
      do {
        try escalator.ask(input)
        #expect(Bool(false), "\(field) was taken")
      } catch {
        #expect(error.field == field && error.status == status, "\(error)")
      }
    }
    refuses("people", attend([]))
    refuses("people[1]", attend(["ana", "nobody"]), .notFound)
    refuses("held_at_ms", attend(at: escalator.now + .minutes(1)))
    refuses("held_at_ms", attend(at: Escalator.start - .minutes(1)))
    refuses("incident_id", attend(["ana"], "2f-9"), .notFound)
    refuses("incident_id", attend(["ana"], ""))
    refuses("by", close(by: ""))
    refuses("by", close(by: "nobody"), .notFound)
    refuses("text", find(""))
    refuses("text", find(String(repeating: "x", count: 2_001)))
    refuses("number", find("x", number: 7), .notFound)
    refuses("number", act("x", number: 7, due: due), .notFound)
    refuses("text", act("", due: due))
    refuses("text", act(String(repeating: "x", count: 501), due: due))
    refuses("owner", act("x", owner: "nobody", due: due), .notFound)
    refuses("due_at_ms", act("x", due: .unset))
    refuses("due_at_ms", act("x", due: escalator.now))
    refuses("due_at_ms", act("x", due: escalator.now + .days(400)))
    refuses("number", tick(1), .notFound)
    refuses("to", .review(.reassign(ReviewReassignment(incidentId: "2f-1", by: "ana", to: "nobody"))), .notFound)
    for number in 1...50 { try escalator.ask(find("finding \(number)")) }
    refuses("number", find("one too many"), .resourceExhausted)
    for number in 1...50 { try escalator.ask(act("action \(number)", due: due)) }
    refuses("number", act("one too many", due: due), .resourceExhausted)
    #expect(throws: Refusal(.invalidArgument, "at most 1000", field: "limit")) {
      try listed(escalator, ReviewsRequest(limit: 1_001))
    }
  }

  @Test func anOpenIncidentHasNoReviewYet() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    let said = "incident 2f-1 is open: its review begins when it is over"
    #expect(throws: Refusal(.failedPrecondition, said, field: "incident_id")) { try escalator.ask(attend()) }
  }

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
