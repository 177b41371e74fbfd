import Machinery
import Messages
import Notifying
import Testing

/// What becomes of a page after its provider was asked to take it: looked for when nobody knows, followed until it has arrived
/// (requirement N3).
@Suite struct FollowingTests {
  /// SMS and calls by Twilio, which can be asked; push by a provider that can't.
  static let team: NotificationConfiguration = {
    var team = NotificationConfiguration.team
    team.contacts[0].methods = ["push", "sms", "voice"].map {
      ContactMethod(channel: $0, address: $0 == "push" ? "ana-push" : "+12025550101")
    }
    team.contacts = [team.contacts[0]]
    team.channels = ["sms", "voice"].map {
      ChannelRoute(
        channel: $0, provider: "twilio", secretFile: "key", account: "AC" + String(repeating: "0", count: 32),
        from: "+12025550100")
    }
    return team
  }()

  private static func bySMS(_ severity: Severity = .sev1) -> Page { .wanted("ana", severity, channels: ["sms"]) }

  private func life(_ notifier: Notifier, _ page: Page) throws -> [DeliveryLife] {
    try notifier.rules.showPage(ShowPageRequest(pageId: page.id)).deliveries
  }

  // MARK: Unknown

  @Test func whatACrashCutInHalfIsNotSentAgainWhenItsProviderHasIt() throws {
    var notifier = Notifier(Self.team, answering: { _ in nil })
    try notifier.page(Self.bySMS())
    notifier.telling = { question, attempt in
      guard case .arrival(let since) = question, since == Notifier.start,
        attempt.texts.map({ $0.hasPrefix("(possible repeat)") }) == [false, true]
      else { return nil }
      return .init(.ok, "SM7 sent", id: "SM7", reached: .accepted)
    }
    notifier.wait(.seconds(3))
    notifier.restart()
    notifier.wait(.seconds(10))
    #expect(notifier.said == ["03:00:00 sms -> ana", "03:00:03 sms? ana"])
    #expect(notifier.states == ["sms accepted"] && notifier.deliveries()[0].providerId == "SM7")
  }

