import Messages
import Notifying
import Testing

/// Reports at awkward moments: before the answer, of the attempt before, and before a crash (requirement N3).
@Suite struct DeliveryReportTests {
  private static let bySMS = Page.wanted("ana", .sev1, channels: ["sms"])

  private static let withSecond: NotificationConfiguration = {
    var both = FollowingTests.team
    both.channels[0].second = SecondProvider(provider: "webhook", url: "https://b.example", secretFile: "key")
    return both
  }()

  @Test(arguments: [Status.ok, .unknown])
  func aFailureThatIsFasterThanTheAnswerGoesToTheSecondProvider(status: Status) throws {
    var notifier = Notifier(Self.withSecond, answering: { $0.number == 1 ? nil : (.ok, "", nil) })
    try notifier.page(Self.bySMS)
    try notifier.report(notifier.attempts[0], .failed, id: "SM1", words: "SM1 failed: 30003")
    notifier.settle(notifier.attempts[0], status, "SM1 queued")
    #expect(notifier.attempts.map(\.route.provider) == ["twilio", "webhook"])
    #expect(notifier.attempts.map(\.isRepeat) == [false, false] && notifier.states == ["sms handedOver"])
    let events = try notifier.rules.showPage(ShowPageRequest(pageId: Self.bySMS.id)).deliveries[0].events
    #expect(events.first { $0.state == .retrying }?.words == "SM1 failed: 30003")
  }

  @Test func ofAPageThatIsAnsweredItOnlySays() throws {
    var notifier = Notifier(Self.withSecond, answering: { _ in nil })
    try notifier.page(Self.bySMS)
    try notifier.cancel(Self.bySMS)
    try notifier.report(notifier.attempts[0], .failed, id: "SM1")
    notifier.settle(notifier.attempts[0], .ok)
    notifier.wait(.minutes(1))
    #expect(notifier.states == ["sms failed"] && notifier.attempts.count == 1)
  }

  @Test func aReportOfTheAttemptBeforeIsNotTakenForTheOneUnderWay() throws {
    var notifier = Notifier(FollowingTests.team, answering: { $0.number == 1 ? (.unavailable, "503", nil) : nil })
    try notifier.page(.wanted("ana", .sev3, channels: ["sms"]))
    notifier.wait(.seconds(10))
    #expect(notifier.attempts.count == 2 && notifier.states == ["sms due"])
    try notifier.report(notifier.attempts[0], .failed, id: "SM1")
    notifier.settle(notifier.attempts[1], .ok, "SM2 queued")
    #expect(notifier.states == ["sms handedOver"])
    for state in [DeliveryState.accepted, .failed] { try notifier.report(notifier.attempts[0], state, id: "SM1") }
    #expect(notifier.states == ["sms handedOver"])
    try notifier.report(notifier.attempts[0], .delivered, id: "SM1")
    #expect(notifier.states == ["sms delivered"])
  }

  // MARK: Crashes

  @Test func whatWasDeliveredBeforeACrashIsNotSentAgain() throws {
    var notifier = Notifier(FollowingTests.team, answering: { _ in nil })
    try notifier.page(Self.bySMS)
    try notifier.report(notifier.attempts[0], .delivered, id: "SM1")
    notifier.restart()
    notifier.wait(.minutes(20))
    #expect(notifier.said == ["03:00:00 sms -> ana"] && notifier.states == ["sms delivered"])
    #expect(notifier.takeReceipts().map(\.outcome) == ["delivered"] && notifier.rules.openCount == 0)
  }

  @Test func whatWasOnItsWayBeforeACrashIsFollowed() throws {
    var notifier = Notifier(FollowingTests.team, answering: { _ in nil })
    notifier.telling = { _, _ in .init(.ok, "SM1 delivered", id: "SM1", reached: .delivered) }
    try notifier.page(Self.bySMS)
    try notifier.report(notifier.attempts[0], .accepted, id: "SM1")
    notifier.wait(.seconds(3))
    notifier.restart()
    #expect(notifier.states == ["sms accepted"])
    notifier.wait(.minutes(20))
    #expect(notifier.said == ["03:00:00 sms -> ana", "03:00:15 sms? ana"] && notifier.states == ["sms delivered"])
  }

