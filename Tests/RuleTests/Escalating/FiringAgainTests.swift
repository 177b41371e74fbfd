import Escalating
import Machinery
import Messages
import Testing

/// Requirement E6: what fires again soon after its end is the same incident.
@Suite struct FiringAgainTests {
  private static func policy(_ within: Span = .minutes(15), grouping: Grouping? = nil) -> Policy {
    var policy = Policy.shipped
    for index in policy.severities.indices { policy.severities[index].reopenWithin = within }
    policy.grouping = grouping
    return policy
  }

  /// Acknowledged by Ben after a minute; a minute later its source says that it is over.
  private func over(
    _ severity: Severity = .sev1, within: Span = .minutes(15), grouping: Grouping? = nil
  ) throws -> Escalator {
    var escalator = Escalator(policies: [Self.policy(within, grouping: grouping)])
    escalator.alert(severity)
    escalator.wait(.minutes(1))
    try escalator.acknowledge(by: "ben")
    escalator.wait(.minutes(1))
    escalator.alert(severity, generation: 2, state: .resolved)
    _ = escalator.news()
    return escalator
  }

  private func reopen(_ id: String = "2f-1") -> EscalationInput {
    .reopen(ReopenRequest(incidentId: id, by: "tess", reason: "it is back"))
  }

  // MARK: What it is then

