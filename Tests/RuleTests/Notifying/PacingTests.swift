import Machinery
import Messages
import Notifying
import Testing

/// Storms become digests (N5): who gets how many messages, what is never held, and that nothing is lost on the way.
@Suite struct PacingTests {
  private static func page(
    _ number: Int, _ severity: Severity = .sev3, _ service: String = "redis", to person: String = "ana",
    by channels: [String] = ["push"], at instant: Instant = Notifier.start
  ) -> Page {
    var page = Page.wanted(person, id: "2f-\(number)", severity, channels: channels, at: instant)
    page.service = service
    page.summary = "pod \(number) is gone"
    return page
  }

  /// As many pages of one service, a second between them.
  private static func storm(_ count: Int, _ severity: Severity = .sev3, in notifier: inout Notifier) throws {
    for number in 1...count {
      try notifier.page(page(number, severity, at: notifier.now))
      notifier.wait(.seconds(1))
    }
  }

  private static func told(_ notifier: Notifier) -> [Int] { notifier.attempts.map(\.count) }

  @Test func sevenIncidentsInAMinuteAreSixMessagesAndThenOne() throws {
    var notifier = Notifier()
    try Self.storm(12, in: &notifier)
    #expect(Self.told(notifier) == [1, 1, 1, 1, 1, 1], "the first, and five with a slot")
    notifier.wait(.minutes(2))
    #expect(Self.told(notifier) == [1, 1, 1, 1, 1, 1, 6])
    #expect(notifier.said.last == "03:01:01 push -> ana", "a minute after the first slot was taken")
    #expect(notifier.states.allSatisfy { $0 == "push handedOver" } && notifier.states.count == 12)
    #expect(Set(notifier.deliveries().filter { $0.digestOf == 6 }.map(\.words)) == ["accepted, in a digest of 6"])
  }

  @Test func theFirstOfEachServiceIsNeverHeld() throws {
    var notifier = Notifier()
    for number in 1...20 { try notifier.page(Self.page(number, .sev4, "service-\(number)")) }
    #expect(Self.told(notifier) == [Int](repeating: 1, count: 20))
  }

  /// A burst of pages that were decided twenty seconds ago: the ten seconds in which a SEV-1 may wait begin when it comes.
  @Test func aBurstThatComesLateIsPacedLikeAnyOther() throws {
    var notifier = Notifier()
    for number in 1...12 { try notifier.page(Self.page(number, .sev1, at: notifier.now - .seconds(20))) }
    #expect(Self.told(notifier) == [1, 1, 1, 1, 1, 1], "the first, and five with a slot")
    notifier.wait(.seconds(10))
    #expect(Self.told(notifier) == [1, 1, 1, 1, 1, 1, 6] && notifier.said.last == "03:00:10 push -> ana")
  }

  @Test func afterHalfAnHourItIsAFirstAgain() throws {
    var notifier = Notifier()
    try Self.storm(8, in: &notifier)
    notifier.wait(.minutes(10))
    let before = notifier.attempts.count
    for number in 11...16 { try notifier.page(Self.page(number, at: notifier.now)) }
    #expect(notifier.attempts.count == before + 5, "paged ten minutes ago: five slots, and one is held")
    notifier.wait(.minutes(31))
    for number in 20...26 { try notifier.page(Self.page(number, .sev3, "redis", at: notifier.now)) }
    #expect(notifier.attempts.suffix(6).map(\.incidentId) == (20...25).map { "2f-\($0)" }, "the first and five slots")
  }

  @Test func aFirstThatAChannelRefusesGoesOnByTheNextAtOnce() throws {
    var notifier = Notifier(answering: Notifier.broken("push", .failedPrecondition))
    for number in 1...7 { try notifier.page(Self.page(number, by: ["push", "email"])) }
    #expect(notifier.said.contains("03:00:00 email -> ana"))
    #expect(notifier.deliveries().allSatisfy { $0.channel == "push" ? $0.state == .failed : true })
    notifier.wait(.minutes(2))
    #expect(notifier.deliveries().allSatisfy { $0.channel == "push" || $0.state == .handedOver })
  }

