import Machinery
import Messages
import Notifying
import Testing

/// What follows when providers fail, dawdle or fall silent (requirement N3).
@Suite struct FailureTests {
  @Test func aFailedMessageBringsTheCallForward() throws {
    var notifier = Notifier(answering: Notifier.broken("sms", .failedPrecondition))
    try notifier.page(.wanted())
    notifier.wait(.hours(1))
    #expect(notifier.said == ["03:00:00 push -> ana", "03:02:00 sms -> ana", "03:02:00 voice -> ana"])
    #expect(notifier.states == ["push handedOver", "sms failed", "voice handedOver"])
  }

  @Test func aChannelThatFailsForNowIsTriedAgainWhileTheNextOneIsBroughtForwardOnce() throws {
    var notifier = Notifier(answering: Notifier.broken("push", .unavailable, "503"))
    try notifier.page(.wanted())
    notifier.wait(.minutes(4))
    let pushes = notifier.attempts.filter { $0.channel == "push" }
    #expect(pushes.map(\.number) == [1, 2, 3, 4, 5])
    for (wait, shortest) in zip(zip(pushes, pushes.dropFirst()).map({ $1.at - $0.at }), [2, 4, 8, 16]) {
      #expect(wait >= .seconds(Int64(shortest)) && wait < .milliseconds(Int64(shortest) * 1_250))
    }
    #expect(notifier.said.contains("03:00:00 sms -> ana"))
    #expect(notifier.states == ["push failed", "sms handedOver", "voice planned"])
    #expect(notifier.deliveries()[0].words == "given up after 5 tries: 503")
    #expect(notifier.receipts.map(\.outcome) == ["failed, trying the next channel"])
  }

  @Test func whatFailedTogetherIsNotTriedAgainTogether() throws {
    var notifier = Notifier(answering: Notifier.broken("email", .unavailable, "503"))
    for person in ["ana", "ben"] { try notifier.page(.wanted(person, .sev3, channels: ["email"])) }
    notifier.wait(.milliseconds(2_499))
    let again = notifier.attempts.filter { $0.number == 2 }.map { $0.at - Notifier.start }
    #expect(again.count == 2 && Set(again).count == 2 && again.allSatisfy { $0 >= .seconds(2) }, "\(again)")
  }

  @Test func whenEveryChannelHasFailedTheEscalatorIsTold() throws {
    var notifier = Notifier(answering: { _ in (.notFound, "no such number", nil) })
    try notifier.page(.wanted())
    #expect(notifier.said.count == 3 && notifier.now == Notifier.start)
    let receipt = try #require(notifier.takeReceipts().first)
    #expect(receipt.outcome == "failed" && receipt.channel == "voice" && receipt.words == "no such number")
    #expect(notifier.rules.debtSummary(to: .escalator).count == 0)
  }

  @Test func aLaterFailureDoesNotTakeBackWhatGotThrough() throws {
    var notifier = Notifier(answering: Notifier.broken("voice", .failedPrecondition))
    try notifier.page(.wanted())
    notifier.wait(.minutes(5))
    #expect(notifier.receipts.map(\.outcome) == ["failed, not the only channel"])
  }

  @Test func receiptsOfOnePageAreOneDebtWithTheLatestOutcome() throws {
    var notifier = Notifier()
    try notifier.page(.wanted())
    notifier.wait(.minutes(2))
    let receipts = notifier.takeReceipts()
    #expect(receipts.map(\.generation) == [2] && receipts.map(\.channel) == ["sms"])
    notifier.wait(.minutes(3))
    #expect(notifier.takeReceipts().map(\.generation) == [3])
  }

  @Test func aProviderThatAsksForPatienceGetsItWithinReason() throws {
    for (asked, least, most) in [(30, 30, 31), (36_000, 300, 301)] as [(Int64, Int64, Int64)] {
      var notifier = Notifier(answering: { $0.number == 1 ? (.resourceExhausted, "429", .seconds(asked)) : nil })
      try notifier.page(.wanted("ana", .sev3, channels: ["push"]))
      notifier.wait(.hours(1))
      let wait = notifier.attempts[1].at - notifier.attempts[0].at
      #expect(wait >= .seconds(least) && wait < .seconds(most))
    }
  }

  @Test func whatMayHaveArrivedIsSentAgainAndSaysSo() throws {
    var notifier = Notifier(answering: {
      $0.channel == "push" && $0.number == 1 ? (.unknown, "cut off", nil) : (.ok, "", nil)
    })
    try notifier.page(.wanted("ana", .sev3, channels: ["push"]))
    notifier.wait(.seconds(3))
    #expect(notifier.attempts.map(\.isRepeat) == [false, true])
    #expect(notifier.attempts[1].text.hasPrefix("(possible repeat) [SEV-3]"))
    #expect(notifier.attempts[0].key.id == notifier.attempts[1].key.id)
  }

