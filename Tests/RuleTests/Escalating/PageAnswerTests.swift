import Escalating
import Machinery
import Messages
import Testing

/// An answer by a page's own channel does what a call of that person would have done (requirement N4).
@Suite struct PageAnswerTests {
  private static func answer(
    _ deed: AnswerDeed, by person: String = "ana", _ incident: String = "2f-1", page: Int = 1
  ) -> EscalationInput {
    .answer(
      PageAnswer(
        id: "\(incident)/\(person)/\(page)!\(deed)", pageId: "\(incident)/\(person)/\(page)", incidentId: incident,
        person: person, deed: deed, channel: "sms", answeredAt: Escalator.start))
  }

  private func lines(_ escalator: Escalator) -> [String] {
    escalator.facts.compactMap { TimelineText.line(of: $0.fact, at: $0.at, sequence: 1)?.text }
  }

  @Test func anAcknowledgementStopsThePagesAndSaysByWhatItCame() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    #expect(try escalator.ask(Self.answer(.acknowledge)) == "acknowledged; paging stops")
    #expect(escalator.incident().state == .acknowledged && escalator.incident().owner == "ana")
    #expect(escalator.incident().pages.allSatisfy { !$0.wanted })
    #expect(lines(escalator).contains("acknowledged by ana via sms"))
  }

  @Test func anEscalationThatIsHandedOverAgainPagesOnce() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    let words = try escalator.ask(Self.answer(.escalate))
    #expect(words == "tier 2 is paged")
    let facts = escalator.facts.count
    #expect(try escalator.ask(Self.answer(.escalate)) == words)
    #expect(escalator.facts.count == facts && escalator.incident().tier == 2)
    #expect(lines(escalator).contains("escalated to tier 2 by ana: asked for by sms, without further words"))
  }

  @Test func whatIsOverIsRefusedInWordsAndInTheTimeline() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    try escalator.resolve(by: "ben")
    let words = try escalator.ask(Self.answer(.acknowledge))
    #expect(words == "refused: incident 2f-1 was resolved at 10:00 UTC")
    #expect(
      lines(escalator).contains(
        "the answer of ana by sms changed nothing: incident 2f-1 was resolved at 10:00 UTC"))
    #expect(try escalator.ask(Self.answer(.acknowledge)) == words)
  }

  @Test func nobodyElsesNameAnswers() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    #expect(try escalator.ask(Self.answer(.acknowledge, by: "nobody")).hasPrefix("refused: no team knows"))
    #expect(escalator.incident().state == .triggered)
  }

  @Test func anAnswerToAPartIsOneToTheWhole() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.alert(.sev1, "2f-2")
    try escalator.ask(
      .merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: ["2f-2"], reason: "one disk")))
    let words = try escalator.ask(Self.answer(.acknowledge, "2f-2"))
    #expect(words == "2f-2 is part of 2f-1: acknowledged; paging stops", "\(words)")
    #expect(escalator.incident().state == .acknowledged)
  }

  // MARK: Openings

  /// The last page of a person about an incident, answered.
  private func answer(_ deed: AnswerDeed, to page: PageSummary, of incident: String = "2f-1") -> EscalationInput {
    .answer(
      PageAnswer(
        id: "\(page.pageId)!\(deed)", pageId: page.pageId, incidentId: incident, person: page.person, deed: deed,
        channel: "email", answeredAt: Escalator.start))
  }

  /// An old link, or an answer that was on its way for long: what it was given for is over.
  @Test(arguments: [AnswerDeed.acknowledge, .escalate, .resolve])
  func aPageFromBeforeTheReopeningAnswersNothing(deed: AnswerDeed) throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    let old = try #require(escalator.incident().pages.last)
    escalator.wait(.minutes(2))
    try escalator.resolve(by: "ben")
    escalator.wait(.minutes(3))
    try escalator.ask(.reopen(ReopenRequest(incidentId: "2f-1", by: "tess", reason: "it is back")))
    let words = try escalator.ask(answer(deed, to: old))
    #expect(
      words
        == "refused: the page is from before 2f-1 was opened again at 10:05 UTC: answer the newest page of it, or use tocsinctl"
    )
    #expect(escalator.incident().state == .triggered && escalator.incident().tier == 1)
    #expect(escalator.restored == escalator.rules)
    let kept = try escalator.restored.decide(answer(deed, to: old), at: escalator.now)
    guard case .answered(let reply) = kept.answer else { throw Refusal(.unknown, "no answer") }
    #expect(reply.refused && reply.status == Status.failedPrecondition.rawValue)
    let new = try #require(escalator.incident().pages.last { $0.person == old.person && $0.wanted })
    #expect(try !escalator.ask(answer(.acknowledge, to: new)).hasPrefix("refused"))
    #expect(escalator.incident().state == .acknowledged)
  }

  @Test func norAPageFromBeforeItFiredAgain() throws {
    var policy = Policy.shipped
    for index in policy.severities.indices { policy.severities[index].reopenWithin = .minutes(15) }
    var escalator = Escalator(policies: [policy])
    escalator.alert(.sev1)
    let old = try #require(escalator.incident().pages.last)
    escalator.alert(.sev1, generation: 2, state: .resolved)
    escalator.wait(.minutes(4))
    escalator.alert(.sev1, "2f-2", former: "2f-1")
    #expect(try escalator.ask(answer(.acknowledge, to: old)).hasPrefix("refused: the page is from before 2f-1"))
    #expect(escalator.incident().state == .triggered)
  }

  /// A part paged for itself until it became one: before the whole was opened again, or since.
  @Test func aPartsPageCountsForTheOpeningThatItBecameAPartIn() throws {
    var escalator = Escalator()
    for id in ["2f-1", "2f-2", "2f-3"] { escalator.alert(.sev1, id) }
    let pages = ["2f-2", "2f-3"].compactMap { escalator.incident($0).pages.last }
    func merge(_ part: String) -> EscalationInput {
      .merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: [part], reason: "one disk"))
    }
    try escalator.ask(merge("2f-2"))
    escalator.wait(.minutes(1))
    try escalator.resolve(by: "ben")
    escalator.wait(.minutes(1))
    try escalator.ask(.reopen(ReopenRequest(incidentId: "2f-1", by: "tess", reason: "it is back")))
    escalator.wait(.minutes(1))
    try escalator.ask(merge("2f-3"))
    #expect(try escalator.ask(answer(.acknowledge, to: pages[0], of: "2f-2")).hasPrefix("refused: the page is from"))
    #expect(escalator.incident().state == .triggered)
    #expect(try escalator.ask(answer(.acknowledge, to: pages[1], of: "2f-3")).hasPrefix("2f-3 is part of 2f-1"))
    #expect(escalator.incident().state == .acknowledged)
  }

  @Test func norAPartsOwnPageFromBeforeItsOwnReopening() throws {
    var escalator = Escalator()
    for id in ["2f-1", "2f-2"] { escalator.alert(.sev1, id) }
    let old = try #require(escalator.incident("2f-2").pages.last)
    try escalator.ask(.resolve(ResolveRequest(incidentId: "2f-2", by: "ben", note: "gone")))
    escalator.wait(.minutes(1))
    try escalator.ask(.reopen(ReopenRequest(incidentId: "2f-2", by: "tess", reason: "it is back")))
    try escalator.ask(.merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: ["2f-2"], reason: "one disk")))
    let state = escalator.incident().state
    let words = try escalator.ask(answer(.acknowledge, to: old, of: "2f-2"))
    #expect(words.hasPrefix("refused: the page is from before 2f-2"))
    #expect(escalator.incident().state == state)
  }

  @Test func whyItIsRefusedIsSaid() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    for (person, incident, why) in [("nobody", "2f-1", Status.notFound), ("ana", "2f-9", .notFound)] {
      let decision = try escalator.rules.decide(Self.answer(.acknowledge, by: person, incident), at: escalator.now)
      guard case .answered(let reply) = decision.answer else { throw Refusal(.unknown, "no answer") }
      #expect(reply.refused && reply.status == why.rawValue, "\(reply)")
    }
  }

  @Test func whatIsMissingIsNamed() {
    for (change, field) in [
      ({ $0.id = "" }, "id"), ({ $0.person = "" }, "person"), ({ $0.incidentId = "" }, "incident_id"),
      ({ $0.deed = .unspecified }, "deed"),
    ] as [((inout PageAnswer) -> Void, String)] {
      var answer = PageAnswer(
        id: "a", pageId: "2f-1/ana/1", incidentId: "2f-1", person: "ana", deed: .acknowledge, channel: "sms")
      change(&answer)
      let refusal = #expect(throws: Refusal.self) { try Escalator().rules.decide(.answer(answer), at: Escalator.start) }
      #expect(refusal?.field == field)
    }
  }

  @Test func aCheckpointKnowsWhatWasAnsweredForTwoDays() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    let words = try escalator.ask(Self.answer(.escalate))
    var restored = Escalations(zones: SystemZones.all)
    for fact in escalator.rules.condensed() { restored.apply(fact, at: escalator.now) }
    #expect(restored == escalator.rules)
    let again = try restored.decide(Self.answer(.escalate), at: escalator.now)
    #expect(again.facts.isEmpty && again.answer == .answered(PageAnswerReply(words: words)))
    escalator.wait(.hours(49))
    for number in 0..<3 { try escalator.ask(Self.answer(.acknowledge, by: "ana", page: 10 + number)) }
    let kept = escalator.rules.condensed().flatMap { fact -> [PageAnsweredKept] in
      if case .pageAnswers(let kept) = fact.kind { kept.answers } else { [] }
    }
    #expect(kept.count == 3)
  }
}
