import Machinery
import Messages
import Notifying
import Testing

/// The watch: accepted alerts are compared with the ledger, synthetic alerts are expected, and when either is missing people
/// are paged from here (requirement I6).
@Suite struct WatchTests {
  private static let watch = Watch(
    people: ["ana"], channel: "#platform-alerts", missingAfter: .minutes(1), severities: [.sev1, .sev2],
    syntheticLostAfter: .minutes(3), stormCovers: .minutes(70))

  private func notifier(_ watch: Watch? = WatchTests.watch) throws -> Notifier {
    var team = NotificationConfiguration.team
    team.watch = watch
    return Notifier(team)
  }

  private func accepted(
    _ id: String = "2f-1k", service: String = "redis", age: Span = .minutes(1), partOf: String = ""
  ) -> AcceptedAlert {
    AcceptedAlert(
      id: id, severity: .sev1, team: "platform", service: service, alertClass: "down", summary: "no primary", age: age,
      partOf: partOf)
  }

  private func synthetic(_ number: Int, at now: Instant, age: Span = .seconds(2)) -> Page {
    Page(
      id: "synthetic/\(number)", generation: 1, wanted: true, incidentId: "synthetic", person: "synthetic",
      purpose: .synthetic, severity: .sev1, summary: "synthetic", pagedAt: now - age, openedAt: now - age,
      handedOverAt: now)
  }

  private func page(_ id: String, service: String = "redis", at now: Instant) -> Page {
    var page = Page.wanted("ana", id: id, at: now)
    page.service = service
    page.alertClass = "down"
    page.team = "platform"
    return page
  }

  // MARK: Comparing

  @Test func anAcceptedAlertWithoutAPageIsToldOfAfterHalfAMinuteMore() throws {
    var notifier = try notifier(
      Watch(people: ["ana"], missingAfter: .minutes(1), severities: [.sev1], stormCovers: .minutes(70)))
    try notifier.accept(AcceptedList(alerts: [accepted()], through: 9))
    notifier.wait(.milliseconds(29_999))
    #expect(notifier.said == [])
    notifier.wait(.milliseconds(1))
    #expect(notifier.said == ["03:00:30 push -> ana"])
    let text = try #require(notifier.attempts.last).text
    #expect(notifier.attempts.map(\.isDuty) == [true], "somebody is asked to act")
    #expect(text.contains("no page for 1 accepted alert: SEV-1 redis: no primary (2f-1k, platform, 90 s ago)"))
    notifier.wait(.minutes(5))
    #expect(notifier.said.dropFirst() == ["03:02:30 sms -> ana", "03:05:30 voice -> ana"], "by the person's own rules")
    #expect(notifier.receipts == [], "the escalator knows nothing of it")
  }