  @Test func whatCameToNothingTakesNoSlot() throws {
    var notifier = Notifier(answering: Notifier.broken("push", .failedPrecondition))
    for number in 1...9 { try notifier.page(Self.page(number)) }
    #expect(notifier.attempts.count == 9 && Set(notifier.states) == ["push failed"])
  }

  @Test func whatCountedStaysCountedWhenTheNextTryFails() throws {
    var notifier = Notifier(answering: Notifier.taken)
    try notifier.page(Self.page(1))
    notifier.answering = { _ in (.unknown, "no answer", nil) }
    try notifier.page(Self.page(2))
    notifier.answering = Notifier.broken("push", .failedPrecondition)
    notifier.wait(.seconds(30))
    #expect(notifier.attempts.map(\.isRepeat) == [false, false, true])
    let paces = try notifier.rules.paces(PacesRequest(person: "ana"), at: notifier.now).paces
    #expect(paces.map(\.taken) == [1], "the first try may have woken her")
  }

  @Test func whoAnswersWhileItIsHeldHearsNothingOfIt() throws {
    var notifier = Notifier()
    try Self.storm(9, in: &notifier)
    try notifier.cancel(Self.page(8))
    notifier.wait(.minutes(2))
    #expect(notifier.attempts.last?.count == 2)
    #expect(notifier.attempts.last.map { $0.text.contains("2f-7") && !$0.text.contains("2f-8") } == true)
  }

  @Test func oneThatIsLeftOfADigestIsAPageLikeAnyOther() throws {
    var notifier = Notifier()
    try Self.storm(7, in: &notifier)
    notifier.wait(.minutes(2))
    #expect(notifier.attempts.last?.count == 1)
    #expect(notifier.attempts.last?.text == "[SEV-3] redis: pod 7 is gone (2f-7) - primary; ack 2f-7")
  }

  @Test func aSev1WithinAStormWaitsTenSecondsAndTakesTheRestAlong() throws {
    var notifier = Notifier()
    try Self.storm(10, in: &notifier)
    try notifier.page(Self.page(11, .sev1, at: notifier.now))
    #expect(notifier.attempts.count == 6)
    notifier.wait(.minutes(1))
    #expect(notifier.said[6] == "03:00:20 push -> ana")
    #expect(notifier.attempts[6].count == 5 && notifier.attempts[6].severity == .sev1)
    #expect(notifier.attempts[6].incidentId == "2f-11" && notifier.attempts.count == 7)
  }

  @Test func aSev1OfAnotherServiceIsNotHeldAtAll() throws {
    var notifier = Notifier()
    try Self.storm(10, in: &notifier)
    try notifier.page(Self.page(11, .sev1, "postgres", at: notifier.now))
    #expect(notifier.said.last == "03:00:10 push -> ana" && notifier.attempts.last?.incidentId == "2f-11")
  }

  @Test func aStormOfSev1sIsOneMessageInTenSeconds() throws {
    var notifier = Notifier()
    try Self.storm(100, .sev1, in: &notifier)
    notifier.wait(.minutes(2))
    #expect(notifier.attempts.reduce(0) { $0 + $1.count } == 100)
    let late = notifier.attempts.map { $0.at - $0.pagedAt }.max()
    #expect(late.map { $0 <= .seconds(10) } == true)
    let extra = zip(notifier.attempts.dropFirst(6), notifier.attempts.dropFirst(7)).map { $1.at - $0.at }
    #expect(notifier.attempts.count < 24, "\(notifier.said)")
    #expect(extra.contains { $0 >= .seconds(10) })
  }

