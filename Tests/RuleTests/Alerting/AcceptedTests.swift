import Alerting
import Machinery
import Messages
import Testing

/// What intake tells the watch, and the synthetic alerts that it sends (requirement I6).
@Suite struct AcceptedTests {
  private static let minute = Span.minutes(1)

  private func request(after: UInt64 = 0, of severities: [Severity] = [.sev1, .sev2, .sev3]) -> AcceptedRequest {
    AcceptedRequest(after: after, releasedAfterAt: Intake.start, minAge: Self.minute, severities: severities)
  }

  private func ids(_ intake: Intake, _ request: AcceptedRequest) throws -> [String] {
    try intake.rules.accepted(request, now: intake.now).alerts.map(\.id)
  }

  @Test func whatIsOldEnoughIsListedOnce() throws {
    var intake = Intake()
    let first = try intake.publish(.trigger("one", .sev2)).alertId
    intake.wait(.seconds(30))
    let second = try intake.publish(.trigger("two", .sev1)).alertId
    #expect(try ids(intake, request()) == [])
    intake.wait(.seconds(30))
    let list = try intake.rules.accepted(request(), now: intake.now)
    #expect(list.alerts.map(\.id) == [first] && list.alerts.map(\.age) == [.minutes(1)] && !list.more)
    #expect(try ids(intake, request(after: list.through)) == [])
    intake.wait(.seconds(30))
    #expect(try ids(intake, request(after: list.through)) == [second])
  }

  @Test func whatNeedsNoPageIsNotListed() throws {
    var intake = Intake()
    try intake.silence(
      SilenceRequest(
        matchers: [Matcher(name: "service", value: "web")], by: "ana", reason: "x", untilAt: Intake.start + .hours(1)))
    try intake.publish(.trigger("silenced", .sev2, service: "web"))
    try intake.publish(.trigger("over", .sev2))
    try intake.publish(.resolve("over"))
    try intake.publish(.trigger("in hand", .sev2))
    try intake.publish(.acknowledge("in hand"))
    try intake.publish(.trigger("minor", .sev4))
    intake.wait(.minutes(2))
    #expect(try ids(intake, request()) == [])
    #expect(try ids(intake, request(of: [.sev4])).count == 1)
  }

  @Test func whatASilenceLetsGoAndWhatBecomesWorseIsListedAgain() throws {
    var intake = Intake()
    let silence = try intake.silence(
      SilenceRequest(
        matchers: [Matcher(name: "service", value: "web")], by: "ana", reason: "x", untilAt: Intake.start + .hours(1)))
    let silenced = try intake.publish(.trigger("silenced", .sev2, service: "web")).alertId
    let minor = try intake.publish(.trigger("minor", .sev4)).alertId
    try intake.publish(.trigger("last", .sev1))
    intake.wait(.minutes(5))
    let list = try intake.rules.accepted(request(), now: intake.now)
    #expect(list.alerts.count == 1)
    try intake.endSilence(silence)
    intake.wait(.seconds(1))
    try intake.publish(.trigger("minor", .sev2))
    var next = request(after: list.through)
    next.releasedAfterAt = list.releasedThroughAt
    #expect(try ids(intake, next) == [])
    intake.wait(.seconds(59))
    let late = try intake.rules.accepted(next, now: intake.now)
    #expect(late.alerts.map(\.id) == [silenced])
    intake.wait(.seconds(1))
    next.releasedAfterAt = late.releasedThroughAt
    #expect(try ids(intake, next) == [minor])
  }

  @Test func theFirstTimeNothingIsListedAndWhatComesLaterIs() throws {
    var intake = Intake()
    try intake.publish(.trigger("old"))
    intake.wait(.hours(1))
    let begun = try intake.rules.accepted(
      AcceptedRequest(fromNow: true, minAge: Self.minute, severities: [.sev1]), now: intake.now)
    #expect(begun.alerts == [] && begun.through > 0)
    let new = try intake.publish(.trigger("new")).alertId
    intake.wait(.minutes(1))
    #expect(try ids(intake, request(after: begun.through)) == [new])
  }

  @Test func aClockThatGoesBackHidesNothing() throws {
    var intake = Intake()
    let first = try intake.publish(.trigger("one")).alertId
    intake.handOver()
    intake.stepClock(by: .zero - .hours(2))
    let second = try intake.publish(.trigger("two")).alertId
    intake.wait(.minutes(1))
    var asked = request()
    asked.releasedAfterAt = intake.now + .hours(1)
    let list = try intake.rules.accepted(asked, now: intake.now)
    #expect(list.alerts.map(\.id) == [first, second] && list.releasedThroughAt <= intake.now)
  }

  @Test func whatASilenceLetsGoAtOneInstantIsListedWhole() throws {
    var intake = Intake()
    let silence = try intake.silence(
      SilenceRequest(
        matchers: [Matcher(name: "service", value: "web")], by: "ana", reason: "x", untilAt: Intake.start + .hours(1)))
    for number in 0..<2_500 { try intake.publish(.trigger("k\(number)", .sev2, service: "web")) }
    intake.wait(.minutes(5))
    let before = try intake.rules.accepted(request(), now: intake.now)
    try intake.endSilence(silence)
    intake.wait(.minutes(1))
    var restored = Alerts()
    for fact in intake.rules.condensed() { restored.apply(fact, at: intake.now) }
    for rules in [intake.rules, restored] {
      var next = request(after: before.through)
      next.releasedAfterAt = before.releasedThroughAt
      var seen = Set<String>()
      var isMore = true
      while isMore {
        let list = try rules.accepted(next, now: intake.now)
        seen.formUnion(list.alerts.map(\.id))
        (next.after, next.releasedAfterAt, isMore) = (list.through, list.releasedThroughAt, list.more)
      }
      #expect(seen.count == 2_500)
    }
  }

