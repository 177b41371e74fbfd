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