  @Test func whatWakesHasFiveSlotsTogetherAndEachQuietChannelItsOwn() throws {
    var notifier = Notifier()
    try notifier.page(Self.page(1))
    for number in 2...5 {
      try notifier.page(Self.page(number, by: ["push", "sms", "email", "slack"], at: notifier.now))
      notifier.wait(.seconds(1))
    }
    func count(_ channel: String) -> Int { notifier.attempts.count { $0.channel == channel } }
    #expect(count("push") + count("sms") == 6 && count("email") == 4 && count("slack") == 4)
    notifier.wait(.minutes(1))
    #expect(notifier.states.allSatisfy { $0.hasSuffix("handedOver") })
  }

  @Test func aMinuteCountsFromWhenTheProviderHasTheMessage() throws {
    var notifier = Notifier(answering: { _ in nil })
    for number in 1...7 { try notifier.page(Self.page(number)) }
    notifier.wait(.seconds(9))
    for attempt in notifier.attempts { notifier.settle(attempt, .ok) }
    notifier.wait(.seconds(59))
    #expect(notifier.attempts.count == 6)
    notifier.wait(.seconds(1))
    #expect(notifier.attempts.count == 7)
  }

  @Test func rungsThatFallWithinASecondAreOneMessage() throws {
    var notifier = Notifier()
    for number in 1...5 {
      try notifier.page(Self.page(number, .sev2, by: [], at: notifier.now))
      notifier.wait(.milliseconds(150))
    }
    notifier.wait(.minutes(6))
    #expect(notifier.attempts.filter { $0.channel == "sms" }.map(\.count) == [5])
    #expect(notifier.attempts.filter { $0.channel == "voice" }.map(\.count) == [5])
  }

  /// The second rung of one page and the first of another go to one address: they are one message, and count as one.
  @Test func twoRungsByOneChannelMeetAtOneAddress() throws {
    var team = NotificationConfiguration.team
    team.contacts[0].rules = [
      PersonalRule(after: .zero, channel: "push"), PersonalRule(after: .seconds(30), channel: "push"),
    ]
    var notifier = Notifier(team)
    for number in 1...8 { try notifier.page(Self.page(number, by: [])) }
    #expect(Self.told(notifier) == [1, 1, 1, 1, 1, 1], "the first of its service, and five slots")
    notifier.wait(.minutes(1))
    let digest = try #require(notifier.attempts.last)
    #expect(notifier.attempts.count == 7 && Set(digest.each.map(\.incidentId)).count == 8, "one message with all rungs")
    #expect(digest.each.filter { $0.delivery == 1 }.count == 8 && digest.each.filter { $0.delivery == 0 }.count == 2)
    #expect(digest.text.contains("8 incidents"))
  }

  @Test func aDigestOfOneIncidentLosesNoWords() throws {
    var notifier = Notifier()
    for number in 1...8 {
      var page = Page.wanted("ana", id: "2f-1", .sev3, number < 7 ? .duty : .tell, channels: ["slack"])
      page.id = "2f-1/ana/\(number)"
      page.because = "reason \(number)"
      try notifier.page(page)
    }
    notifier.wait(.minutes(2))
    let last = try #require(notifier.attempts.last)
    #expect(last.count == 2 && last.text.contains("reason 7") && last.text.contains("reason 8"))
  }

