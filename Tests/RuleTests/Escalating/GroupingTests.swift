import Escalating
import Machinery
import Messages
import Testing

/// Requirement I5: a storm becomes few pages, and hides nothing.
@Suite struct GroupingTests {
  private static let policy: Policy = {
    var policy = Policy.shipped
    policy.grouping = Grouping(after: 3, within: .minutes(5), joinsFor: .hours(1))
    return policy
  }()

  /// Three of a kind, a minute after each other, and what was said of them.
  private func storm(_ severity: Severity = .sev2) -> Escalator {
    var escalator = Escalator(policies: [Self.policy])
    for number in 1...3 {
      escalator.alert(severity, "2f-\(number)")
      escalator.wait(.minutes(1))
    }
    _ = escalator.news()
    return escalator
  }

  private func closings(_ escalator: Escalator) -> [String] {
    escalator.paid.compactMap { if case .closing(let closing) = $0 { closing.alertId } else { nil } }
  }

  @Test func theFirstThreePageAndFurtherOnesJoinTheNewest() throws {
    var escalator = storm()
    #expect(escalator.rules.openCount == 3)
    for number in 4...500 { escalator.alert(.sev2, "2f-\(number)") }
    #expect(escalator.rules.openCount == 3)
    #expect(escalator.incident("2f-3").moreAlerts == 497 && escalator.incident("2f-3").moreFiring == 497)
    #expect(escalator.said == [])
    #expect(escalator.incident("2f-77").id == "2f-3", "who asks for one of them is shown the whole")
    #expect(
      escalator.posts.filter { $0.contains("storm") }
        == ["#incidents: [SEV-2] down (2f-3): a storm: further alerts of redis are part of this one"])
    #expect(escalator.lines("joined").first == "2f-4 down is part of it: one of a storm, number 1")
    #expect(escalator.lines("joined").count == 20 + 7 + 4, "then at 30, 40 … 100, 200")
    #expect((escalator.restored == escalator.rules))
  }

  /// Also when it is handed over again, because the answer was lost.
  @Test func whoeverHandsAnAlertOverHearsOfWhichIncidentItIsAPart() throws {
    var escalator = storm()
    func answered(_ id: String, generation: UInt64 = 1) throws -> String? {
      let alert = Alert(
        id: id, generation: generation, state: .open, source: "alertmanager", severity: .sev2, summary: "down",
        service: "redis", team: "platform", policy: "platform", openedAt: escalator.now, handedOverAt: escalator.now)
      guard case .taken(let taken) = try escalator.rules.decide(.alert(alert), at: escalator.now).answer else {
        return nil
      }
      return taken.partOf
    }
    #expect(try answered("2f-4") == "2f-3" && answered("2f-3") == "")
    escalator.alert(.sev2, "2f-4")
    #expect(try answered("2f-4") == "2f-3" && answered("2f-4", generation: 2) == "2f-3")
    #expect(try answered("2f-1", generation: 2) == "")
  }

  @Test func oneThatIsWorseIsAnIncidentOfItsOwnAndTheNextJoinThat() throws {
    var escalator = storm(.sev3)
    escalator.alert(.sev1, "2f-4")
    #expect(escalator.said == ["11-25 10:03:00 duty ana"])
    escalator.alert(.sev1, "2f-5")
    escalator.alert(.sev3, "2f-6")
    #expect(escalator.rules.openCount == 4 && escalator.incident("2f-4").moreAlerts == 2)
  }

  @Test func aDripIsNoStorm() throws {
    var escalator = Escalator(policies: [Self.policy])
    for number in 1...20 {
      escalator.alert(.sev3, "2f-\(number)")
      escalator.wait(.minutes(2))
    }
    #expect(escalator.rules.openCount == 20)
  }

  @Test func whenAStormHasPassedTheNextAlertPages() throws {
    var escalator = storm()
    for number in 4...9 { escalator.alert(.sev2, "2f-\(number)") }
    escalator.wait(.minutes(6))
    _ = escalator.news()
    escalator.alert(.sev2, "2f-10")
    #expect(escalator.said == ["11-25 10:09:00 duty ana"] && escalator.rules.openCount == 4)
  }

  @Test func nothingJoinsWhatIsOverSnoozedOrOld() throws {
    var over = storm()
    try over.resolve(by: "ana", "2f-3")
    over.alert(.sev2, "2f-4")
    #expect(over.incident("2f-4").id == "2f-4")

    var snoozed = storm()
    try snoozed.acknowledge(by: "ana", "2f-3")
    try snoozed.ask(
      .snooze(SnoozeRequest(incidentId: "2f-3", by: "ana", untilAt: snoozed.now + .hours(1), reason: "later")))
    snoozed.alert(.sev2, "2f-4")
    #expect(snoozed.incident("2f-4").id == "2f-4")

    var old = storm()
    for number in 4...40 {
      old.wait(.minutes(2))
      old.alert(.sev2, "2f-\(number)")
      old.alert(.sev2, "2f-\(number)-b")
    }
    #expect(old.incident("2f-3").moreAlerts < 60 && old.rules.openCount > 3, "an hour later another one takes them in")
  }

  /// Seeds 168, 315 and 319: nobody was paged for any of them.
  @Test func nothingJoinsWhatOnlyItsSourceHasInHand() throws {
    var escalator = storm()
    escalator.alert(.sev2, "2f-4", state: .acknowledged)
    escalator.alert(.sev2, "2f-5")
    #expect(escalator.incident("2f-5").id == "2f-5" && escalator.said == ["11-25 10:03:00 duty ana"])
    try escalator.acknowledge(by: "ben", "2f-5")
    escalator.alert(.sev2, "2f-6")
    #expect(escalator.incident("2f-6").id == "2f-5", "somebody has that")
  }

  @Test func otherServicesTeamsAndWhatNamesNothingStandAlone() throws {
    var escalator = storm()
    escalator.alert(.sev2, "2f-4", team: "data")
    #expect(escalator.incident("2f-4").id == "2f-4")
    var nameless = Escalator(policies: [Self.policy])
    for number in 1...9 {
      try nameless.ask(
        .alert(
          Alert(
            id: "2f-\(number)", generation: 1, state: .open, source: "x", severity: .sev2, summary: "down",
            team: "platform", policy: "platform", openedAt: nameless.now, handedOverAt: nameless.now)))
    }
    #expect(nameless.rules.openCount == 9)
  }

  @Test func whoeverHasTheStormEndsAllOfIt() throws {
    var escalator = storm()
    for number in 4...9 { escalator.alert(.sev2, "2f-\(number)") }
    escalator.alert(.sev2, "2f-9", generation: 2, state: .resolved)
    #expect(try escalator.acknowledge(by: "ana", "2f-4") == "2f-4 is part of 2f-3: acknowledged; paging stops")
    try escalator.resolve(by: "ana", "2f-3")
    #expect(Set(closings(escalator)) == ["2f-3", "2f-4", "2f-5", "2f-6", "2f-7", "2f-8"])
    escalator.wait(.hours(2))
    #expect(escalator.rules.incident("2f-4") == nil)
    escalator.alert(.sev2, "2f-5", generation: 1)
    #expect(escalator.incident("2f-5").id != "2f-5", "a late copy opens nothing")
  }

  @Test func oneOfAStormThatBecomesWorseMakesTheWholeWorse() throws {
    var escalator = storm(.sev3)
    escalator.alert(.sev3, "2f-4")
    escalator.alert(.sev1, "2f-4", generation: 2)
    #expect(escalator.incident("2f-3").severity == .sev1)
    #expect(escalator.said == ["11-25 10:03:00 duty ana"])
  }

  @Test func thatItsOwnSourceAcknowledgesOneSilencesNotTheOthers() throws {
    var escalator = storm()
    escalator.alert(.sev2, "2f-4")
    escalator.alert(.sev2, "2f-3", generation: 2, state: .acknowledged)
    #expect(escalator.incident("2f-3").state == .triggered)
    escalator.wait(.minutes(15))
    #expect(escalator.said.contains { $0.hasSuffix("duty ben") })
  }

  @Test func oneOfAStormIsMeasuredByWhatItsOwnSourceSaidBefore() throws {
    var escalator = storm(.sev1)
    try escalator.ask(
      .severity(SeverityRequest(incidentId: "2f-3", by: "ana", severity: .sev3, reason: "one customer")))
    escalator.alert(.sev3, "2f-4")
    #expect(escalator.incident("2f-4").id == "2f-3")
    escalator.alert(.sev3, "2f-4", generation: 2)
    #expect(escalator.incident("2f-3").severity == .sev3)
    escalator.alert(.sev1, "2f-4", generation: 3)
    #expect(escalator.incident("2f-3").severity == .sev1, "it has become worse, whatever was said of the first")
    #expect((escalator.restored == escalator.rules))
  }

  @Test func whatAMemberSaysIsNotWhatItsOwnSourceSays() throws {
    var escalator = storm(.sev3)
    escalator.alert(.sev3, "2f-4")
    escalator.alert(.sev1, "2f-4", generation: 2)
    try escalator.ask(
      .severity(SeverityRequest(incidentId: "2f-3", by: "ana", severity: .sev4, reason: "nothing")))
    escalator.alert(.sev2, "2f-3", generation: 2)
    #expect(escalator.incident("2f-3").severity == .sev2, "its own source never called it as bad")
  }

  @Test func aStormFollowsItsServiceThoughTheFirstAlertIsOver() throws {
    var escalator = storm()
    escalator.receive(.platform("apps", holders: [1: "cai"]))
    escalator.alert(.sev2, "2f-4")
    escalator.alert(.sev2, "2f-3", generation: 2, state: .resolved)
    escalator.alert(.sev2, "2f-4", generation: 2, team: "apps", routedBy: "service redis")
    #expect(escalator.incident("2f-3").team == "apps" && escalator.said.last == "11-25 10:03:00 duty cai")
  }

  @Test func withoutGroupingEachIsAnIncident() {
    var escalator = Escalator()
    for number in 1...50 { escalator.alert(.sev2, "2f-\(number)") }
    #expect(escalator.rules.openCount == 50)
  }

  @Test func aClockStepIsNoPause() throws {
    var escalator = storm()
    escalator.stepClock(by: .hours(3))
    escalator.alert(.sev2, "2f-4")
    #expect(escalator.incident("2f-4").id == "2f-3")
  }

  @Test func kindsWithoutNumberDoNotStay() {
    var escalator = Escalator(policies: [Self.policy])
    for number in 1...300 {
      let alert = Alert(
        id: "2f-\(number)", generation: 1, state: .open, source: "x", severity: .sev4, summary: "down",
        service: "pod-\(number)", team: "platform", policy: "platform", openedAt: escalator.now,
        handedOverAt: escalator.now)
      _ = try? escalator.ask(.alert(alert))
      escalator.wait(.minutes(1))
    }
    let kept = escalator.rules.condensed().count { if case .storm = $0.kind { true } else { false } }
    #expect(kept < 130, "an hour's worth, and as many that are still to be looked at")
  }

  @Test(arguments: [
    ("after", Grouping(after: 0, within: .minutes(5), joinsFor: .hours(1))),
    ("after", Grouping(after: 21, within: .minutes(5), joinsFor: .hours(1))),
    ("within_ms", Grouping(after: 3, within: .hours(2), joinsFor: .hours(1))),
    ("joins_for_ms", Grouping(after: 3, within: .minutes(5), joinsFor: .zero)),
  ])
  func whatCannotBeMeantIsRefusedByField(field: String, grouping: Grouping) {
    var escalator = Escalator(policies: [])
    var policy = Policy.shipped
    policy.grouping = grouping
    #expect(throws: Refusal.self) { try escalator.configure([policy]) }
    do throws(Refusal) { try escalator.configure([policy]) } catch {
      #expect(error.field == "policies[0].grouping.\(field)")
    }
  }
}
