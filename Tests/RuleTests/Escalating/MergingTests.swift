import Escalating
import Machinery
import Messages
import Testing

/// Requirement E6: incidents that are one are answered as one.
@Suite struct MergingTests {
  private func merge(_ parts: [String], into id: String = "2f-1", by person: String = "ana") -> EscalationInput {
    .merge(MergeRequest(incidentId: id, by: person, parts: parts, reason: "the same disk"))
  }

  /// Two SEV-3 and what was closed at intake so far.
  private func two(_ first: Severity = .sev3, _ second: Severity = .sev3) -> Escalator {
    var escalator = Escalator()
    escalator.alert(first, "2f-1")
    escalator.alert(second, "2f-2")
    _ = escalator.news()
    return escalator
  }

  private func closings(_ escalator: Escalator) -> [String] {
    escalator.paid.compactMap { if case .closing(let closing) = $0 { closing.alertId } else { nil } }
  }

  @Test func aPartPagesNoMoreAndTheWholeDoes() throws {
    var escalator = two()
    #expect(try escalator.ask(merge(["2f-2"])) == "2f-2: part of 2f-1 now")
    #expect(escalator.incident("2f-2").state == .resolved && escalator.incident("2f-2").mergedInto == "2f-1")
    #expect(escalator.incident("2f-2").pages.allSatisfy { !$0.wanted })
    #expect(escalator.incident().moreAlerts == 1 && escalator.incident().moreFiring == 1)
    escalator.wait(.hours(1))
    #expect(escalator.rules.openCount == 1)
    #expect(
      escalator.said == [
        "11-25 10:30:00 reminder ana", "11-25 10:30:00 headsUp ben", "11-25 11:00:00 duty ben",
        "11-25 11:00:00 reminder ana",
      ])
    #expect(escalator.lines("merged") == ["part of 2f-1 now, by ana: the same disk"])
    #expect(escalator.lines("joined") == ["2f-2 down is part of it now, by ana: the same disk"])
    #expect((escalator.restored == escalator.rules))
  }

  @Test func whoPagesTheWholeSaysHowMuchMoreItIs() throws {
    var escalator = two()
    try escalator.ask(merge(["2f-2"]))
    escalator.wait(.hours(1))
    let summaries = escalator.paid.compactMap { debt -> String? in
      if case .page(let page) = debt, page.wanted, page.incidentId == "2f-1" { page.summary } else { nil }
    }
    #expect(summaries.first == "down" && summaries.last == "down (and 1 more)")
  }

  @Test func whoAnswersAPartAnswersTheWhole() throws {
    var escalator = two()
    try escalator.ask(merge(["2f-2"]))
    let words = "2f-2 is part of 2f-1: acknowledged; paging stops; the page of ana is taken back"
    #expect(try escalator.acknowledge(by: "ben", "2f-2") == words)
    #expect(escalator.incident().owner == "ben")
    #expect(try escalator.resolve(by: "ben", "2f-2") == "2f-2 is part of 2f-1: resolved")
    #expect(escalator.rules.openCount == 0)
    #expect(throws: Refusal(.failedPrecondition, "incident 2f-1 was resolved at 10:00 UTC", field: "incident_id")) {
      try escalator.acknowledge(by: "ana", "2f-2")
    }
  }

  @Test func whatAPersonEndsIsClosedAtIntakeWithAllItsParts() throws {
    var escalator = two()
    escalator.alert(.sev3, "2f-3")
    try escalator.ask(merge(["2f-2", "2f-3"]))
    #expect(closings(escalator) == [])
    escalator.alert(.sev3, "2f-3", generation: 2, state: .resolved)
    try escalator.resolve(by: "ana")
    #expect(closings(escalator).sorted() == ["2f-1", "2f-2"], "the source knows of 2f-3")
    escalator.wait(.hours(2))
    #expect((try? escalator.rules.list(ListIncidentsRequest(includeResolved: true)))?.incidents == [])
    escalator.alert(.sev3, "2f-2", generation: 2)
    #expect(escalator.rules.openCount == 0 && closings(escalator).last == "2f-2", "a late copy opens nothing")
  }

  @Test(arguments: [["2f-1", "2f-2"], ["2f-2", "2f-1"]])
  func theWholeIsOverWhenAllItsSourcesSaySo(order: [String]) throws {
    var escalator = two()
    try escalator.ask(merge(["2f-2"]))
    escalator.alert(.sev3, order[0], generation: 2, state: .resolved)
    #expect(escalator.incident().state == .triggered)
    #expect(escalator.lines("alert-over").count == 1)
    #expect((escalator.restored == escalator.rules))
    escalator.alert(.sev3, order[1], generation: 2, state: .resolved)
    #expect(escalator.incident().state == .resolved)
    #expect(closings(escalator) == [])
  }

  @Test func theWholeIsAsBadAsItsWorstPart() throws {
    var escalator = two(.sev3, .sev1)
    try escalator.acknowledge(by: "ana")
    try escalator.ask(merge(["2f-2"]))
    #expect(escalator.incident().severity == .sev1)
    #expect(escalator.said == ["11-25 10:00:00 duty ana"])
    escalator.wait(.minutes(30))
    escalator.alert(.sev2, "2f-2", generation: 2)
    #expect(escalator.incident().severity == .sev1)
  }

  @Test func aPartThatBecomesWorseMakesTheWholeWorse() throws {
    var escalator = two()
    try escalator.ask(merge(["2f-2"]))
    escalator.alert(.sev2, "2f-2", generation: 2)
    #expect(escalator.incident().severity == .sev2)
    escalator.alert(.sev2, "2f-2", generation: 2)
    #expect(escalator.lines("severity").count == 1)
  }

  @Test func anAcknowledgedPartSilencesNothingOfTheWhole() throws {
    var escalator = two()
    try escalator.acknowledge(by: "ben", "2f-2")
    try escalator.ask(merge(["2f-2"]))
    #expect(escalator.incident().state == .triggered)
    escalator.alert(.sev3, "2f-2", generation: 2, state: .acknowledged)
    #expect(escalator.incident().state == .triggered)
    let works = escalator.paid.compactMap { if case .work(let work) = $0 { work } else { nil } }
    #expect(works.last?.incidentId == "2f-2" && works.last?.spans.last?.untilAt == Escalator.start)
  }

  @Test func aWholeBecomesAPartWithAllThatIsPartOfIt() throws {
    var escalator = two()
    escalator.alert(.sev3, "2f-3")
    try escalator.ask(merge(["2f-3"], into: "2f-2"))
    try escalator.ask(merge(["2f-2"]))
    #expect(escalator.incident().moreAlerts == 2)
    #expect(try escalator.acknowledge(by: "ana", "2f-3") == "2f-3 is part of 2f-1: acknowledged; paging stops")
    #expect((escalator.restored == escalator.rules))
    escalator.wait(.hours(3))
    #expect(escalator.incident("2f-3").id == "2f-1", "its own is left to history")
    #expect(try escalator.resolve(by: "ana", "2f-3") == "2f-3 is part of 2f-1: resolved")
    #expect(Set(closings(escalator)) == ["2f-1", "2f-2", "2f-3"])
  }

  @Test func mergingIsWorkingAndTheAcknowledgementHoldsAnew() throws {
    var escalator = two()
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(200))
    try escalator.ask(merge(["2f-2"]))
    escalator.wait(.minutes(41))
    #expect(escalator.incident().state == .acknowledged)
  }

  @Test func intakeThatForgotIsToldOfAllPartsAgain() throws {
    var escalator = two()
    try escalator.ask(merge(["2f-2"]))
    escalator.handOverAgain(to: .intake)
    #expect(closings(escalator) == [], "the part is closed, its alert is not")
    try escalator.resolve(by: "ana")
    escalator.handOverAgain(to: .intake)
    #expect(closings(escalator).sorted() == ["2f-1", "2f-1", "2f-2", "2f-2"])
    escalator.alert(.sev3, "2f-2", generation: 3)
    #expect(closings(escalator).last == "2f-2" && escalator.rules.openCount == 0)
  }

  @Test func nothingIsMergedIntoWhatOnlyItsSourceHasInHand() throws {
    var escalator = Escalator()
    escalator.alert(.sev3, "2f-1", state: .acknowledged)
    escalator.alert(.sev3, "2f-2")
    let said = "only its source has 2f-1 in hand: acknowledge it first, or merge it the other way round"
    #expect(throws: Refusal(.failedPrecondition, said, field: "incident_id")) { try escalator.ask(merge(["2f-2"])) }
    try escalator.acknowledge(by: "ben", "2f-2")
    try escalator.ask(merge(["2f-1"], into: "2f-2"))
  }

  @Test func whatIsAnsweredCountsAllThatIsPartOfAPart() throws {
    var escalator = two()
    escalator.alert(.sev3, "2f-3")
    try escalator.ask(merge(["2f-3"], into: "2f-2"))
    let decision = try escalator.rules.decide(merge(["2f-2"]), at: escalator.now)
    guard case .incident(let reply) = decision.answer else { return }
    #expect(reply.incident?.moreAlerts == 2 && reply.incident?.moreFiring == 2)
  }

  @Test func whatCannotBeMergedIsRefusedByName() throws {
    var escalator = two()
    escalator.alert(.sev3, "2f-3")
    func refused(_ refusal: Refusal, _ input: EscalationInput) {
      #expect(throws: refusal) { try escalator.ask(input) }
    }
    refused(Refusal(.invalidArgument, "say which incidents become part of it", field: "parts"), merge([]))
    refused(Refusal(.invalidArgument, "2f-1 can't be part of itself", field: "parts[1]"), merge(["2f-2", "2f-1"]))
    refused(Refusal(.notFound, "no open incident \"2f-9\"", field: "parts[0]"), merge(["2f-9"]))
    try escalator.ask(merge(["2f-2"]))
    #expect(try escalator.ask(merge(["2f-2"])) == "2f-2: part of it already")
    refused(
      Refusal(.failedPrecondition, "2f-2 is part of 2f-1: merge that one", field: "parts[0]"),
      merge(["2f-2"], into: "2f-3"))
    refused(Refusal(.invalidArgument, "2f-1 can't be part of itself", field: "parts[0]"), merge(["2f-1"], into: "2f-2"))
    try escalator.resolve(by: "ana", "2f-3")
    refused(
      Refusal(.failedPrecondition, "incident 2f-3 was resolved at 10:00 UTC", field: "parts[0]"), merge(["2f-3"]))
    refused(
      Refusal(.failedPrecondition, "incident 2f-3 was resolved at 10:00 UTC", field: "incident_id"),
      merge(["2f-1"], into: "2f-3"))
  }
}