  @Test func anOutcomeThatNobodyKnowsIsRepeatedOnceAndThenTheNextChannelIsUsed() throws {
    var notifier = Notifier(answering: Notifier.broken("push", .unknown, "no answer"))
    try notifier.page(.wanted())
    notifier.wait(.minutes(1))
    #expect(notifier.attempts.filter { $0.channel == "push" }.map(\.isRepeat) == [false, true])
    #expect(notifier.states == ["push unknown", "sms handedOver", "voice planned"])
    notifier.wait(.hours(1))
    #expect(notifier.attempts.count == 4)
  }

  @Test func whenTheRepeatIsUnknownTooWhatHasNotReachedAnybodyGoesOn() throws {
    var notifier = Notifier(answering: { $0.channel == "voice" ? (.ok, "", nil) : (.unknown, "no answer", nil) })
    try notifier.page(.wanted())
    notifier.wait(.seconds(10))
    #expect(notifier.states == ["push unknown", "sms unknown", "voice handedOver"])
    #expect(notifier.attempts.count == 5)
  }

  @Test func whatStaysUnknownIsFinishedAndTold() throws {
    var notifier = Notifier(answering: Notifier.broken("push", .unknown, "no answer"))
    try notifier.page(.wanted("ana", .sev3, channels: ["push"]))
    #expect(notifier.receipts.map(\.outcome) == ["unknown, sent again"])
    notifier.wait(.minutes(1))
    #expect(notifier.takeReceipts().map(\.outcome) == ["unknown"] && notifier.rules.openCount == 0)
  }

  @Test func whatACrashCutInHalfIsSentAgainAtOnceAndSaysSo() throws {
    var notifier = Notifier(answering: { _ in nil })
    try notifier.page(.wanted())
    notifier.answering = Notifier.taken
    notifier.wait(.seconds(7))
    notifier.restart()
    #expect(notifier.said == ["03:00:00 push -> ana", "03:00:07 push -> ana (repeat)"])
    notifier.restart()
    notifier.wait(.minutes(2))
    #expect(notifier.said.last == "03:02:00 sms -> ana")
  }

  @Test func crashesAloneNeverLoseAPage() throws {
    var notifier = Notifier(answering: { _ in nil })
    try notifier.page(.wanted("ana", .sev3, channels: ["push"]))
    for _ in 1...20 { notifier.restart() }
    #expect(notifier.attempts.map(\.number) == Array(1...21))
  }

  @Test func anOutcomeFromBeforeTheCrashCountsForNothing() throws {
    var notifier = Notifier(answering: { _ in nil })
    try notifier.page(.wanted())
    notifier.restart()
    notifier.settle(notifier.attempts[0], .failedPrecondition, "late")
    #expect(notifier.states.first == "push due")
  }

  @Test func afterACrashNobodyIsPagedWhoHasAnswered() throws {
    var notifier = Notifier(answering: { _ in nil })
    try notifier.page(.wanted())
    try notifier.cancel(.wanted())
    notifier.restart()
    notifier.wait(.hours(1))
    #expect(notifier.said.count == 1 && notifier.states.first == "push unknown")
  }

  @Test func anAddressThatIsGoneFailsAndBringsTheNextForward() throws {
    var notifier = Notifier()
    try notifier.page(.wanted())
    var changed = NotificationConfiguration.team
    changed.contacts[0].methods.removeAll { $0.channel == "sms" }
    try notifier.configure(changed)
    notifier.wait(.minutes(2))
    #expect(notifier.said == ["03:00:00 push -> ana", "03:02:00 voice -> ana"])
    #expect(notifier.deliveries()[1].words == "ana has no address for sms any more")
  }

  @Test func noAddressLeavesInAnybodysWords() throws {
    var notifier = Notifier(answering: { (.failedPrecondition, "\($0.address) is not a number", nil) })
    try notifier.page(.wanted())
    #expect(notifier.deliveries().map(\.words) == Array(repeating: "[address] is not a number", count: 3))
    #expect(notifier.receipts.first?.words == "[address] is not a number")
  }

  @Test func aWallClockThatJumpsNeitherFiresEverythingNorStallsIt() throws {
    var notifier = Notifier()
    try notifier.page(.wanted())
    notifier.wait(.seconds(10))
    notifier.rules.clockStepped(by: .hours(3))
    notifier.now = notifier.now + .hours(3)
    notifier.wait(.seconds(109))
    #expect(notifier.said.count == 1)
    notifier.wait(.seconds(1))
    #expect(notifier.said.last == "06:02:00 sms -> ana")
  }
}
