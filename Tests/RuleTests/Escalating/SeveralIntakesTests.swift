import Escalating
import Machinery
import Messages
import Testing

/// Several intakes behind one address list: what a source reports to one or the other is one incident.
@Suite struct SeveralIntakesTests {
  @Test func theSameAlertAtAnotherIntakePagesNobodyAgain() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    let before = escalator.said
    escalator.alert(.sev2, "2f-2-1", key: "redis-down")
    #expect(escalator.said == before)
    #expect(escalator.rules.openCount == 1)
    #expect(escalator.incident("2f-2-1").id == "2f-1", "it never had an incident of its own")
    #expect(escalator.lines("joined") == ["2f-2-1 down is part of it: it came by another intake too"])
    #expect(escalator.restored == escalator.rules)
  }

  @Test func anotherSourcesSameKeyIsAnotherIncident() {
    #expect(AlertKey(source: "a", dedupKey: "bc") != AlertKey(source: "ab", dedupKey: "c"))
    #expect(AlertKey(source: "a", dedupKey: "").isNone)
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.alert(.sev2, "2f-2-1", key: "redis-slow")
    escalator.alert(.sev2, "2f-2-2")
    escalator.alert(.sev2, "2f-2")
    #expect(escalator.rules.openCount == 4)
  }

  @Test func whatPagesSaysIsNoMoreThanOneAlert() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.alert(.sev2, "2f-2-1", key: "redis-down")
    escalator.wait(.minutes(16))
    let pages = escalator.paid.compactMap { if case .page(let page) = $0 { page } else { nil } }
    #expect(pages.count > 1 && pages.allSatisfy { $0.summary == "down" })
  }

  @Test func worseAtAnotherIntakeIsWorse() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev3, "2f-1", key: "redis-down")
    _ = escalator.news()
    escalator.alert(.sev1, "2f-2-1", key: "redis-down")
    #expect(escalator.incident().severity == .sev1)
    #expect(escalator.said.contains { $0.contains("duty ana") })
  }

  @Test func aResolveAtTheOtherIntakeEndsItAndBothHear() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.alert(.sev2, "2f-2-1", key: "redis-down")
    escalator.wait(.minutes(1))
    escalator.alert(.sev2, "2f-2-1", generation: 2, state: .resolved, key: "redis-down", said: .seconds(3))
    #expect(escalator.incident().state == .resolved)
    #expect(escalator.closings == ["2f-1": escalator.now - .seconds(3)], "its own intake knows already")
    #expect(escalator.restored == escalator.rules)
  }

  @Test func aResolveAtTheFirstIntakeEndsWhatTheOtherHolds() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.alert(.sev2, "2f-2-1", key: "redis-down")
    escalator.alert(.sev2, "2f-1", generation: 2, state: .resolved, key: "redis-down")
    #expect(escalator.incident().state == .resolved)
    #expect(escalator.closings == ["2f-2-1": escalator.now])
  }

  @Test func aWordFromAnIntakeAtWhichNothingIsOpenEndsIt() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.wait(.minutes(1))
    escalator.alert(.unspecified, "07-2-5", state: .resolved, key: "redis-down", elsewhere: true)
    #expect(escalator.incident().state == .resolved)
    #expect(escalator.closings == ["2f-1": escalator.now])
    // A late copy is not about what fires under the key again.
    escalator.alert(.sev2, "2f-2", key: "redis-down")
    escalator.alert(.unspecified, "07-2-5", state: .resolved, key: "redis-down", elsewhere: true)
    #expect(escalator.rules.openCount == 1)
    #expect(escalator.restored == escalator.rules)
  }

  @Test func aWordThatIsOlderThanWhatFiresEndsNothing() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.alert(
      .unspecified, "07-2-5", state: .resolved, key: "redis-down", said: .minutes(1), elsewhere: true)
    #expect(escalator.incident().state == .triggered)
    #expect(escalator.closings.isEmpty)
  }

  @Test func whatWasTakenInAfterTheEndGoesOn() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-2-1", age: .minutes(3), key: "redis-down")
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    // Its source ended the one at the second intake before it went back to the first.
    escalator.alert(.sev2, "2f-2-1", generation: 2, state: .resolved, key: "redis-down", said: .minutes(1))
    #expect(escalator.incident("2f-2-1").state == .triggered)
    #expect(escalator.closings.isEmpty)
    escalator.alert(.sev2, "2f-1", generation: 2, state: .resolved, key: "redis-down")
    #expect(escalator.incident("2f-2-1").state == .resolved)
  }

  @Test func anAcknowledgementOfTheSourceHoldsAtAll() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.alert(.sev2, "2f-2-1", key: "redis-down")
    escalator.alert(.unspecified, "07-2-5", state: .acknowledged, key: "redis-down", elsewhere: true)
    #expect(escalator.incident().state == .acknowledged)
  }

  @Test func anAcknowledgementFromBeforeItFiredAgainIsNone() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.alert(
      .unspecified, "07-2-5", state: .acknowledged, key: "redis-down", said: .minutes(2), elsewhere: true)
    #expect(escalator.incident().state == .triggered)
  }

  /// The first intake took it in and went down once more, when an earlier incident of the key is still held.
  @Test func anEndThatIsHeardBeforeItsTriggerHoldsThoughTheKeyIsKnown() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.alert(.sev2, "2f-1", generation: 2, state: .resolved, key: "redis-down")
    escalator.wait(.minutes(10))
    escalator.alert(.unspecified, "07-2-5", state: .resolved, key: "redis-down", elsewhere: true)
    let (before, endedAt) = (escalator.said, escalator.now)
    escalator.wait(.minutes(1))
    escalator.alert(.sev2, "2f-2", age: .minutes(3), key: "redis-down")
    #expect(escalator.said == before)
    #expect(escalator.closings == ["2f-2": endedAt])
    #expect(escalator.restored == escalator.rules)
  }

  @Test func aPersonsResolveReachesEveryIntakeThatHoldsIt() throws {
    var escalator = Escalator(intakes: 2)
    escalator.isSecondIntakeUp = false
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.alert(.sev2, "2f-2-1", key: "redis-down")
    try escalator.resolve(by: "ana")
    #expect(Set(escalator.closings.keys) == ["2f-1"], "one that is down holds up no other")
    #expect(escalator.rules.debtSummary(to: .furtherIntake(2)).count == 1)
    escalator.isSecondIntakeUp = true
    escalator.wait(.seconds(1))
    escalator.alert(.sev4, "2f-3")
    #expect(Set(escalator.closings.keys) == ["2f-1", "2f-2-1"])
  }

  @Test func anAlertThatEndedBeforeItWasHandedOverPagesNobody() {
    var escalator = Escalator(intakes: 2)
    // The first intake took it in and went down; its source ended it at the second.
    escalator.alert(.unspecified, "07-2-5", state: .resolved, key: "redis-down", elsewhere: true)
    escalator.wait(.minutes(5))
    escalator.alert(.sev1, "2f-1", age: .minutes(6), key: "redis-down")
    #expect(escalator.said == [])
    #expect(escalator.incident().state == .resolved)
    #expect(escalator.closings == ["2f-1": escalator.now - .minutes(5)])
    #expect(escalator.restored == escalator.rules)
    // What was taken in after the end is another matter.
    escalator.alert(.sev1, "2f-2", age: .minutes(4), key: "redis-down")
    #expect(escalator.said.contains { $0.contains("duty ana") })
  }

  @Test func whatEndedIsKnownForADayThoughItIsHistory() throws {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-2-1", key: "redis-down")
    escalator.wait(.minutes(2))
    try escalator.resolve(by: "ana", "2f-2-1")
    escalator.wait(.hours(5))
    let before = escalator.said
    escalator.alert(.sev2, "2f-1", age: .hours(5) + .minutes(1), key: "redis-down")
    #expect(escalator.said == before && escalator.incident("2f-1").state == .resolved)
    #expect(escalator.restored == escalator.rules)
    escalator.alert(.sev2, "2f-2", age: .hours(4), key: "redis-down")
    #expect(escalator.incident("2f-2").state == .triggered)
  }

  /// Its source's word was long on its way, and it fires again since.
  @Test func whatCameAfterTheEndThatWasHeardLatePages() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-2-1", key: "redis-down")
    escalator.wait(.minutes(20))
    escalator.alert(.sev2, "2f-2-1", generation: 2, state: .resolved, key: "redis-down", said: .minutes(10))
    _ = escalator.news()
    escalator.alert(.sev2, "2f-1", age: .minutes(5), key: "redis-down")
    #expect(escalator.incident("2f-1").state == .triggered)
    #expect(escalator.said.contains { $0.contains("duty ana") })
    escalator.alert(.sev2, "2f-1", generation: 2, state: .resolved, key: "redis-down")
    _ = escalator.news()
    escalator.alert(.sev2, "2f-2-2", age: .minutes(4), key: "redis-down")
    #expect(escalator.said == [], "what came before the end is over with it")
  }

  @Test func aLateAlertOfWhatIsOverIsPartOfIt() throws {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-2-1", key: "redis-down")
    escalator.wait(.minutes(2))
    try escalator.resolve(by: "ana", "2f-2-1")
    let before = escalator.said
    escalator.wait(.minutes(1))
    escalator.alert(.sev2, "2f-1", age: .minutes(4), key: "redis-down")
    #expect(escalator.said == before)
    #expect(escalator.closings["2f-1"] == escalator.now - .minutes(1))
    #expect(escalator.restored == escalator.rules)
  }

  @Test func whatFiresAgainAtAnotherIntakeIsTheSameIncident() {
    var policy = Policy.shipped
    for index in policy.severities.indices { policy.severities[index].reopenWithin = .minutes(15) }
    var escalator = Escalator(policies: [policy], intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.alert(.sev2, "2f-1", generation: 2, state: .resolved, key: "redis-down")
    escalator.wait(.minutes(2))
    escalator.alert(.sev2, "2f-2-1", key: "redis-down")
    #expect(escalator.incident().state == .triggered)
    #expect(escalator.lines("fired-again").count == 1)
    escalator.alert(.unspecified, "07-3", state: .resolved, key: "redis-down", elsewhere: true)
    #expect(escalator.incident().state == .resolved)
    #expect(escalator.closings == ["2f-2-1": escalator.now])
  }

  /// The closing is on its way to the intake, which tells meanwhile that it is worse.
  @Test func whatItsIntakeHasYetToHearIsOverAlready() throws {
    var escalator = Escalator(intakes: 2)
    escalator.isSecondIntakeUp = false
    escalator.alert(.sev3, "2f-2-1", key: "redis-down")
    escalator.alert(.sev3, "2f-9", key: "redis-slow")
    try escalator.ask(
      .merge(MergeRequest(incidentId: "2f-2-1", by: "ana", parts: ["2f-9"], reason: "one cause")))
    escalator.alert(.unspecified, "07-5", state: .resolved, key: "redis-down", elsewhere: true)
    #expect(escalator.incident("2f-2-1").state == .triggered, "the other still fires")
    let endedAt = escalator.now
    escalator.wait(.minutes(1))
    escalator.alert(.sev1, "2f-2-1", generation: 2, key: "redis-down")
    #expect(escalator.incident("2f-2-1").severity == .sev3)
    #expect(escalator.restored == escalator.rules)
    escalator.alert(.sev3, "2f-9", generation: 2, state: .resolved, key: "redis-slow")
    #expect(escalator.incident("2f-2-1").state == .resolved)
    escalator.isSecondIntakeUp = true
    escalator.alert(.sev4, "2f-10")
    #expect(escalator.closings == ["2f-2-1": endedAt])
  }

  @Test func onlyTheIntakeThatLostRowsIsToldAgain() throws {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.alert(.sev2, "2f-2-1", key: "redis-down")
    try escalator.resolve(by: "ana")
    escalator.isSecondIntakeUp = false
    escalator.handOverAgain(to: .furtherIntake(2))
    #expect(escalator.rules.debtSummary(to: .furtherIntake(2)).count == 1)
    #expect(escalator.rules.debtSummary(to: .intake).count == 0)
  }

  /// The first intake took two in and handed neither over; their source ended the second at the other intake.
  @Test func anEndAtTheOtherIntakeHoldsForWhatComesAfterAnotherOfTheSameIntake() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(
      .sev2, "2f-2-1", generation: 2, state: .resolved, age: .minutes(60), key: "redis-down", said: .minutes(10))
    escalator.alert(
      .sev2, "2f-1", generation: 2, state: .resolved, age: .minutes(50), key: "redis-down", said: .minutes(49))
    let endedAt = escalator.now - .minutes(10)
    escalator.alert(.sev2, "2f-2", age: .minutes(40), former: "2f-1", key: "redis-down")
    #expect(escalator.rules.openCount == 0 && escalator.said == [])
    #expect(escalator.closings == ["2f-2": endedAt])
    #expect(escalator.restored == escalator.rules)
    escalator.alert(.sev2, "2f-3", age: .minutes(5), former: "2f-2", key: "redis-down")
    #expect(escalator.rules.openCount == 1, "what came after that end fires")
  }

  /// The word ended an older incident; the newest of the key is another by now, and was over before.
  @Test func aWordHoldsForWhatIsHandedOverLaterWhicheverIncidentItEnded() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-2-1", age: .minutes(60), key: "redis-down")
    escalator.alert(.unspecified, "07-2-5", state: .resolved, key: "redis-down", elsewhere: true)
    escalator.wait(.minutes(1))
    escalator.alert(
      .sev2, "2f-2-2", generation: 2, state: .resolved, age: .minutes(50), key: "redis-down", said: .minutes(45))
    let before = escalator.said
    escalator.alert(.sev2, "2f-1", age: .minutes(20), key: "redis-down")
    #expect(escalator.rules.openCount == 0 && escalator.said == before)
    #expect(escalator.closings["2f-1"] == escalator.now - .minutes(1))
    #expect(escalator.restored == escalator.rules)
  }

  /// Prometheus posts what fires again and again, to another intake since the first one was out of its reach.
  @Test func whatIsToldNoMoreAtOneIntakeFiresOnAtTheOther() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.alert(.sev2, "2f-2-1", key: "redis-down")
    escalator.wait(.minutes(15))
    escalator.alert(.sev2, "2f-1", generation: 2, state: .resolved, key: "redis-down", lapsed: true)
    #expect(escalator.incident().state == .triggered && escalator.closings.isEmpty)
    escalator.alert(.sev2, "2f-2-1", generation: 2, state: .resolved, key: "redis-down")
    #expect(escalator.incident().state == .resolved)
  }

  /// The end of the one before is on its way: its intake opens a key anew only after that.
  @Test func anIntakesOwnNextAlertIsNoTwinOfTheOneBefore() throws {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(1))
    _ = escalator.news()
    escalator.alert(.sev2, "2f-2", former: "2f-1", key: "redis-down")
    #expect(escalator.incident("2f-2").id == "2f-2" && escalator.rules.openCount == 2)
    #expect(escalator.said.contains { $0.contains("duty ana") }, "nobody was paged for it")
  }

  /// Its source tells the other intake since, which hands over late what it took in before the lapse.
  @Test func aLapseEndsNothingThatTheOtherIntakeHandsOverLater() {
    var escalator = Escalator(intakes: 2)
    escalator.alert(.sev2, "2f-1", key: "redis-down")
    escalator.wait(.minutes(15))
    escalator.alert(
      .sev2, "2f-1", generation: 2, state: .resolved, age: .minutes(15), key: "redis-down", lapsed: true)
    #expect(escalator.rules.openCount == 0)
    escalator.wait(.minutes(1))
    escalator.alert(.sev2, "2f-2-1", age: .minutes(10), key: "redis-down")
    #expect(escalator.rules.openCount == 1 && escalator.closings["2f-2-1"] == nil)
  }

  @Test func anIdSaysWhichIntakeGaveIt() {
    let shard = Shard(number: 47)
    #expect(shard.id(number: 56) == "2f-1k" && shard.id(number: 56, intake: 1) == "2f-1k")
    #expect(shard.id(number: 56, intake: 2) == "2f-2-1k")
    #expect(Shard.intake(ofAlert: "2f-1k") == .intake && Shard.intake(ofAlert: "2f-2-1k") == .furtherIntake(2))
    #expect(Shard.intake(ofAlert: "lost-intake2-abc") == .intake)
    for peer in [Peer.intake, .furtherIntake(2), .furtherIntake(4), .escalator] {
      #expect(Peer(rawValue: peer.rawValue) == peer)
    }
    #expect(Peer(rawValue: "intake1") == nil && Peer(rawValue: "intake5") == nil)
  }
}