  @Test func itIsToldAgainLessAndLessOften() throws {
    var notifier = try notifier(
      Watch(people: ["ana"], missingAfter: .minutes(1), severities: [.sev1], stormCovers: .minutes(70)))
    try notifier.accept(AcceptedList(alerts: [accepted()], through: 9))
    notifier.wait(.hours(3))
    #expect(
      notifier.said.filter { $0.contains("push") }.map { String($0.prefix(8)) }
        == ["03:00:30", "03:10:30", "03:30:30", "04:10:30", "05:10:30"])
  }

  /// A provider drops what has an id that it has had: an alarm of a restored notifier would reach nobody.
  @Test func noAlarmHasTheIdOfALostOneHoweverOldTheBackupIs() throws {
    func watched() throws -> Notifier {
      try notifier(
        Watch(people: ["ana"], missingAfter: .minutes(1), severities: [.sev1], stormCovers: .minutes(70)))
    }
    func told(_ notifier: Notifier) -> Set<String> { Set(notifier.attempts.map(\.id)) }
    for wasTold in [false, true] {
      var lost = try watched()
      try lost.accept(AcceptedList(alerts: [accepted()], through: 9))
      if wasTold { lost.wait(.minutes(1)) }
      var restored = lost
      let before = told(lost)
      #expect(before.count == (wasTold ? 1 : 0))
      lost.wait(.hours(1))
      restored.rules.skipNumbers(over: .hours(1))
      restored.wait(.hours(1))
      let again = told(restored).subtracting(before)
      #expect(!again.isEmpty && again.isDisjoint(with: told(lost)))
      let numbers = again.compactMap { UInt64($0.split(separator: "/")[1]) }
      let next: UInt64 = 1_000 + 3_600 + (wasTold ? 2 : 1)
      #expect(numbers.count == again.count && numbers.allSatisfy { $0 == next })
    }
  }

  @Test func whatIsMissedBesidesLostSyntheticAlertsIsToldAtOnceAndMoreOfItLater() throws {
    var notifier = try notifier()
    notifier.wait(.minutes(3))
    try notifier.accept(AcceptedList(alerts: [accepted()], through: 9))
    notifier.wait(.seconds(30))
    #expect(notifier.said.filter { $0.contains("push") } == ["03:03:00 push -> ana", "03:03:30 push -> ana"])
    try notifier.accept(AcceptedList(alerts: [accepted("2f-2", service: "web")], through: 10))
    notifier.wait(.minutes(6))
    #expect(notifier.said.filter { $0.contains("push") }.dropFirst(2) == ["03:08:30 push -> ana"])
  }

  @Test func itIsOverWhenThePageComesAndNothingIsSentAnyMore() throws {
    var notifier = try notifier(
      Watch(people: ["ben"], channel: "#x", missingAfter: .minutes(1), severities: [.sev1], stormCovers: .minutes(70)))
    try notifier.accept(AcceptedList(alerts: [accepted()], through: 9))
    notifier.wait(.minutes(1))
    try notifier.page(page("2f-1k", at: notifier.now))
    #expect(notifier.said.contains { $0.hasSuffix("#x -> ") })
    #expect(notifier.attempts.last { $0.channel == "#x" }?.text.hasPrefix("RESOLVED") ?? false)
    let before = notifier.said.filter { $0.contains("ben") }
    notifier.wait(.hours(2))
    #expect(notifier.said.filter { $0.contains("ben") } == before)
  }

  @Test func aPageThatComesWithinHalfAMinuteIsEnough() throws {
    var notifier = try notifier(
      Watch(people: ["ben"], missingAfter: .minutes(1), severities: [.sev1], stormCovers: .minutes(70)))
    try notifier.accept(AcceptedList(alerts: [accepted()], through: 9))
    notifier.wait(.seconds(29))
    try notifier.page(page("2f-1k", at: notifier.now))
    notifier.wait(.hours(1))
    #expect(!notifier.said.contains { $0.contains("ben") })
  }

  @Test func whatHasAPageOrIsOneOfAStormIsNotMissing() throws {
    var notifier = try notifier(
      Watch(people: ["ben"], missingAfter: .minutes(1), severities: [.sev1], stormCovers: .minutes(70)))
    try notifier.page(page("2f-1k", at: notifier.now))
    notifier.wait(.minutes(69))
    try notifier.accept(AcceptedList(alerts: [accepted(), accepted("2f-2", partOf: "2f-1k")], through: 9))
    notifier.wait(.minutes(5))
    #expect(!notifier.said.contains { $0.contains("ben") })
    try notifier.accept(
      AcceptedList(
        alerts: [accepted("2f-3", service: "web", partOf: "2f-1k"), accepted("2f-4", partOf: "2f-1k")], through: 10))
    notifier.wait(.minutes(1))
    let texts = Set(notifier.attempts.filter { $0.person == "ben" }.map(\.text)).sorted()
    #expect(
      texts.count == 1 && texts[0].contains("no page for 2 accepted alerts"),
      "another service, and later than storms go")
  }

  @Test func aStormCoversNeitherAnotherTeamNorWhatIsWorseNorWhatSaysNothing() throws {
    func missing(_ change: (inout AcceptedAlert, inout Page) -> Void) throws -> Int {
      var notifier = try notifier()
      var (alert, page) = (accepted("2f-2", partOf: "2f-1k"), page("2f-1k", at: notifier.now))
      change(&alert, &page)
      try notifier.page(page)
      try notifier.accept(AcceptedList(alerts: [alert], through: 9))
      notifier.wait(.seconds(30))
      return Int(notifier.rules.endToEnd(at: notifier.now)?.missing ?? 9)
    }
    #expect(try missing { _, _ in } == 0)
    #expect(try missing { _, page in page.team = "data" } == 1)
    #expect(try missing { _, page in page.severity = .sev2 } == 1)
    #expect(
      try missing { alert, page in
        (alert.service, alert.alertClass, page.service, page.alertClass) = ("", "", "", "")
      } == 1)
    #expect(try missing { alert, _ in alert.age = .zero - .minutes(71) } == 1, "later than storms go")
  }

  /// A page for the same service an hour ago says nothing of an alert that the escalator has never seen.
  @Test func whatTheEscalatorHasNotTakenIsMissingWhateverWasPagedBefore() throws {
    var notifier = try notifier()
    try notifier.page(page("2f-1k", at: notifier.now))
    notifier.wait(.minutes(1))
    try notifier.accept(AcceptedList(alerts: [accepted("2f-2")], through: 9))
    notifier.wait(.seconds(30))
    #expect(notifier.rules.endToEnd(at: notifier.now)?.missing == 1)
    #expect(notifier.attempts.last { $0.channel == "push" }?.text.contains("(2f-2, platform, ") ?? false)
  }

  @Test func whatTheEscalatorCallsAPartIsMissingAsLongAsNobodyWasPagedForTheWhole() throws {
    var notifier = try notifier()
    try notifier.page(page("2f-1k", at: notifier.now))
    try notifier.accept(AcceptedList(alerts: [accepted("2f-3", partOf: "2f-2")], through: 9))
    notifier.wait(.seconds(30))
    #expect(notifier.rules.endToEnd(at: notifier.now)?.missing == 1)
    try notifier.page(page("2f-2", at: notifier.now))
    try notifier.accept(AcceptedList(through: 9, parts: [AcceptedPart(id: "2f-3", partOf: "2f-2")]))
    #expect(notifier.rules.endToEnd(at: notifier.now)?.missing == 0)
  }

  @Test func whatBecomesAPartLaterIsMissingNoMore() throws {
    var notifier = try notifier()
    try notifier.page(page("2f-1k", at: notifier.now))
    try notifier.accept(AcceptedList(alerts: [accepted("2f-2")], through: 9))
    notifier.wait(.seconds(20))
    #expect(notifier.rules.question()?.also == ["2f-2"])
    try notifier.accept(AcceptedList(through: 9, parts: [AcceptedPart(id: "2f-2", partOf: "2f-1k")]))
    notifier.wait(.seconds(20))
    #expect(notifier.rules.question()?.also == [] && !notifier.attempts.contains { $0.purpose == .watch })
  }

  @Test func moreThanCanBeKeptAreListedAgain() throws {
    var notifier = try notifier()
    let many = (0..<1_200).map { accepted("2f-\($0)", service: "s\($0)") }
    try notifier.accept(AcceptedList(through: 5))
    try notifier.accept(AcceptedList(alerts: many, through: 2_000, more: true))
    #expect(notifier.rules.question()?.after == 5 && notifier.rules.question()?.also.count == 200)
    try notifier.accept(AcceptedList(through: 5, over: (0..<300).map { "2f-\($0)" }))
    try notifier.accept(AcceptedList(alerts: Array(many.dropFirst(300)), through: 2_000))
    #expect(notifier.rules.question()?.after == 2_000)
    notifier.wait(.minutes(1))
    #expect(notifier.rules.endToEnd(at: notifier.now)?.missing == 900)
  }

  @Test func aNotifierThatStartsAnewDuringAnAlarmDoesNotSayThatAllIsWell() throws {
    var notifier = try notifier()
    notifier.wait(.minutes(12))
    notifier.restart()
    #expect(notifier.rules.endToEnd(at: notifier.now)?.lost == true)
    notifier.wait(.minutes(2))
    #expect(notifier.attempts.filter { $0.channel == "push" }.allSatisfy { $0.text.contains("no synthetic alert") })
    #expect(notifier.attempts.count { $0.channel == "push" } == 2)
  }

  @Test func aWatchThatIsRemovedTellsNobodyAnyMore() throws {
    var notifier = try notifier()
    notifier.wait(.minutes(4))
    let before = notifier.said
    #expect(before.count == 2)
    try notifier.configure(.team)
    notifier.wait(.hours(2))
    #expect(notifier.said == before)
  }

  @Test func whatIntakeSaysIsOverIsNotMissingAnyMore() throws {
    var notifier = try notifier(
      Watch(people: ["ben"], missingAfter: .minutes(1), severities: [.sev1], stormCovers: .minutes(70)))
    try notifier.accept(AcceptedList(alerts: [accepted()], through: 9))
    #expect(notifier.rules.question()?.also == ["2f-1k"] && notifier.rules.question()?.after == 9)
    try notifier.accept(AcceptedList(through: 9, over: ["2f-1k"]))
    notifier.wait(.hours(1))
    #expect(notifier.said == [] && notifier.rules.question()?.also == [])
  }

  @Test func theFirstQuestionBeginsNow() throws {
    var notifier = try notifier()
    #expect(notifier.rules.question()?.fromNow == true)
    try notifier.accept(AcceptedList(through: 5))
    #expect(notifier.rules.question()?.fromNow == false && notifier.rules.question()?.after == 5)
    #expect(try self.notifier(nil).rules.question() == nil)
  }

  @Test func eachIntakeIsComparedByItself() throws {
    var notifier = try notifier()
    try notifier.accept(AcceptedList(through: 5))
    #expect(notifier.rules.question(to: .furtherIntake(2))?.fromNow == true)
    try notifier.accept(AcceptedList(through: 3), from: .furtherIntake(2))
    try notifier.accept(AcceptedList(alerts: [accepted("2f-2-1k")], through: 9), from: .furtherIntake(2))
    #expect(notifier.rules.question()?.after == 5 && notifier.rules.question()?.also == [])
    #expect(notifier.rules.question(to: .furtherIntake(2))?.after == 9)
    #expect(notifier.rules.question(to: .furtherIntake(2))?.also == ["2f-2-1k"])
    notifier.wait(.minutes(1))
    #expect(notifier.rules.endToEnd(at: notifier.now)?.missing == 1)
  }

  @Test func whatAnotherIntakeHadOpenBeforeIsPagedByThatOnesId() throws {
    var notifier = try notifier()
    try notifier.accept(AcceptedList(through: 3), from: .furtherIntake(2))
    try notifier.page(page("2f-1k", at: notifier.now))
    notifier.wait(.minutes(80))
    var twin = accepted("2f-2-1k")
    (twin.service, twin.alertClass, twin.partOf) = ("", "", "2f-1k")
    try notifier.accept(AcceptedList(alerts: [twin], through: 4), from: .furtherIntake(2))
    notifier.wait(.minutes(1))
    #expect(notifier.rules.endToEnd(at: notifier.now)?.missing == 0)
    twin.partOf = "2f-unknown"
    twin.id = "2f-2-2k"
    try notifier.accept(AcceptedList(alerts: [twin], through: 5), from: .furtherIntake(2))
    notifier.wait(.minutes(1))
    #expect(notifier.rules.endToEnd(at: notifier.now)?.missing == 1, "that incident has no page either")
  }

  @Test func nothingNewLeavesNoRecord() throws {
    var notifier = try notifier()
    try notifier.accept(AcceptedList(through: 5))
    let before = notifier.facts.count
    try notifier.accept(AcceptedList(through: 5))
    #expect(notifier.facts.count == before)
  }

  // MARK: Synthetic alerts

  @Test func aSyntheticPageReachesNobodyAndIsForgottenSoon() throws {
    var notifier = try notifier()
    try notifier.page(synthetic(1, at: notifier.now))
    #expect(notifier.said == ["03:00:00 synthetic -> synthetic"])
    let seen = try #require(notifier.rules.endToEnd(at: notifier.now))
    #expect(seen.passedAt == notifier.now && seen.took == .seconds(2) && !seen.lost)
    #expect(notifier.receipts == [] && notifier.deliveries() == [] && notifier.deliveries("synthetic").count == 1)
    notifier.wait(.minutes(2))
    #expect(notifier.deliveries("synthetic") == [])
  }

  @Test func whenNoneArrivesPeopleArePagedUntilOneDoes() throws {
    var notifier = try notifier()
    notifier.wait(.minutes(2))
    try notifier.page(synthetic(1, at: notifier.now))
    notifier.wait(.milliseconds(179_999))
    #expect(notifier.said.count == 1)
    notifier.wait(.milliseconds(1))
    #expect(notifier.said.dropFirst() == ["03:05:00 push -> ana", "03:05:00 #platform-alerts -> "])
    #expect(notifier.rules.endToEnd(at: notifier.now)?.lost == true)
    notifier.wait(.minutes(1))
    try notifier.page(synthetic(2, at: notifier.now))
    #expect(notifier.rules.endToEnd(at: notifier.now)?.lost == false)
    #expect(notifier.attempts.last?.text.hasPrefix("RESOLVED") ?? false)
    notifier.wait(.seconds(179))
    #expect(notifier.said.count == 5, "neither the text message nor the call comes any more")
  }

  @Test func aNotifierThatWasDownWaitsAnew() throws {
    var notifier = try notifier()
    notifier.now = notifier.now + .hours(1)
    notifier.restart()
    notifier.wait(.seconds(179))
    #expect(notifier.said == [])
    notifier.wait(.seconds(1))
    #expect(notifier.said.count == 2)
  }

  @Test func itsStateSurvivesACheckpointAndAClockThatJumps() throws {
    var notifier = try notifier()
    try notifier.accept(AcceptedList(alerts: [accepted()], through: 9))
    notifier.wait(.minutes(4))
    var copy = Notifications()
    for fact in notifier.rules.condensed() { copy.apply(fact, at: notifier.now) }
    #expect(copy == notifier.rules && copy.nextDeadline == notifier.rules.nextDeadline)
    let left = try #require(notifier.rules.nextDeadline) - notifier.now
    copy.clockStepped(by: .hours(5))
    #expect(copy.nextDeadline == notifier.now + .hours(5) + left)
  }

  // MARK: Configuration

  @Test func aWatchThatTellsNobodyIsRefused() throws {
    var notifier = try notifier(nil)
    func refused(_ change: (inout Watch) -> Void) -> String {
      var team = NotificationConfiguration.team
      var watch = Self.watch
      change(&watch)
      team.watch = watch
      do {
        try notifier.configure(team)
        return ""
      } catch {
        return error.field
      }
    }
    #expect(refused { $0.people = [] } == "watch.people")
    #expect(refused { $0.people = ["ana", "zoe"] } == "watch.people[1]")
    #expect(refused { $0.missingAfter = .seconds(1) } == "watch.missing_after_ms")
    #expect(refused { $0.severities = [.sev1, .sev1] } == "watch.severities")
    #expect(refused { $0.syntheticLostAfter = .seconds(1) } == "watch.synthetic_lost_after_ms")
    #expect(refused { _ in } == "")
    var page = Page.wanted()
    page.purpose = .watch
    #expect(throws: Refusal.self) { try notifier.page(page) }
  }
}
