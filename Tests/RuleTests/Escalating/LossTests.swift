import Escalating
import Machinery
import Messages
import Testing

/// A disk that said OK has lost rows, and an operator lets its tier go on: what the others know must not be taken for
/// something else, and nobody goes on with what is over.
@Suite struct LossTests {
  @Test func afterALossAnIncidentThatOpensAgainUsesNoNumberThatTheNotifierMayKnow() throws {
    var escalator = Escalator()
    escalator.goOnAfterLoss()
    escalator.alert(.sev1)
    #expect(escalator.incident().pages.map(\.pageId) == ["2f-1/ana/1001"])
    try escalator.resolve(by: "ana")
    let posts = escalator.paid.compactMap { if case .post(let post) = $0 { post.id } else { nil } }
    #expect(posts == ["2f-1#1001", "2f-1#1002"])
  }

  @Test func skippedNumbersAreNoPages() throws {
    var escalator = Escalator(at: Instant(rfc3339: "2026-11-25T20:00:00Z") ?? .unset)
    escalator.alert(.sev4)
    escalator.goOnAfterLoss()
    escalator.alert(.sev4, "2f-2")
    escalator.wait(until: "2026-11-26T09:00:00Z")
    #expect(escalator.lines("chain-started") == ["round 1 begins", "round 1 begins"])
    var quiet = Escalator(timelines: [])
    quiet.alert(.sev1)
    quiet.goOnAfterLoss()
    let before = quiet.posts.count
    try quiet.resolve(by: "ana")
    #expect(quiet.posts.count == before, "of what nobody was paged for there is nothing to say")
  }

  @Test func skippedNumbersOutliveACheckpoint() {
    var escalator = Escalator()
    escalator.goOnAfterLoss()
    var restored = Escalations(zones: SystemZones.all)
    for fact in escalator.rules.condensed() { restored.apply(fact, at: escalator.now) }
    escalator.rules = restored
    escalator.alert(.sev1)
    #expect(escalator.incident().pages.map(\.pageId) == ["2f-1/ana/1001"])
  }

  @Test(arguments: [(Severity.sev3, ["push", "slack"]), (.sev1, [])])
  func aPageThatTheNotifierLostIsOwedAgainByTheChannelsOfItsSeverity(severity: Severity, channels: [String]) {
    var escalator = Escalator()
    escalator.alert(severity)
    escalator.handOverAgain(to: .notifier)
    let pages = escalator.paid.compactMap { if case .page(let page) = $0 { page } else { nil } }
    #expect(pages.count == 2 && pages[0].id == pages[1].id)
    #expect(pages.map(\.channels) == [channels, channels])
    #expect(pages.last?.because == "handed over again after a loss")
  }

  @Test func wordToTheLeadThatTheNotifierLostGoesByQuietChannelsAgain() {
    var escalator = Escalator(timelines: [.platform(holders: [1: "ana", 3: "tess"], executives: [])])
    escalator.alert(.sev1)
    escalator.wait(.minutes(10))
    escalator.handOverAgain(to: .notifier)
    guard case .page(let page)? = escalator.paid.last(where: { $0.key.id.contains("/lee/") }) else {
      Issue.record("lee is told nothing")
      return
    }
    #expect(page.purpose == .tell && page.channels == ["push", "slack"])
  }