  @Test func aDigestFitsEachChannel() throws {
    var texts: [String: String] = [:]
    for channel in ["push", "sms", "voice", "email"] {
      var notifier = Notifier()
      for number in 1...6 { try notifier.page(Self.page(number, by: [channel])) }
      try notifier.page(Self.page(7, .sev3, "kafka", by: [channel]))
      for number in 8...30 {
        let service = number % 3 == 0 ? "kafka" : "redis"
        try notifier.page(Self.page(number, number == 20 ? .sev2 : .sev3, service, by: [channel]))
      }
      notifier.wait(.minutes(2))
      texts[channel] = notifier.attempts.last?.text
    }
    #expect(
      texts["push"] == """
        [SEV-2] 23 incidents: redis 15, kafka 8. [SEV-2] redis: pod 20 is gone (2f-20); \
        [SEV-3] redis: pod 10 is gone (2f-10); [SEV-3] redis: pod 11 is gone (2f-11); and 20 more; \
        ack each: tocsinctl incident ack 2f-20
        """)
    #expect(texts["sms"] == "[SEV-2] 23 incidents: redis 15, kafka 8 (2f-20, 2f-10, 2f-11 +20); ack 2f-20")
    #expect(
      texts["voice"] == """
        This is Tocsin. 23 incidents, the worst of severity 2. 15 of redis, 8 of kafka. The worst is redis: pod 20 is gone. \
        Incident 2f-20.
        """)
    let lines = texts["email"]?.split(separator: "\n").map(String.init) ?? []
    #expect(lines.count == 25 && lines.first == "[SEV-2] 23 incidents: redis 15, kafka 8")
    #expect(lines.last == "Acknowledge each: tocsinctl incident ack 2f-20")
  }

  @Test func whatIsDueAtOneMomentIsOneMessage() throws {
    var notifier = Notifier()
    for number in 1...4 { try notifier.page(Self.page(number, to: "dee", by: ["voice"])) }
    notifier.wait(.hours(1))
    var rules = notifier.rules
    for number in 5...9 {
      let page = Self.page(number, to: "dee", by: ["voice"], at: notifier.now)
      for fact in try rules.decide(.putPage(page), at: notifier.now).facts { rules.apply(fact, at: notifier.now) }
    }
    var begun: [Int] = []
    while rules.nextDeadline.map({ $0 <= notifier.now }) ?? false {
      for fact in rules.lapse(at: notifier.now) {
        if case .attemptBegun(let attempt) = fact.kind { begun.append(attempt.carried.count) }
        rules.apply(fact, at: notifier.now)
      }
    }
    #expect(begun == [3, 0] || begun == [0, 3], "the first by itself, four together")
  }

  @Test func aDigestThatFailsIsTriedAgainAndThenByEachOnesNextChannel() throws {
    var notifier = Notifier(answering: Notifier.taken)
    for number in 1...9 { try notifier.page(Self.page(number, by: ["push", "email"])) }
    notifier.answering = Notifier.broken("push", .unavailable)
    notifier.wait(.minutes(4))
    let digests = notifier.attempts.filter { $0.count > 1 && $0.channel == "push" }
    #expect(digests.count == 5 && Set(digests.map(\.messageID)).count == 1, "five tries of the same message")
    let failed = notifier.deliveries().filter { $0.channel == "push" && $0.state == .failed }
    #expect(failed.count == digests[0].count)
    #expect(notifier.deliveries().allSatisfy { $0.channel == "push" || $0.state == .handedOver })
  }

  @Test func theEscalatorHearsOfEachPageInADigest() throws {
    var notifier = Notifier()
    for number in 1...9 { try notifier.page(Self.page(number)) }
    notifier.takeReceipts()
    notifier.wait(.minutes(2))
    let receipts = notifier.takeReceipts()
    #expect(Set(receipts.map(\.incidentId)) == ["2f-7", "2f-8", "2f-9"])
    #expect(receipts.allSatisfy { $0.outcome == "handed over" && $0.words == "accepted, in a digest of 3" })
    #expect(notifier.rules.openCount == 0)
  }

  @Test func aRestartInTheMiddleSendsTheDigestOnceMoreAndSaysSo() throws {
    var notifier = Notifier()
    for number in 1...9 { try notifier.page(Self.page(number)) }
    notifier.answering = { _ in nil }
    notifier.wait(.minutes(2))
    #expect(notifier.attempts.last?.count == 3)
    notifier.answering = Notifier.taken
    notifier.restart()
    notifier.wait(.minutes(2))
    #expect(notifier.attempts.count == 8)
    let repeated = try #require(notifier.attempts.last)
    #expect(repeated.count == 3 && repeated.text.hasPrefix("(possible repeat) "))
    #expect(repeated.each.allSatisfy(\.isRepeat) && Set(notifier.states) == ["push handedOver"])
  }

  @Test func aRestartWhileItIsHeldChangesNothing() throws {
    var (still, restarted) = (Notifier(), Notifier())
    try Self.storm(9, in: &still)
    try Self.storm(9, in: &restarted)
    restarted.restart()
    restarted.rules = restarted.rules.condensed().reduce(into: Notifications()) { $0.apply($1, at: restarted.now) }
    still.wait(.minutes(2))
    restarted.wait(.minutes(2))
    #expect(still.said == restarted.said && still.attempts.last?.count == 3)
  }

  @Test func anAnswerToOneOfADigestLeavesTheOthersWanted() throws {
    var notifier = Notifier()
    for number in 1...9 { try notifier.page(Self.page(number, by: ["push", "email"])) }
    notifier.answering = { _ in nil }
    notifier.wait(.minutes(1))
    let digest = try #require(notifier.attempts.last { $0.channel == "push" })
    #expect(digest.count == 3)
    try notifier.cancel(Self.page(8, by: ["push", "email"]))
    notifier.settle(digest, .failedPrecondition, "gone")
    let states = notifier.deliveries("2f-8").map { "\($0.channel) \($0.state)" }
    #expect(states.first == "push failed")
    #expect(notifier.deliveries("2f-7").first.map { $0.state == .failed } == true)
  }

  @Test func aClockThatJumpsTakesTheSlotsAlong() throws {
    var notifier = Notifier()
    for number in 1...9 { try notifier.page(Self.page(number)) }
    notifier.wait(.seconds(20))
    for span in [Span.hours(5), .zero - .hours(9)] {
      notifier.now = notifier.now + span
      notifier.rules.clockStepped(by: span)
      notifier.wait(.seconds(10))
      #expect(notifier.attempts.count == 6)
    }
    notifier.wait(.seconds(21))
    #expect(notifier.attempts.last?.count == 3)
  }

  @Test func someoneMayWantFewerAndEverybodyMore() throws {
    var configuration = NotificationConfiguration.team
    configuration.limits = PageLimits(pagesPerMinute: 7)
    configuration.contacts[0].limits = PageLimits(pagesPerMinute: 1)
    var notifier = Notifier(configuration)
    for number in 1...10 { try notifier.page(Self.page(number)) }
    #expect(notifier.attempts.count == 2)
    for number in 1...10 { try notifier.page(Self.page(number, to: "cai", by: ["email"])) }
    #expect(notifier.attempts.count == 2 + 8)
    notifier.wait(.minutes(2))
    #expect(notifier.attempts.reduce(0) { $0 + $1.count } == 20)
  }

  @Test func heldPagesSayUntilWhen() throws {
    var notifier = Notifier()
    for number in 1...7 { try notifier.page(Self.page(number)) }
    let held = notifier.deliveries("2f-7")[0]
    #expect(held.state == .planned && held.heldUntilAt == Notifier.start + .minutes(1))
    #expect(notifier.deliveries("2f-3")[0].heldUntilAt == .unset)
  }

  @Test func aDigestHasABound() throws {
    var notifier = Notifier()
    for number in 1...700 { try notifier.page(Self.page(number)) }
    notifier.wait(.minutes(3))
    #expect(Self.told(notifier).suffix(3) == [250, 250, 194])
    #expect(Self.told(notifier).reduce(0, +) == 700)
  }

  @Test func testsAndWordsAreNeitherHeldNorPutTogether() throws {
    var notifier = Notifier()
    for number in 1...9 { try notifier.page(Self.page(number)) }
    var test = Self.page(20)
    test.purpose = .test
    try notifier.page(test)
    var cover = Self.page(21)
    cover.answeredBy = "tocsinctl cover assign"
    try notifier.page(cover)
    #expect(notifier.attempts.suffix(2).map(\.incidentId) == ["2f-20", "2f-21"])
    for number in 1...30 { try notifier.post(Post(id: "p\(number)", channel: "#incidents", text: "\(number)")) }
    #expect(notifier.attempts.suffix(30).map(\.text) == (1...30).map { "\($0)" })
  }
}