  @Test func whatIsNotThereTwiceIsSentAgainAndSaysSo() throws {
    var notifier = Notifier(Self.team, answering: { _ in nil })
    try notifier.page(Self.bySMS())
    notifier.telling = { _, _ in .init(.notFound, "no such message") }
    notifier.restart()
    notifier.answering = Notifier.taken
    notifier.wait(.seconds(10))
    #expect(
      notifier.said.prefix(4) == [
        "03:00:00 sms -> ana", "03:00:00 sms? ana", "03:00:03 sms? ana", "03:00:03 sms -> ana (repeat)",
      ])
    #expect(notifier.states == ["sms handedOver"])
  }

  @Test func itIsFoundWhenTheListWasBehind() throws {
    var notifier = Notifier(Self.team, answering: { _ in (.unknown, "502", nil) })
    notifier.telling = { _, attempt in
      attempt.key.generation & 0xff == 1 ? .init(.notFound, "") : .init(.ok, "SM1 queued", id: "SM1")
    }
    try notifier.page(Self.bySMS())
    notifier.wait(.seconds(14))
    #expect(notifier.said.prefix(3) == ["03:00:00 sms -> ana", "03:00:00 sms? ana", "03:00:03 sms? ana"])
    #expect(notifier.attempts.count == 1 && notifier.states == ["sms handedOver"])
  }

  @Test func aProviderThatDoesNotAnswerIsNotWaitedFor() throws {
    var notifier = Notifier(Self.team, answering: { $0.isRepeat ? (.ok, "", nil) : (.unknown, "no answer", nil) })
    notifier.telling = { _, _ in nil }
    try notifier.page(Self.bySMS())
    notifier.wait(.seconds(6))
    #expect(
      notifier.said == ["03:00:00 sms -> ana", "03:00:00 sms? ana", "03:00:05 sms -> ana (repeat)"])
    #expect(notifier.states == ["sms handedOver"])
  }

  @Test func anAnswerThatComesTooLateChangesNothing() throws {
    var notifier = Notifier(Self.team, answering: { $0.isRepeat ? (.ok, "", nil) : (.unknown, "no answer", nil) })
    notifier.telling = { _, _ in nil }
    try notifier.page(Self.bySMS())
    let question = try #require(notifier.rules.owed(to: .provider, limit: 1).first)
    notifier.wait(.seconds(6))
    let before = notifier.deliveries()
    guard case .attempt(let attempt) = question else { throw Refusal(.internal, "no question") }
    notifier.settle(attempt, .ok, "SM1 sent")
    #expect(notifier.deliveries() == before)
  }

  @Test func whatCannotBeAskedIsSentAgainAtOnce() throws {
    var notifier = Notifier(Self.team, answering: { _ in nil })
    try notifier.page(.wanted("ana", .sev1, channels: ["push"]))
    notifier.restart()
    #expect(notifier.said == ["03:00:00 push -> ana", "03:00:00 push -> ana (repeat)"])
  }

  @Test func anUnknownRepeatIsLookedForButNeverSentAThirdTime() throws {
    var notifier = Notifier(Self.team, answering: { _ in (.unknown, "no answer", nil) })
    notifier.telling = { _, attempt in
      attempt.number == 1 ? .init(.notFound, "") : .init(.ok, "SM2 sent", id: "SM2", reached: .accepted)
    }
    try notifier.page(Self.bySMS(.sev3))
    notifier.wait(.hours(1))
    #expect(notifier.attempts.map(\.isRepeat) == [false, true] && notifier.states == ["sms accepted"])
  }

  @Test func aCallOfAnotherPageIsNotTakenForThisOne() throws {
    var notifier = Notifier(Self.team, answering: { _ in (.ok, "CA1 queued", nil) })
    try notifier.page(.wanted("ana", id: "2f-1k", .sev1, channels: ["voice"]))
    notifier.answering = { _ in nil }
    try notifier.page(.wanted("ana", id: "2f-2k", .sev1, channels: ["voice"]))
    // Twilio takes a call a second.
    notifier.wait(.seconds(2))
    notifier.telling = { question, _ in
      if case .arrival = question { .init(.ok, "voice-1 queued", id: "voice-1") } else { nil }
    }
    notifier.restart()
    notifier.answering = Notifier.taken
    notifier.wait(.seconds(10))
    #expect(notifier.attempts.map(\.isRepeat) == [false, false, true])
  }

  @Test func whileItIsLookedForTheNextChannelDoesNotWait() throws {
    var notifier = Notifier(Self.team, answering: { $0.channel == "sms" ? (.unknown, "504", nil) : (.ok, "", nil) })
    notifier.telling = { question, _ in
      if case .arrival = question { .init(.notFound, "") } else { .init(.ok, "") }
    }
    try notifier.page(.wanted("ana", .sev1, channels: ["sms"]))
    try notifier.page(.wanted("ana", id: "2f-2k"))
    notifier.wait(.minutes(2))
    #expect(notifier.said.contains("03:02:00 sms -> ana") && notifier.said.contains("03:02:00 voice -> ana"))
  }

  // MARK: Receipts

  @Test func aReceiptIsAskedForUntilItIsThere() throws {
    var notifier = Notifier(Self.team)
    let states = [DeliveryState.unspecified, .accepted, .delivered]
    notifier.telling = { _, attempt in
      let number = Int(attempt.key.generation & 0xffff)
      return .init(.ok, "SM1", id: "SM1", reached: states[min(number, 3) - 1])
    }
    try notifier.page(Self.bySMS())
    notifier.wait(.minutes(20))
    #expect(
      notifier.said == ["03:00:00 sms -> ana", "03:00:15 sms? ana", "03:00:30 sms? ana", "03:01:00 sms? ana"])
    #expect(notifier.states == ["sms delivered"])
    notifier.takeReceipts()
    #expect(notifier.rules.openCount == 0)
  }

  @Test func itIsNotAskedForWhereNobodyMustBeWokenOrAnAnswerIsKnown() throws {
    var notifier = Notifier(Self.team)
    try notifier.page(Self.bySMS(.sev3))
    try notifier.page(.wanted("ana", id: "2f-2k", .sev1, channels: ["sms"]))
    try notifier.cancel(.wanted("ana", id: "2f-2k", .sev1, channels: ["sms"]))
    notifier.wait(.minutes(20))
    #expect(notifier.said == ["03:00:00 sms -> ana", "03:00:00 sms -> ana"])
  }

  @Test func aProviderThatNeverKnowsIsAskedSevenTimes() throws {
    var notifier = Notifier(Self.team)
    notifier.telling = { _, _ in .init(.unavailable, "503") }
    try notifier.page(Self.bySMS())
    notifier.wait(.hours(1))
    #expect(notifier.said.count == 8 && notifier.said.last == "03:10:00 sms? ana")
    #expect(notifier.states == ["sms handedOver"])
  }

  @Test func aTextThatIsUndeliveredBringsTheCallForward() throws {
    var notifier = Notifier(Self.team)
    notifier.telling = { _, attempt in
      attempt.channel == "sms"
        ? .init(.ok, "SM1 undelivered: 30003", id: "SM1", reached: .failed) : .init(.ok, "", reached: .delivered)
    }
    try notifier.page(.wanted())
    notifier.wait(.minutes(3))
    #expect(
      notifier.said.prefix(4) == [
        "03:00:00 push -> ana", "03:02:00 sms -> ana", "03:02:15 sms? ana", "03:02:15 voice -> ana",
      ])
    #expect(notifier.states.prefix(2) == ["push handedOver", "sms failed"])
    #expect(try life(notifier, .wanted())[2].events.first?.words == "sms failed: SM1 undelivered: 30003")
  }

  @Test func aReportByItselfDoesTheSame() throws {
    var notifier = Notifier(Self.team)
    try notifier.page(.wanted())
    notifier.wait(.minutes(2))
    try notifier.report(.wanted(), 1, .failed, id: "sms-1", words: "30005")
    #expect(notifier.said.last == "03:02:00 voice -> ana")
  }

  @Test func theSecondProviderTakesWhatTheFirstCouldNotDeliver() throws {
    var both = Self.team
    both.channels[0].second = SecondProvider(provider: "webhook", url: "https://b.example", secretFile: "key")
    var notifier = Notifier(both)
    try notifier.page(.wanted("ana", .sev1, channels: ["sms"]))
    try notifier.report(.wanted("ana", .sev1), 0, .failed, id: "sms-1")
    #expect(notifier.attempts.map(\.route.provider) == ["twilio", "webhook"])
    #expect(notifier.attempts.map(\.isRepeat) == [false, false])
  }

  @Test func whatNothingReachedIsToldToTheEscalator() throws {
    var notifier = Notifier(Self.team)
    try notifier.page(Self.bySMS())
    #expect(notifier.takeReceipts().map(\.outcome) == ["handed over"])
    try notifier.report(Self.bySMS(), 0, .failed, id: "sms-1", words: "30003")
    #expect(notifier.takeReceipts().map(\.outcome) == ["failed"])
  }

  @Test func reportsInTheWrongOrderAndTwiceChangeNothing() throws {
    var notifier = Notifier(Self.team)
    try notifier.page(Self.bySMS())
    for state in [DeliveryState.delivered, .accepted, .failed, .delivered, .handedOver] {
      try notifier.report(Self.bySMS(), 0, state, id: "sms-1")
      #expect(notifier.states == ["sms delivered"])
    }
    try notifier.report(Self.bySMS(), 0, .acknowledged, id: "sms-1")
    try notifier.report(Self.bySMS(), 0, .seen, id: "sms-1")
    #expect(notifier.states == ["sms acknowledged"])
    #expect(notifier.facts.count { if case .reported = $0.fact.kind { true } else { false } } == 2)
  }

  @Test func aReportThatIsFasterThanTheAnswerCounts() throws {
    var notifier = Notifier(Self.team, answering: { _ in nil })
    try notifier.page(Self.bySMS())
    try notifier.report(Self.bySMS(), 0, .delivered, id: "SM1")
    #expect(notifier.states == ["sms due"])
    notifier.settle(notifier.attempts[0], .unknown, "no answer")
    notifier.wait(.minutes(20))
    #expect(notifier.states == ["sms delivered"] && notifier.said.count == 1)
  }

  @Test func aReportOfAnAttemptThatWasGivenUpIsNoFailure() throws {
    var notifier = Notifier(Self.team, answering: { $0.number == 1 ? (.unavailable, "503", nil) : (.ok, "", nil) })
    try notifier.page(Self.bySMS(.sev3))
    try notifier.report(Self.bySMS(.sev3), 0, .failed, id: "SM-old")
    notifier.wait(.minutes(1))
    try notifier.report(Self.bySMS(.sev3), 0, .failed, id: "SM-old")
    #expect(notifier.states == ["sms handedOver"])
  }

  @Test func reportsOfWhatIsNotThereAreRefusedOrForgotten() throws {
    var notifier = Notifier(Self.team)
    try notifier.page(Self.bySMS())
    #expect(throws: Refusal.self) { try notifier.report(Self.bySMS(), 7, .delivered) }
    #expect(throws: Refusal.self) { try notifier.report(Self.bySMS(), 0, .planned) }
    try notifier.report(.wanted("ben"), 0, .delivered)
    #expect(notifier.states == ["sms handedOver"])
  }

  // MARK: Showing

  @Test func aPageIsShownWithAllThatHappened() throws {
    var notifier = Notifier(Self.team)
    notifier.telling = { _, _ in .init(.ok, "SM1 delivered", id: "sms-1", reached: .delivered) }
    try notifier.page(.wanted())
    notifier.wait(.seconds(135))
    let shown = try life(notifier, .wanted())
    #expect(shown[0].events.map(\.state) == [.due, .handedOver] && shown[0].next.isEmpty)
    #expect(shown[1].events.map(\.state) == [.due, .handedOver, .due, .delivered])
    #expect(shown[1].events.map(\.provider) == ["twilio", "", "twilio", ""])
    #expect(shown[1].delivery?.providerId == "sms-1")
    #expect(shown[2].next == "sent, if nobody has answered by then" && shown[2].nextAt == Notifier.start + .minutes(5))
    #expect(throws: Refusal.self) { try notifier.rules.showPage(ShowPageRequest(pageId: "x")) }
  }

  @Test func aLongStoryKeepsItsBeginningAndItsEnd() throws {
    var notifier = Notifier(Self.team, answering: { _ in (.unavailable, "503", nil) })
    try notifier.post(Post(id: "p1", channel: "#x", text: "words", postedAt: Notifier.start))
    notifier.wait(.hours(10))
    let events = try notifier.rules.showPage(ShowPageRequest(pageId: "p1")).deliveries[0].events
    #expect(events.count == 16 && events[0].attempt == 1 && events.last?.attempt == 56)
  }
}