  @Test func intakeThatLostAClosingLearnsOfItThoughTheIncidentIsHistory() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.wait(.minutes(1))
    try escalator.resolve(by: "ana")
    let closedAt = escalator.now
    escalator.wait(.hours(3))
    #expect(escalator.incident().id.isEmpty, "history by now")
    escalator.alert(.sev1, generation: 1_001, state: .resolved)
    #expect(escalator.paid.filter(\.isClosing).count == 1)
    escalator.alert(.sev1, generation: 1_001)
    guard case .closing(let closing)? = escalator.paid.last else {
      Issue.record("intake is owed no closing")
      return
    }
    #expect(closing.alertId == "2f-1" && closing.closedAt == closedAt)
    #expect(escalator.said == ["11-25 10:00:00 duty ana"], "nobody is paged for it")
    #expect(escalator.rules.debtSummary(to: .intake).count == 0)
  }

  @Test func intakeThatLostWhatItsSourceSaidLearnsThatItIsOver() {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.alert(.sev1, generation: 2, state: .resolved)
    #expect(escalator.paid.filter(\.isClosing).isEmpty)
    escalator.alert(.sev1, generation: 1_001)
    #expect(escalator.paid.filter(\.isClosing).count == 1)
    #expect(escalator.incident().state == .resolved)
  }

  @Test func aPageThatGoesOnAfterTheAnswerIsWithdrawnAgain() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    try escalator.acknowledge(by: "ana")
    try escalator.goesOn("2f-1/ana/1", of: "ana")
    #expect(escalator.paid.last?.withdraws == "2f-1/ana/1")
    #expect(escalator.lines("withdrawn").last == "the notifier still had a page of ana: withdrawn again")
    escalator.isNotifierUp = false
    try escalator.goesOn("2f-1/ana/1", of: "ana")
    try escalator.goesOn("2f-1/ana/1", of: "ana")
    #expect(escalator.rules.debtSummary(to: .notifier).count == 1)
  }

  @Test func aPageOfAnIncidentThatIsHistoryOrLostIsWithdrawnToo() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    try escalator.resolve(by: "ana")
    escalator.wait(.hours(3))
    try escalator.goesOn("2f-1/ana/1", of: "ana")
    #expect(escalator.paid.last?.withdraws == "2f-1/ana/1")
    try escalator.goesOn("2f-9/ben/4", of: "ben", "2f-9")
    #expect(escalator.paid.last?.withdraws == "2f-9/ben/4")
    #expect(escalator.rules.debtSummary(to: .notifier).count == 0)
  }

  @Test func aPageWithDutyThatIsLostHereIsReplacedByTheOneMadeSince() throws {
    var escalator = Escalator()
    escalator.goOnAfterLoss()
    escalator.alert(.sev1)
    try escalator.goesOn("2f-1/ana/1", of: "ana")
    #expect(escalator.paid.last?.withdraws == "2f-1/ana/1")
    try escalator.goesOn("2f-1/ana/1001", of: "ana")
    #expect(escalator.incident().pages.map(\.wanted) == [true], "a page that is wanted goes on")
    #expect(escalator.paid.last?.withdraws == "2f-1/ana/1")
  }

  @Test func aStrayPageWithTheNumberOfAnotherPersonsPageIsNotTakenForIt() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    try escalator.goesOn("2f-1/ben/1", of: "ben")
    #expect(escalator.paid.last?.withdraws == "2f-1/ben/1")
    #expect(escalator.incident().pages.map(\.wanted) == [true])
    #expect(escalator.rules.debtSummary(to: .notifier).count == 0)
  }

  @Test func whatIsOwedAboutThePastOutlivesACheckpoint() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    try escalator.resolve(by: "ana")
    escalator.wait(.hours(3))
    for id in ["2f-1", "2f-9"] {
      for fact in try escalator.rules.decide(
        .receipt(
          PageReceipt(pageId: "\(id)/ana/1", incidentId: id, outcome: "handed over", person: "ana", wanted: true)),
        at: escalator.now
      ).facts { escalator.rules.apply(fact, at: escalator.now) }
    }
    let again = Alert(
      id: "2f-1", generation: 1_001, state: .open, severity: .sev1, team: "platform", openedAt: escalator.now)
    for fact in try escalator.rules.decide(.alert(again), at: escalator.now).facts {
      escalator.rules.apply(fact, at: escalator.now)
    }
    var restored = Escalations(zones: SystemZones.all)
    for fact in escalator.rules.condensed() { restored.apply(fact, at: escalator.now) }
    #expect(restored == escalator.rules)
    #expect(restored.owed(to: .notifier, limit: 9).map(\.withdraws) == ["2f-1/ana/1", "2f-9/ana/1"])
    #expect(restored.owed(to: .intake, limit: 9).map(\.isClosing) == [true])
  }
}

extension EscalationDebt {
  fileprivate var isClosing: Bool { if case .closing = self { true } else { false } }

  /// The page that it takes back.
  fileprivate var withdraws: String? {
    if case .page(let page) = self, !page.wanted { page.id } else { nil }
  }
}
