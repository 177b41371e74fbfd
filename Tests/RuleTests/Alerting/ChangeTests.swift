import Alerting
import Machinery
import Messages
import Testing

/// Requirement I8: what was deployed is kept, listed, and handed to the scheduler for the handoff; and to the escalator for
/// reviews (E11).
@Suite struct ChangeTests {
  private func deployed(_ service: String = "web", _ summary: String = "2.14", at: Span? = nil) -> Event {
    Event(
      action: .change, source: "ci", summary: summary, service: service, links: [Link(href: "https://ci/77")],
      occurredAt: at.map { Intake.start + $0 } ?? .unset)
  }

  private func owed(_ intake: Intake) -> [Change] {
    intake.rules.owed(to: .scheduler, limit: .max).compactMap {
      if case .change(let change) = $0 { change } else { nil }
    }
  }

  private func evidence(_ intake: Intake) -> [Change] {
    intake.rules.owed(to: .escalator, limit: .max).compactMap {
      if case .evidence(let change) = $0 { change } else { nil }
    }
  }

  private func take(_ intake: inout Intake, _ status: Status = .ok) {
    for debt in intake.rules.owed(to: .scheduler, limit: .max) {
      intake.remember(
        intake.rules.settle(Settlement(peer: .scheduler, key: debt.key, status: status, words: "no"), at: intake.now))
    }
  }

  private func listed(_ intake: Intake, _ request: ChangesRequest = ChangesRequest()) throws -> [String] {
    try intake.rules.list(request).changes.map(\.summary)
  }

  @Test func aChangePagesNobodyAndIsOwedToTheScheduler() throws {
    var intake = Intake()
    let reply = try intake.publish(deployed("db", at: .minutes(-3)))
    #expect(reply.disposition == .noted && intake.rules.openCount == 0)
    intake.handOver()
    #expect(intake.handedOver.isEmpty)
    let change = try #require(owed(intake).first)
    #expect(change.id == reply.alertId && change.team == "data" && change.happenedAt == Intake.start - .minutes(3))
    take(&intake)
    #expect(owed(intake).isEmpty)
    #expect(try listed(intake) == ["2.14"])
  }

  @Test func whatASourceCallsTheFutureHappenedWhenItWasNoted() throws {
    var intake = Intake()
    try intake.publish(deployed(at: .hours(2)))
    #expect(owed(intake).first?.happenedAt == Intake.start)
  }

  @Test func theLatestOfAServiceOrATeamAreListedOldestFirst() throws {
    var intake = Intake()
    for (service, summary) in [("web", "a"), ("db", "b"), ("web", "c"), ("web", "d")] {
      try intake.publish(deployed(service, summary))
      intake.wait(.minutes(1))
    }
    #expect(try listed(intake) == ["a", "b", "c", "d"])
    #expect(try listed(intake, ChangesRequest(service: "web")) == ["a", "c", "d"])
    #expect(try listed(intake, ChangesRequest(team: "data")) == ["b"])
    let from = Intake.start + .minutes(1)
    #expect(try listed(intake, ChangesRequest(fromAt: from, untilAt: from + .minutes(2))) == ["b", "c"])
    let page = try intake.rules.list(ChangesRequest(service: "web", limit: 2))
    #expect(page.changes.map(\.summary) == ["c", "d"])
    #expect(try listed(intake, ChangesRequest(service: "web", limit: 2, before: page.before)) == ["a"])
    #expect(throws: Refusal(.invalidArgument, "at most 1000", field: "limit")) {
      try intake.rules.list(ChangesRequest(limit: 1_001))
    }
  }

  @Test func oldOnesLeaveButNotBeforeTheSchedulerHasThem() throws {
    var intake = Intake()
    try intake.publish(deployed("web", "old"))
    intake.wait(.days(8))
    try intake.publish(deployed("web", "new"))
    intake.handOver()
    #expect(try listed(intake) == ["old", "new"])
    take(&intake)
    #expect(try listed(intake) == ["new"])
  }

  @Test func norBeforeTheEscalatorHasThemForReviews() throws {
    var intake = Intake()
    try intake.publish(deployed("web", "old"))
    take(&intake)
    intake.wait(.days(8))
    try intake.publish(deployed("web", "new"))
    take(&intake)
    #expect(try listed(intake) == ["old", "new"] && evidence(intake).map(\.summary) == ["old", "new"])
    var restored = Alerts()
    for fact in intake.rules.condensed() { restored.apply(fact, at: intake.now) }
    #expect((restored == intake.rules))
    intake.handOver()
    #expect(evidence(intake).isEmpty && owed(intake).isEmpty)
    #expect(try listed(intake) == ["new"])
  }

  @Test func anAlertGoesToTheEscalatorBeforeAnyChange() throws {
    var intake = Intake()
    try intake.publish(deployed())
    try intake.publish(Event(action: .trigger, source: "probe", severity: .sev4, summary: "slow", service: "web"))
    let owed = intake.rules.owed(to: .escalator, limit: .max)
    #expect(owed.count == 2)
    guard case .alert = owed[0] else { return #expect(Bool(false), "the change came first") }
  }

  @Test func whatTheSchedulerRefusesIsOwedNoMoreAndSaysSo() throws {
    var intake = Intake()
    try intake.publish(deployed())
    take(&intake, .invalidArgument)
    #expect(owed(intake).isEmpty)
    #expect(try intake.rules.list(ChangesRequest()).changes.first?.refusal == "INVALID_ARGUMENT no")
  }

  @Test func aSchedulerThatForgotIsToldAgain() throws {
    var intake = Intake()
    try intake.publish(deployed())
    take(&intake)
    intake.handOver()
    intake.rules.peerLost(.escalator, at: intake.now)
    #expect(owed(intake).isEmpty && evidence(intake).count == 1)
    intake.handOver()
    intake.rules.peerLost(.scheduler, at: intake.now)
    #expect(owed(intake).count == 1 && evidence(intake).isEmpty)
  }

  @Test func whatHappenedBeforeAClockStepHappenedJustAsLongAgo() throws {
    var intake = Intake()
    try intake.publish(deployed())
    intake.stepClock(by: .hours(5))
    #expect(owed(intake).first?.happenedAt == intake.now)
  }
}