  @Test func itIsTheSameIncidentPagedAsIfItHadJustOpened() throws {
    var escalator = try over()
    escalator.wait(.minutes(4))
    escalator.alert(.sev1, "2f-2", former: "2f-1")
    #expect(escalator.said == ["11-25 10:06:00 duty ana"], "by the policy: Ben, who had it, is on tier 2")
    #expect(escalator.rules.openCount == 1 && escalator.incident("2f-2").id == "2f-1")
    #expect(escalator.incident().state == .triggered && escalator.incident().owner == "")
    #expect(
      escalator.lines("fired-again")
        == ["open again: 2f-2 down, fired again 4 min after it was resolved; ben had it"])
    #expect(
      escalator.posts.last
        == "#incidents: [SEV-1] down (2f-1): fired again 4 min after it was resolved; ben had it")
    #expect((escalator.restored == escalator.rules))
  }

  @Test func allItsClocksRunAnew() throws {
    var escalator = try over()
    escalator.wait(.minutes(4))
    escalator.alert(.sev1, "2f-2", former: "2f-1")
    _ = escalator.news()
    escalator.wait(.minutes(10))
    #expect(
      escalator.said == [
        "11-25 10:11:00 reminder ana", "11-25 10:11:00 headsUp ben", "11-25 10:16:00 duty ben",
        "11-25 10:16:00 duty tess",
      ])
    #expect(escalator.lines("breach").contains("investigation was due 10:16 UTC"))
  }

  @Test func itsSourceEndsIt() throws {
    var escalator = try over()
    escalator.alert(.sev1, "2f-2", former: "2f-1")
    escalator.alert(.sev1, "2f-2", generation: 2, state: .resolved)
    #expect(escalator.rules.openCount == 0)
  }

  @Test func itsSourceEndsItThoughAPersonHadOpenedItAgainBefore() throws {
    var escalator = try over()
    try escalator.ask(reopen())
    try escalator.resolve(by: "tess")
    escalator.alert(.sev1, "2f-2", former: "2f-1")
    #expect(escalator.incident("2f-2").id == "2f-1")
    escalator.alert(.sev1, "2f-2", generation: 2, state: .resolved)
    #expect(escalator.rules.openCount == 0)
    try escalator.ask(reopen())
    escalator.alert(.sev1, "2f-2", generation: 3)
    escalator.alert(.sev1, "2f-2", generation: 4, state: .resolved)
    #expect(escalator.rules.openCount == 1, "a person's word again")
  }

  @Test func whoEndsItEndsItAtIntakeToo() throws {
    var escalator = try over()
    escalator.alert(.sev1, "2f-2", former: "2f-1")
    try escalator.resolve(by: "ana", "2f-2")
    let closed = escalator.paid.compactMap { if case .closing(let closing) = $0 { closing.alertId } else { nil } }
    #expect(closed == ["2f-2"])
    escalator.wait(.hours(2))
    #expect(escalator.rules.incident("2f-1") == nil && escalator.rules.incident("2f-2") == nil)
    escalator.alert(.sev1, "2f-2", generation: 3)
    #expect(escalator.rules.openCount == 0, "a late copy opens nothing")
  }

  @Test func eachTimePagesAndSaysHowOften() throws {
    var escalator = try over(.sev3)
    for number in 2...4 {
      escalator.wait(.minutes(5))
      escalator.alert(.sev3, "2f-\(number)", former: "2f-\(number - 1)")
      escalator.wait(.minutes(1))
      escalator.alert(.sev3, "2f-\(number)", generation: 2, state: .resolved)
    }
    #expect(escalator.said.filter { $0.contains("duty") }.count == 3)
    #expect(escalator.lines("fired-again").last?.hasSuffix("after it was resolved, for the 3rd time") == true)
    #expect(escalator.incident("2f-4").id == "2f-1" && escalator.incident().moreAlerts == 3)
  }

  @Test func whatFlapsForEverIsANewIncidentAtLast() throws {
    var escalator = try over(.sev3)
    for number in 2...102 {
      escalator.wait(.minutes(1))
      escalator.alert(.sev3, "2f-\(number)", former: "2f-\(number - 1)")
      escalator.alert(.sev3, "2f-\(number)", generation: 2, state: .resolved)
    }
    #expect(escalator.incident("2f-101").id == "2f-1" && escalator.incident("2f-102").id == "2f-102")
    #expect(escalator.lines("fired-before") == ["its alert fired before, as 2f-101"])
  }

  // MARK: Severity

  @Test func itIsAsBadAsWhatFiresNow() throws {
    var escalator = try over(.sev3)
    escalator.alert(.sev1, "2f-2", former: "2f-1")
    #expect(escalator.incident().severity == .sev1)
    #expect(escalator.lines("severity") == ["now SEV-1"])
    escalator.wait(.minutes(10))
    #expect(escalator.said.contains("11-25 10:12:00 duty ben"), "by the clocks of a SEV-1")
    try escalator.resolve(by: "ana")
    escalator.alert(.sev3, "2f-3", former: "2f-2")
    #expect(escalator.incident().severity == .sev3)
    #expect((escalator.restored == escalator.rules))
  }

  @Test func whatIsForWorkingHoursWaitsForThem() throws {
    var escalator = Escalator(policies: [Self.policy(.hours(1))])
    escalator.alert(.sev4)
    escalator.wait(until: "2026-11-25T16:30:00Z")
    try escalator.resolve(by: "ana")
    _ = escalator.news()
    escalator.wait(until: "2026-11-25T17:10:00Z")
    escalator.alert(.sev4, "2f-2", former: "2f-1")
    #expect(escalator.said == [] && escalator.incident("2f-2").id == "2f-1")
    escalator.wait(until: "2026-11-26T09:30:00Z")
    #expect(escalator.said == ["11-26 09:00:00 duty ana"])
  }

  // MARK: What it is one of

  @Test func aReviewGoesOn() throws {
    var escalator = try over()
    let review = try #require(escalator.rules.review("2f-1"))
    escalator.alert(.sev1, "2f-2", former: "2f-1")
    try escalator.acknowledge(by: "ana")
    try escalator.resolve(by: "ana")
    #expect(try escalator.rules.list(ReviewsRequest(), now: escalator.now).reviews.count == 1)
    let later = try #require(escalator.rules.review("2f-1"))
    #expect(later.beganAt == review.beganAt && later.alerts.map(\.id) == ["2f-1", "2f-2"])
  }

  @Test func handoffAndPaySeeOneIncident() throws {
    var escalator = try over()
    escalator.wait(.minutes(4))
    escalator.alert(.sev1, "2f-2", former: "2f-1")
    escalator.wait(.minutes(1))
    try escalator.acknowledge(by: "ben")
    escalator.wait(.minutes(5))
    try escalator.resolve(by: "ben")
    let told = escalator.paid.compactMap { if case .incident(let one) = $0 { one } else { nil } }
    #expect(Set(told.map(\.incidentId)) == ["2f-1"])
    let work = escalator.paid.compactMap { if case .work(let work) = $0 { work } else { nil } }.last
    #expect(work?.incidentId == "2f-1" && work?.spans.count == 2)
  }

  @Test func reportsCountIt() throws {
    var escalator = try over()
    escalator.alert(.sev1, "2f-2", former: "2f-1")
    let tallies = escalator.facts.flatMap { Tallies.of($0.fact, at: $0.at) }
    #expect(tallies.contains(.firedAgain(incident: "2f-1")))
    #expect(tallies.count { if case .opened = $0 { true } else { false } } == 1)
  }

  // MARK: What is a new incident

  /// Opens 2f-2 and says whether it is one of its own, which pages.
  private func isNew(_ escalator: inout Escalator, former: String = "2f-1", team: String = "platform") -> Bool {
    _ = escalator.news()
    escalator.alert(.sev1, "2f-9", team: team, former: former)
    return escalator.incident("2f-9").id == "2f-9" && escalator.said.contains { $0.hasSuffix("duty ana") }
      && escalator.lines("fired-before") == ["its alert fired before, as \(former)"]
  }

  @Test func whatFiresLaterThanThatIs() throws {
    var last = try over()
    last.wait(.minutes(15))
    #expect(!isNew(&last), "exactly then it still goes on")
    var late = try over()
    late.wait(.minutes(15) + .seconds(1))
    #expect(isNew(&late))
  }

  /// It fired in time; the escalator was down.
  @Test func whenItFiredCountsAndNotWhenTheEscalatorHeard() throws {
    var escalator = try over()
    escalator.wait(.minutes(40))
    escalator.alert(.sev1, "2f-2", age: .minutes(30), former: "2f-1")
    #expect(escalator.incident("2f-2").id == "2f-1")
    #expect(escalator.lines("fired-again").first?.contains("10 min after") == true)
  }

  @Test func aClockThatJumpsMakesNoDifference() throws {
    var escalator = try over()
    escalator.stepClock(by: .hours(5))
    escalator.alert(.sev1, "2f-2", former: "2f-1")
    #expect(escalator.incident("2f-2").id == "2f-1")
  }

  @Test func whereThePolicySaysNeverItIs() throws {
    var escalator = try over(within: .zero)
    #expect(isNew(&escalator))
  }

  /// The policy that it was opened with counts; where that one is gone, the newest of its name.
  @Test func anIncidentKeepsItsPolicy() throws {
    var escalator = try over(within: .zero)
    try escalator.configure([Self.policy()])
    #expect(isNew(&escalator))
    var other = try over()
    try other.configure([Self.policy(.zero)])
    other.alert(.sev1, "2f-2", former: "2f-1")
    #expect(other.incident("2f-2").id == "2f-1")
  }

  @Test func whatIsHistoryIs() throws {
    var escalator = try over(within: .hours(1))
    escalator.wait(.hours(1))
    escalator.alert(.sev1, "2f-9", age: .minutes(30), former: "2f-1")
    #expect(escalator.incident("2f-9").id == "2f-9")
  }

  @Test func whatIsAnotherTeamsOrAnotherKindIs() throws {
    var moved = Escalator(timelines: [.platform(), .platform("data")], policies: [Self.policy()])
    moved.alert(.sev1)
    try moved.resolve(by: "ana")
    #expect(isNew(&moved, team: "data"))
    var other = try over()
    other.alert(.sev1, "2f-9", former: "2f-1", service: "web")
    #expect(other.incident("2f-9").id == "2f-9")
    // Neither service nor class: the watch can't tell whose page would be the one.
    var nameless = Escalator(policies: [Self.policy()])
    nameless.alert(.sev1, service: "")
    try nameless.resolve(by: "ana")
    nameless.alert(.sev1, "2f-9", former: "2f-1", service: "")
    #expect(nameless.incident("2f-9").id == "2f-9")
  }

  @Test func whatNobodyEverHeardOfIs() throws {
    var escalator = Escalator(policies: [Self.policy()])
    #expect(isNew(&escalator, former: "2f-5"))
  }

  // MARK: Parts and storms

  @Test func whatBecameAPartOpensTheWholeAgain() throws {
    var escalator = Escalator(policies: [Self.policy()])
    escalator.alert(.sev2)
    escalator.alert(.sev2, "2f-2")
    try escalator.ask(.merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: ["2f-2"], reason: "one")))
    try escalator.resolve(by: "ana")
    escalator.alert(.sev2, "2f-3", former: "2f-2")
    #expect(escalator.incident("2f-3").id == "2f-1" && escalator.rules.openCount == 1)
    #expect((escalator.restored == escalator.rules))
  }

  private static let grouping = Grouping(after: 3, within: .minutes(5), joinsFor: .hours(1))

  /// Seven that end together come back together: one incident, one page.
  @Test func aStormThatComesBackIsOneIncident() throws {
    var escalator = Escalator(policies: [Self.policy(grouping: Self.grouping)])
    for number in 1...7 { escalator.alert(.sev2, "2f-\(number)") }
    try escalator.resolve(by: "ana", "2f-3")
    escalator.wait(.minutes(6))
    _ = escalator.news()
    for number in 3...7 { escalator.alert(.sev2, "2f-1\(number)", former: "2f-\(number)") }
    #expect(escalator.said == ["11-25 10:06:00 duty ana"])
    #expect(escalator.incident("2f-17").id == "2f-3" && escalator.incident("2f-3").moreFiring == 5)
    #expect(escalator.lines("joined").contains("2f-14 down is part of it: it fires again"))
    #expect((escalator.restored == escalator.rules))
  }

  @Test func whileAStormGoesOnWhatFiresAgainIsPartOfIt() throws {
    var escalator = Escalator(policies: [Self.policy(grouping: Self.grouping)])
    for number in 1...3 { escalator.alert(.sev2, "2f-\(number)") }
    try escalator.resolve(by: "ana", "2f-1")
    escalator.alert(.sev2, "2f-4", former: "2f-1")
    #expect(escalator.incident("2f-4").id == "2f-3" && escalator.rules.openCount == 2)
  }

  /// It is open although its alerts are over: the one that fires is part of it, and a person ends it.
  @Test func whatAPersonOpenedAgainGoesOn() throws {
    var escalator = try over(grouping: Self.grouping)
    try escalator.ask(reopen())
    escalator.alert(.sev1, "2f-2", former: "2f-1")
    #expect(escalator.incident("2f-2").id == "2f-1")
    escalator.alert(.sev1, "2f-2", generation: 2, state: .resolved)
    #expect(escalator.rules.openCount == 1)
  }

  @Test func whatIsSnoozedStaysQuietAndTheNewOnePages() throws {
    var escalator = try over(grouping: Self.grouping)
    try escalator.ask(reopen())
    try escalator.acknowledge(by: "ana")
    try escalator.ask(
      .snooze(SnoozeRequest(incidentId: "2f-1", by: "ana", untilAt: escalator.now + .hours(1), reason: "vendor")))
    #expect(isNew(&escalator))
  }

  // MARK: Races

  /// Its end and what fires next overtake each other on the way from intake.
  @Test func anEndThatComesLateEndsOnlyWhatItIsAbout() throws {
    var escalator = Escalator(policies: [Self.policy(grouping: Self.grouping)])
    escalator.alert(.sev2)
    escalator.alert(.sev2, "2f-2", former: "2f-1")
    #expect(escalator.rules.openCount == 1)
    escalator.alert(.sev2, generation: 2, state: .resolved)
    #expect(escalator.rules.openCount == 1, "2f-2 still fires")
    escalator.alert(.sev2, "2f-2", generation: 2, state: .resolved)
    #expect(escalator.rules.openCount == 0)
  }

  @Test func aRehearsalKnowsThatItIsOne() throws {
    var escalator = try over(.sev2)
    escalator.wait(.minutes(4))
    escalator.alert(.sev2, "2f-2", former: "2f-1")
    escalator.wait(.minutes(2))
    try escalator.acknowledge(by: "ana")
    try escalator.resolve(by: "ana")
    let never = try escalator.rehearse([Self.policy(.zero)])
    #expect(never.present?.incidents == 1 && never.edited?.incidents == 2)
    var apart = try over(.sev2, within: .zero)
    apart.wait(.minutes(4))
    apart.alert(.sev2, "2f-2", former: "2f-1")
    apart.wait(.minutes(2))
    try apart.acknowledge(by: "ana", "2f-2")
    try apart.resolve(by: "ana", "2f-2")
    let one = try apart.rehearse([Self.policy()])
    #expect(one.present?.incidents == 2 && one.edited?.incidents == 1)
  }
}