  @Test func whatHadFailedBeforeACrashIsTheSecondProvidersAtOnce() throws {
    var notifier = Notifier(Self.withSecond, answering: { $0.number == 1 ? nil : (.ok, "", nil) })
    try notifier.page(Self.bySMS)
    try notifier.report(notifier.attempts[0], .failed, id: "SM1", words: "30003")
    notifier.restart()
    #expect(notifier.attempts.map(\.route.provider) == ["twilio", "webhook"])
    #expect(notifier.attempts.map(\.isRepeat) == [false, false] && notifier.now == Notifier.start)
  }

  @Test func orElseTheNextChannels() throws {
    var notifier = Notifier(FollowingTests.team, answering: { $0.channel == "sms" ? nil : (.ok, "", nil) })
    try notifier.page(.wanted())
    notifier.wait(.minutes(2))
    let text = try #require(notifier.attempts.last)
    try notifier.report(text, .failed, id: "SM1", words: "30003")
    notifier.restart()
    #expect(notifier.said == ["03:00:00 push -> ana", "03:02:00 sms -> ana", "03:02:00 voice -> ana"])
    #expect(notifier.states == ["push handedOver", "sms failed", "voice handedOver"])
  }

  // MARK: Questions

  @Test func whoseNumberGoesWhileItsProviderIsAskedIsDoneWith() throws {
    var notifier = Notifier(FollowingTests.team, answering: { _ in (.unknown, "504", nil) })
    notifier.telling = { _, _ in nil }
    try notifier.page(Self.bySMS)
    #expect(notifier.said == ["03:00:00 sms -> ana", "03:00:00 sms? ana"])
    var without = FollowingTests.team
    without.contacts[0].methods.removeAll { $0.channel == "sms" }
    try notifier.configure(without)
    notifier.wait(.seconds(6))
    notifier.takeReceipts()
    #expect(notifier.states == ["sms failed"] && notifier.rules.openCount == 0)
    let status = notifier.rules.channelStatus(ChannelStatusRequest(), at: notifier.now)
    let texts = try #require(status.channels.first { $0.channel == "sms" })
    #expect(texts.failed == 0 && texts.unknown == 1 && texts.underWay == 0)
  }

  @Test func aCallThatMayBeAnotherPagesIsNotTakenForThisOne() throws {
    var notifier = Notifier(FollowingTests.team, answering: { $0.isRepeat ? (.ok, "", nil) : nil })
    notifier.telling = { question, attempt in
      guard case .arrival = question else { return nil }
      return attempt.key.generation & 0xffff == 1 ? .init(.notFound, "") : .init(.ok, "CA9 queued", id: "CA9")
    }
    try notifier.page(.wanted("ana", id: "2f-1k", .sev1, channels: ["voice"]))
    notifier.restart()
    notifier.wait(.seconds(1))
    try notifier.page(.wanted("ana", id: "2f-2k", .sev1, channels: ["voice"]))
    notifier.wait(.seconds(1))
    #expect(notifier.attempts.map(\.incidentId) == ["2f-1k", "2f-2k"], "and nobody knows which of them CA9 is")
    notifier.wait(.seconds(8))
    #expect(notifier.attempts.filter { $0.incidentId == "2f-1k" }.map(\.isRepeat) == [false, true])
    #expect(notifier.deliveries().allSatisfy { $0.providerId != "CA9" })
  }

  @Test func aDigestsCallIsKnownWhateverBecomesOfItsPages() throws {
    var both = FollowingTests.team
    both.channels[1].second = SecondProvider(provider: "webhook", url: "https://b.example", secretFile: "key")
    var notifier = Notifier(both, answering: { $0.incidentId == "2f-9" && !$0.isRepeat ? nil : (.ok, "", nil) })
    for number in 1...5 { try notifier.page(.wanted("ana", id: "2f-\(number)", .sev2)) }
    notifier.wait(.minutes(6))
    let call = try #require(notifier.attempts.last { $0.channel == "voice" })
    #expect(call.count == 5)
    try notifier.report(call.each[1], .failed, id: "voice-1")
    notifier.wait(.seconds(2))
    #expect(notifier.attempts.last?.route.provider == "webhook")
    notifier.telling = { question, _ in
      if case .arrival = question { .init(.ok, "voice-1 completed", id: "voice-1") } else { nil }
    }
    var other = Page.wanted("ana", id: "2f-9", .sev1, channels: ["voice"], at: notifier.now)
    other.service = "kafka"
    try notifier.page(other)
    notifier.wait(.seconds(1))
    notifier.restart()
    notifier.wait(.seconds(10))
    #expect(notifier.attempts.filter { $0.incidentId == "2f-9" }.map(\.isRepeat) == [false, true])
  }
}
