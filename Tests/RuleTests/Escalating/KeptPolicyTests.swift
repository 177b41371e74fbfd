import Escalating
import Messages
import Testing

/// A policy that changes under open incidents (requirement E6): each keeps the version that it was opened with, and whoever applies
/// the change is told which those are.
@Suite struct KeptPolicyTests {
  private static let hasty = Policy.shipped.changing(.sev1) {
    $0.acknowledgeTarget = .minutes(2)
    $0.acknowledgeMaximum = .minutes(4)
  }

  @Test func aRunningClockKeepsItsNumberAndANewIncidentHasTheNewOne() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.wait(.minutes(3))
    let reply = try escalator.configure([Self.hasty])
    #expect(reply.changes == ["policy platform changed: version 2"] && reply.applied)
    #expect(reply.keeps == ["1 open incident keeps version 1 of policy platform: 2f-1 (SEV-1)"])
    escalator.alert(.sev1, "2f-2", service: "aion-web-api")
    #expect(escalator.news() == ["11-25 10:00:00 duty ana", "11-25 10:03:00 duty ana"])
    escalator.wait(.minutes(8))
    let paged = escalator.news()
    #expect(paged.filter { $0.hasSuffix("duty ben") } == ["11-25 10:07:00 duty ben", "11-25 10:10:00 duty ben"])
    #expect(
      paged.filter { $0.hasSuffix("reminder ana") } == ["11-25 10:05:00 reminder ana", "11-25 10:05:00 reminder ana"])
  }

  @Test func aDryRunSaysTheSameAndChangesNothing() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    let shown = try escalator.configure([Self.hasty], dryRun: true)
    #expect(!shown.applied && escalator.incident().newerPolicyVersion == 0)
    #expect(try escalator.configure([Self.hasty]).keeps == shown.keeps && !shown.keeps.isEmpty)
    #expect(escalator.incident().policyVersion == 1 && escalator.incident().newerPolicyVersion == 2)
  }

  @Test func anApplyThatChangesNoPolicySaysNothing() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    #expect(try escalator.configure([.shipped]).keeps == [])
    try escalator.configure([Self.hasty])
    #expect(try escalator.configure([Self.hasty]) == ConfigureReply(applied: true))
  }

  @Test func eachVersionThatIsInUseIsSaid() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try escalator.configure([Self.hasty])
    escalator.alert(.sev1, "2f-2", service: "aion-web-api")
    #expect(
      try escalator.configure([.shipped]).keeps == [
        "1 open incident keeps version 1 of policy platform: 2f-1 (SEV-3)",
        "1 open incident keeps version 2 of policy platform: 2f-2 (SEV-1)",
      ])
  }

  @Test func theGravestAreNamedAndTheOthersCounted() throws {
    var escalator = Escalator()
    for number in 1...9 { escalator.alert(.sev3, "3-\(number)", service: "disk-\(number)") }
    for number in 1...4 { escalator.alert(.sev1, "1-\(number)", service: "web-\(number)") }
    let gravest = (1...4).map { "1-\($0) (SEV-1)" } + (1...6).map { "3-\($0) (SEV-3)" }
    #expect(
      try escalator.configure([Self.hasty]).keeps == [
        """
        13 open incidents keep version 1 of policy platform: \(gravest.joined(separator: ", ")), and 3 more \
        (tocsinctl incident list --policy platform --policy-version 1)
        """
      ])
  }

  @Test func howeverManyAreOpenOnlySoManyAreLookedAt() throws {
    var escalator = Escalator()
    for number in 1...10_000 { escalator.alert(.sev4, "4-\(number)", service: "disk-\(number)") }
    escalator.alert(.sev1, "1-1")
    let named = (1...10).map { "4-\($0) (SEV-4)" }.joined(separator: ", ")
    #expect(
      try escalator.configure([Self.hasty], dryRun: true).keeps == [
        """
        10001 open incidents keep version 1 of policy platform: of the 10000 oldest incidents the gravest, \
        \(named), and 9991 more (tocsinctl incident list --policy platform --policy-version 1)
        """
      ])
  }

  @Test func theRestIsListedByPolicyAndVersion() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try escalator.configure([Self.hasty])
    escalator.alert(.sev1, "2f-2", service: "aion-web-api")
    func listed(_ policy: String, _ version: UInt64 = 0) throws -> [String] {
      try escalator.rules.list(ListIncidentsRequest(policy: policy, policyVersion: version)).incidents.map(\.id)
    }
    #expect(try listed("platform") == ["2f-1", "2f-2"] && listed("standard") == [])
    #expect(try listed("platform", 1) == ["2f-1"] && listed("platform", 2) == ["2f-2"])
    #expect(throws: Refusal.invalid("policy_version", "needs policy: each counts its own versions")) {
      try listed("", 1)
    }
  }

  @Test func aPolicyThatIsConfiguredNoMoreIsToldOnceWithWhatGoesOnByIt() throws {
    var standard = Policy.shipped
    standard.name = "standard"
    var escalator = Escalator()
    escalator.alert(.sev1)
    let shown = try escalator.configure([standard], dryRun: true)
    #expect(shown.changes == ["policy standard added", "policy platform is configured no more"])
    #expect(shown.keeps == ["1 open incident keeps version 1 of policy platform: 2f-1 (SEV-1)"])
    let applied = try escalator.configure([standard])
    #expect(applied.applied && applied.changes == shown.changes && applied.keeps == shown.keeps)
    #expect(try escalator.configure([standard]) == ConfigureReply(applied: true))
    #expect(escalator.restored == escalator.rules)
    escalator.alert(.sev1, "2f-2", policy: "nobodys", service: "aion-web-api")
    #expect(escalator.incident().policy == "platform" && escalator.incident("2f-2").policy == "standard")
    #expect(
      try escalator.configure([standard, .shipped]).changes == ["policy platform is configured again: version 1"])
    #expect(escalator.restored == escalator.rules && escalator.incident().newerPolicyVersion == 0)
  }

  @Test func whatIsOverIsCountedNoMoreAndWhatIsOpenAgainIs() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.alert(.sev2, "2f-2", service: "aion-web-api")
    escalator.alert(.sev2, "2f-3", service: "aion-gpu")
    try escalator.resolve(by: "ana")
    try escalator.ask(.merge(MergeRequest(incidentId: "2f-2", by: "ana", parts: ["2f-3"], reason: "one cause")))
    #expect(
      try escalator.configure([Self.hasty], dryRun: true).keeps == [
        "1 open incident keeps version 1 of policy platform: 2f-2 (SEV-2)"
      ])
    try escalator.ask(.reopen(ReopenRequest(incidentId: "2f-1", by: "ana", reason: "it is back")))
    let again = try escalator.configure([Self.hasty], dryRun: true).keeps
    #expect(again == ["2 open incidents keep version 1 of policy platform: 2f-1 (SEV-1), 2f-2 (SEV-2)"])
    #expect(escalator.restored == escalator.rules && escalator.rules.openCount == 2)
    escalator.rules = escalator.restored
    #expect(try escalator.configure([Self.hasty]).keeps == again)
  }

  @Test func whatGoesToAnotherTeamRunsByTheNewestFromThenOn() throws {
    var escalator = Escalator(timelines: [.platform(), .platform("data", holders: [1: "cai"])])
    escalator.alert(.sev1)
    try escalator.configure([Self.hasty])
    escalator.alert(.sev1, generation: 2, team: "data")
    #expect(escalator.incident().policyVersion == 2 && escalator.incident().newerPolicyVersion == 0)
    #expect(
      try escalator.configure([.shipped], dryRun: true).keeps == [
        "1 open incident keeps version 2 of policy platform: 2f-1 (SEV-1)"
      ])
  }

  @Test func whatWasOpenedBeforeThereWasAPolicyIsSaid() throws {
    var escalator = Escalator(policies: [])
    escalator.alert(.sev1)
    #expect(
      try escalator.configure([.shipped]).keeps == [
        "1 open incident keeps the rule for when there is no policy: 2f-1 (SEV-1)"
      ])
  }
}