  @Test func itSaysWhichOfThoseAskedAboutAreOver() throws {
    var intake = Intake()
    let open = try intake.publish(.trigger("open")).alertId
    let over = try intake.publish(.trigger("over")).alertId
    try intake.publish(.resolve("over"))
    var asked = request()
    asked.also = [open, over, "2f-unknown"]
    #expect(try intake.rules.accepted(asked, now: intake.now).over == [over, "2f-unknown"])
    asked.also = (0...500).map { "\($0)" }
    #expect(throws: Refusal.self) { try intake.rules.accepted(asked, now: intake.now) }
  }

  /// The escalator says so when it takes an alert: it is known as long as the escalator is, across a checkpoint, and forgotten with
  /// what the escalator has lost.
  @Test func itSaysOfWhichIncidentAnAlertIsAPart() throws {
    var intake = Intake()
    let part = try intake.publish(.trigger("part")).alertId
    let own = try intake.publish(.trigger("own")).alertId
    intake.wait(.minutes(1))
    func told(_ rules: Alerts) throws -> [String] {
      var asked = request()
      asked.also = [part, own]
      let list = try rules.accepted(asked, now: intake.now)
      #expect(list.alerts.filter { $0.partOf == "2f-whole" }.map(\.id) == list.parts.map(\.id))
      return list.parts.map { "\($0.id) of \($0.partOf)" }
    }
    #expect(try told(intake.rules) == [])
    for (id, whole) in [(part, "2f-whole"), (own, "")] {
      let key = DebtKey(id: id, generation: 1)
      let settlement = Settlement(peer: .escalator, key: key, status: .ok, reference: whole)
      intake.remember(intake.rules.settle(settlement, at: intake.now))
    }
    #expect(try told(intake.rules) == ["\(part) of 2f-whole"])
    var restored = Alerts()
    for fact in intake.rules.condensed() { restored.apply(fact, at: intake.now) }
    #expect(try told(restored) == ["\(part) of 2f-whole"] && restored == intake.rules)
    intake.rules.peerLost(.escalator, at: intake.now)
    #expect(try told(intake.rules) == [])
  }

  @Test func manyAreListedInParts() throws {
    var intake = Intake()
    for number in 0..<2_500 { try intake.publish(.trigger("key-\(number)")) }
    intake.wait(.minutes(1))
    var next = request()
    var seen: [String] = []
    var parts = 0
    var isMore = true
    while isMore {
      let list = try intake.rules.accepted(next, now: intake.now)
      seen += list.alerts.map(\.id)
      next.after = list.through
      isMore = list.more
      parts += 1
    }
    #expect(parts == 3 && seen.count == 2_500 && Set(seen).count == 2_500)
  }

  // MARK: Synthetic alerts

  private static func configured(every span: Span) -> Intake {
    var configuration = IntakeConfiguration.team
    configuration.syntheticEvery = span
    return Intake(configuration)
  }

  private func owed(_ intake: Intake) -> SyntheticAlert? {
    intake.rules.owed(to: .escalator, limit: 10).compactMap { if case .synthetic(let one) = $0 { one } else { nil } }
      .first
  }

  @Test func oneIsSentEverySoOften() {
    var intake = Self.configured(every: .minutes(1))
    intake.wait(.seconds(59))
    #expect(owed(intake) == nil)
    intake.wait(.seconds(1))
    #expect(owed(intake)?.sentAt == Intake.start + .minutes(1))
    let first = owed(intake)
    intake.wait(.minutes(1))
    #expect(intake.rules.debtSummary(to: .escalator).count == 1, "only the latest is owed")
    #expect(owed(intake)?.sentAt == Intake.start + .minutes(2))
    for key in [first, owed(intake)].compactMap({ $0 }).map({ DebtKey(id: "synthetic", generation: $0.number) }) {
      #expect(owed(intake) != nil)
      intake.remember(intake.rules.settle(Settlement(peer: .escalator, key: key, status: .ok), at: intake.now))
    }
    #expect(owed(intake) == nil && intake.rules.openCount == 0)
  }

  @Test func afterAnOutageOneIsSentAndNotAllThatWereMissed() {
    var intake = Self.configured(every: .minutes(1))
    intake.now = intake.now + .hours(3)
    intake.turn()
    #expect(intake.facts.count { if case .syntheticSent = $0.fact.kind { true } else { false } } == 1)
  }

  @Test func withoutConfigurationNoneIsSent() throws {
    var intake = Self.configured(every: .minutes(1))
    intake.wait(.minutes(1))
    try intake.configure(.team)
    #expect(owed(intake) == nil && intake.rules.nextDeadline == nil)
    var wrong = IntakeConfiguration.team
    wrong.syntheticEvery = .seconds(1)
    #expect(throws: Refusal.self) { try intake.configure(wrong) }
  }
}
