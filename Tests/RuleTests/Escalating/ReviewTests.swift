import Escalating
import Machinery
import Messages
import Testing

/// Requirement E11: every SEV-1/2 gets a post-incident review.
@Suite struct ReviewTests {
  /// Acknowledged and resolved by Ben on Wednesday 2026-11-25 at 10:02 UTC.
  func over(_ severity: Severity = .sev1) throws -> Escalator {
    var escalator = Escalator()
    escalator.alert(severity)
    escalator.wait(.minutes(1))
    try escalator.acknowledge(by: "ben")
    escalator.wait(.minutes(1))
    try escalator.resolve(by: "ben")
    return escalator
  }

  func attend(_ people: [String] = ["ana", "ben"], _ id: String = "2f-1", at: Instant = .unset)
    -> EscalationInput
  {
    .review(.attend(AttendanceRequest(incidentId: id, by: "ana", people: people, heldAt: at)))
  }

  func find(_ text: String = "the disk was full", number: UInt32 = 0) -> EscalationInput {
    .review(.find(FindingRequest(incidentId: "2f-1", by: "ana", number: number, kind: .cause, text: text)))
  }

  func act(_ text: String, number: UInt32 = 0, owner: String = "cai", due: Instant) -> EscalationInput {
    .review(
      .act(
        ReviewActionRequest(
          incidentId: "2f-1", by: "ana", number: number, kind: .runbook, text: text, owner: owner, dueAt: due)))
  }

  func tick(_ number: UInt32, undo: Bool = false) -> EscalationInput {
    .review(.tick(ReviewTick(incidentId: "2f-1", by: "cai", number: number, undo: undo)))
  }

  func close(_ id: String = "2f-1", by person: String = "ana") -> EscalationInput {
    .review(.close(ReviewClosing(incidentId: id, by: person)))
  }

  func posts(_ escalator: Escalator) -> [String] {
    escalator.paid.compactMap { debt in
      guard case .post(let post) = debt, !post.person.isEmpty else { return nil }
      return "\(Escalator.clock(post.postedAt)) \(post.person): \(post.text)"
    }
  }

  func listed(_ escalator: Escalator, _ request: ReviewsRequest = ReviewsRequest()) throws -> [String] {
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
}
