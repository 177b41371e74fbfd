import Escalating
import Messages
import Testing

/// Requirements E6 and E7: people are asked by name, and command is handed on.
@Suite struct HelpTests {
  private func ask(_ people: [String], by person: String = "ana", _ message: String = "") -> EscalationInput {
    .responders(RespondersRequest(incidentId: "2f-1", by: person, people: people, message: message))
  }

  private func delegate(to person: String, by: String = "ana") -> EscalationInput {
    .delegate(DelegationRequest(incidentId: "2f-1", by: by, to: person))
  }

  @Test func whoIsAskedIsPagedAndTheOwnerStays() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    _ = escalator.news()
    escalator.wait(.minutes(5))
    #expect(try escalator.ask(ask(["cai", "tess", "cai"], "it is the index")) == "cai, tess: paged")
    #expect(escalator.said.suffix(2) == ["11-25 10:05:00 duty cai", "11-25 10:05:00 duty tess"])
    #expect(
      escalator.lines("paged").contains("page to cai, tier 1: ana asks you to help: it is the index"))
    #expect(
      escalator.posts.last == "#incidents: [SEV-2] down (2f-1): ana asks for the help of cai, tess: it is the index")
    #expect(escalator.incident().owner == "ana" && escalator.incident().state == .acknowledged)
    #expect(try escalator.acknowledge(by: "cai") == "acknowledged as well; ana has it; the page of tess is taken back")
    #expect((escalator.restored == escalator.rules))
  }

  @Test func askingIsWorkingAndTheAcknowledgementHoldsAnew() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(200))
    try escalator.ask(ask(["cai"]))
    escalator.wait(.minutes(41))
    #expect(escalator.incident().state == .acknowledged)
  }

  @Test func nobodyIsAskedWhomNoTeamKnows() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    #expect(throws: Refusal(.notFound, "no team knows a person \"eve\"", field: "people")) {
      try escalator.ask(ask(["cai", "eve"]))
    }
    #expect(throws: Refusal(.invalidArgument, "say who is needed", field: "people")) { try escalator.ask(ask([])) }
    try escalator.resolve(by: "ana")
    #expect(throws: Refusal.self) { try escalator.ask(ask(["cai"])) }
  }

  @Test func theAcknowledgerCommandsUntilTheyDelegate() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    try escalator.acknowledge(by: "ana")
    #expect(escalator.incident().commander == "ana")
    _ = escalator.news()
    #expect(try escalator.ask(delegate(to: "tess")) == "tess commands it now")
    #expect(escalator.incident().commander == "tess" && escalator.incident().owner == "ana")
    #expect(escalator.said == ["11-25 10:00:00 tell tess"])
    #expect(escalator.posts.last == "#incidents: [SEV-1] down (2f-1): command: ana -> tess")
    try escalator.acknowledge(by: "ben")
    #expect(escalator.incident().commander == "tess")
    try escalator.update(by: "tess")
    escalator.wait(.minutes(29))
    #expect(
      escalator.said == ["11-25 10:00:00 tell tess", "11-25 10:25:00 reminder tess"], "not ana's, whose the work is")
    #expect(try escalator.ask(delegate(to: "tess", by: "ben")) == "tess commands it already")
    #expect((escalator.restored == escalator.rules))
  }

  @Test func aSev3HasNoCommander() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try escalator.acknowledge(by: "ana")
    let said = "a SEV-3 has no commander (E7): its owner has it, and reassigning gives it to another"
    #expect(throws: Refusal(.failedPrecondition, said)) { try escalator.ask(delegate(to: "tess")) }
  }
}
