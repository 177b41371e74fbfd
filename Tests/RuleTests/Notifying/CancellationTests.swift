import Machinery
import Messages
import Notifying
import Testing

/// Nobody is paged after an answer is known, and nobody is paged twice for one page.
@Suite struct CancellationTests {
  @Test func anAnswerStopsWhatHasNotBegun() throws {
    var notifier = Notifier()
    try notifier.page(.wanted())
    notifier.wait(.seconds(119))
    try notifier.cancel(.wanted())
    notifier.wait(.hours(1))
    #expect(notifier.said == ["03:00:00 push -> ana"])
    #expect(notifier.states == ["push handedOver", "sms cancelled", "voice cancelled"])
  }

  @Test func anAnswerStopsWhatIsBeingTriedAgain() throws {
    var notifier = Notifier(answering: { _ in (.unavailable, "503", nil) })
    try notifier.page(.wanted("ana", .sev3, channels: ["push"]))
    try notifier.cancel(.wanted("ana", .sev3, channels: ["push"]))
    notifier.wait(.hours(1))
    #expect(notifier.said.count == 1 && notifier.states == ["push cancelled"])
  }

  @Test(arguments: [
    (Status.ok, "push handedOver"), (.unavailable, "push cancelled"), (.unknown, "push unknown"),
    (.failedPrecondition, "push failed"),
  ])
  func whatIsUnderWayStaysUntilItsOutcomeIsKnownAndIsNotTriedAgain(status: Status, state: String) throws {
    var notifier = Notifier(answering: { _ in nil })
    try notifier.page(.wanted())
    try notifier.cancel(.wanted())
    #expect(notifier.states.first == "push due")
    #expect(notifier.rules.owed(to: .provider, limit: 10).count == 1)
    notifier.settle(notifier.attempts[0], status, "words")
    notifier.wait(.hours(1))
    #expect(notifier.said.count == 1 && notifier.states.first == state)
    #expect(notifier.receipts.allSatisfy { $0.outcome != "refused" })
  }

  @Test func aCancellationThatOvertakesItsPageIsKept() throws {
    var notifier = Notifier()
    try notifier.cancel(.wanted())
    try notifier.page(.wanted())
    notifier.wait(.hours(1))
    #expect(notifier.said.isEmpty && notifier.receipts.isEmpty)
  }

  @Test func theSamePageAgainChangesNothing() throws {
    var notifier = Notifier()
    try notifier.page(.wanted())
    let before = notifier.rules
    try notifier.page(.wanted())
    #expect(notifier.rules == before && notifier.said.count == 1)
  }

  @Test func anOlderGenerationChangesNothing() throws {
    var notifier = Notifier()
    try notifier.cancel(.wanted(), generation: 5)
    let before = notifier.rules
    var page = Page.wanted()
    page.generation = 5
    try notifier.page(page)
    try notifier.cancel(page, generation: 4)
    #expect(notifier.rules == before && notifier.said.isEmpty)
  }

  @Test func aPageThatIsWantedAgainPagesAgain() throws {
    var notifier = Notifier()
    try notifier.page(.wanted())
    try notifier.cancel(.wanted())
    notifier.wait(.minutes(30))
    var again = Page.wanted(at: notifier.now)
    again.generation = 3
    try notifier.page(again)
    notifier.wait(.minutes(2))
    #expect(notifier.said == ["03:00:00 push -> ana", "03:30:00 push -> ana", "03:32:00 sms -> ana"])
    #expect(Set(notifier.attempts.map(\.key)).count == 3)
  }

  @Test func aPageThatChangedGoesOnWithItsNewWords() throws {
    var notifier = Notifier()
    try notifier.page(.wanted("ana", .sev2))
    var worse = Page.wanted()
    worse.generation = 2
    try notifier.page(worse)
    notifier.wait(.minutes(2))
    #expect(notifier.said == ["03:00:00 push -> ana", "03:02:00 sms -> ana"])
    #expect(notifier.attempts.last?.title == "[SEV-1] aion-ai-inference: no ready pods")
  }

  @Test func aFinishedPageIsListedForADay() throws {
    var notifier = Notifier()
    try notifier.page(.wanted("ana", .sev3, channels: ["push"]))
    notifier.takeReceipts()
    notifier.wait(.hours(24) - .milliseconds(1))
    try notifier.page(.wanted("ana", .sev3, channels: ["push"]))
    #expect(notifier.said.count == 1 && notifier.deliveries().count == 1)
    notifier.wait(.milliseconds(1))
    #expect(notifier.deliveries().isEmpty && notifier.rules.openCount == 0)
    #expect(notifier.rules.nextDeadline == nil)
  }

  @Test func aSenderThatRepeatsItselfAWeekLaterPagesNobody() throws {
    var notifier = Notifier()
    let page = Page.wanted("ana", .sev3, channels: ["push"])
    let post = Post(id: "2f-1k#1", channel: "#incidents", text: "x")
    try notifier.page(page)
    try notifier.post(post)
    notifier.takeReceipts()
    for day in 2...8 {
      notifier.wait(.days(1))
      var again = page
      again.handedOverAt = notifier.now
      try notifier.page(again)
      try notifier.post(post)
      #expect(notifier.said.count == 2, "day \(day)")
    }
  }

  @Test func aForgottenPageThatIsWantedAgainPagesAgain() throws {
    var notifier = Notifier()
    try notifier.page(.wanted("ana", .sev3, channels: ["push"]))
    notifier.takeReceipts()
    notifier.wait(.days(3))
    var again = Page.wanted("ana", .sev3, channels: ["push"], at: notifier.now)
    again.generation = 3
    try notifier.page(again)
    #expect(notifier.states == ["push due"])
  }

  @Test func aPageOlderThanTheMemoryIsTakenAndSaysThatItMayBeARepeat() throws {
    var notifier = Notifier()
    var page = Page.wanted("ana", .sev3, channels: ["push"])
    page.handedOverAt = page.pagedAt + .days(9)
    try notifier.page(page)
    try notifier.post(Post(id: "p", channel: "#incidents", text: "x", postedAt: notifier.now - .days(9)))
    #expect(notifier.attempts.map(\.isRepeat) == [true, true])
    #expect(notifier.attempts[0].text.hasPrefix("(possible repeat) "))
  }

  @Test func theMemoryOfFinishedPagesIsBounded() throws {
    var notifier = Notifier()
    for day in 0..<40 {
      try notifier.page(.wanted("ana", id: "2f-\(day)", .sev3, channels: ["push"], at: notifier.now))
      notifier.takeReceipts()
      notifier.wait(.days(1))
    }
    let ids = notifier.rules.condensed().flatMap { fact -> [FinishedId] in
      if case .finishedIds(let finished) = fact.kind { finished.ids } else { [] }
    }
    #expect(ids.count == 9 && ids.first?.id == "2f-31/ana/1")
  }

  @Test func aPageIsNotForgottenWhileTheEscalatorHasNotHeard() throws {
    var notifier = Notifier()
    try notifier.page(.wanted("ana", .sev3, channels: ["push"]))
    notifier.wait(.days(3))
    #expect(notifier.takeReceipts().map(\.outcome) == ["handed over"])
    notifier.wait(.days(1))
    #expect(notifier.deliveries().isEmpty)
  }

  @Test func anIdIsOfOneKindOnly() throws {
    var notifier = Notifier()
    try notifier.page(.wanted())
    #expect(throws: Refusal(.alreadyExists, "a page has this id", field: "id")) {
      try notifier.post(Post(id: "2f-1k/ana/1", channel: "#incidents", text: "words"))
    }
  }
}
