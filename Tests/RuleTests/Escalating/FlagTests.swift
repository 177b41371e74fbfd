import Escalating
import Messages
import Testing

/// Requirement E5: what a person sees and no clock does engages a tier at once.
@Suite struct FlagTests {
  private func raise(_ flags: [String], by person: String = "ana", _ note: String = "") -> EscalationInput {
    .flags(FlagsRequest(incidentId: "2f-1", by: person, flags: flags, note: note))
  }

  /// A SEV-3 that ana has acknowledged.
  private func taken() throws -> Escalator {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try escalator.acknowledge(by: "ana")
    _ = escalator.news()
    return escalator
  }

  @Test(arguments: [
    ("domain-expertise", "duty ben"), ("complexity", "duty ben"), ("multiple-responders", "duty ben"),
    ("cross-team", "duty tess"), ("management-decision", "duty tess"), ("customer-communication", "duty tess"),
    ("major-customer-impact", "duty vera"), ("media", "duty vera"), ("legal", "duty vera"),
    ("executive-inquiry", "duty vera"), ("company-wide", "duty vera"), ("security-breach", "duty vera"),
    ("regulatory", "duty vera"),
  ])
  func eachFlagEngagesItsTier(_ flag: String, _ heard: String) throws {
    var escalator = try taken()
    try escalator.ask(raise([flag]))
    #expect(escalator.said == ["11-25 10:00:00 \(heard)"], "whatever the severity's top tier is")
    #expect(escalator.incident().flags == [flag] && escalator.incident().state == .acknowledged)
    #expect(escalator.posts.last?.contains("Reason: \(flag)") == true)
  }

  @Test func severalFlagsEngageSeveralTiersAndNoneTwice() throws {
    var escalator = try taken()
    #expect(try escalator.ask(raise(["legal", "complexity", "legal"], "a letter came")) == "tiers 2 and 4 are paged")
    #expect(escalator.said == ["11-25 10:00:00 duty ben", "11-25 10:00:00 duty vera"])
    #expect(escalator.lines("flags") == ["ana raises legal, complexity: a letter came"])
    #expect(try escalator.ask(raise(["legal"])) == "raised already; nobody is paged for it again")
    #expect(try escalator.ask(raise(["cross-team"])) == "noted; tier 4 is engaged already")
    #expect(escalator.incident().flags == ["legal", "complexity", "cross-team"])
    #expect(escalator.said.count == 2)
  }

  @Test func aSev1ThatNeedsTheSecondaryReachesTheTertiaryToo() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    _ = escalator.news()
    #expect(try escalator.ask(raise(["multiple-responders"])) == "tiers 2 and 3 are paged")
    #expect(escalator.said == ["11-25 10:00:00 duty ben", "11-25 10:00:00 duty tess"])
  }

  @Test func aFlagThatThePolicyDoesNotKnowIsRefusedWithThoseThatItDoes() throws {
    var escalator = try taken()
    #expect(
      throws: Refusal(
        .invalidArgument,
        "\"fire\" is none of the policy's: domain-expertise, complexity, multiple-responders, cross-team, "
          + "management-decision, customer-communication, major-customer-impact, media, legal, executive-inquiry, "
          + "company-wide, security-breach, regulatory", field: "flags[1]")
    ) { try escalator.ask(raise(["legal", "fire"])) }
    #expect(escalator.incident().flags == [])
    #expect(throws: Refusal.self) { try escalator.ask(raise([])) }
  }

  @Test func aFlagOfATierThatNobodyHoldsReachesTheLead() throws {
    var escalator = Escalator(timelines: [.platform(holders: [1: "ana", 2: "ben"], executives: [])])
    escalator.alert(.sev3)
    try escalator.acknowledge(by: "ana")
    _ = escalator.news()
    #expect(
      try escalator.ask(raise(["cross-team"])) == "nobody was found on tier 3 or behind it; paged instead: lee")
    #expect(escalator.said == ["11-25 10:00:00 duty lee"])
  }

  @Test func flagsOutliveACheckpoint() throws {
    var escalator = try taken()
    try escalator.ask(raise(["legal"]))
    #expect((escalator.restored == escalator.rules))
  }
}
