import Machinery
import Messages
import Notifying
import Testing

/// Which channels a page uses and when (requirement N1).
@Suite struct LadderTests {
  @Test func pushAtOnceThenAMessageAfterTwoMinutesThenACallAfterFive() throws {
    var notifier = Notifier()
    try notifier.page(.wanted())
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:00 push -> ana", "03:02:00 sms -> ana", "03:05:00 voice -> ana"])
  }

  @Test func delaysCountFromWhenTheEscalationDecidedThePage() throws {
    var notifier = Notifier()
    notifier.wait(.seconds(50))
    try notifier.page(.wanted())
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:50 push -> ana", "03:02:00 sms -> ana", "03:05:00 voice -> ana"])
  }

  @Test func aPageOutOfAnOutageStartsItsLadderNow() throws {
    var notifier = Notifier()
    notifier.wait(.hours(1))
    try notifier.page(.wanted())
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["04:00:00 push -> ana", "04:02:00 sms -> ana", "04:05:00 voice -> ana"])
  }

  @Test func aPageFromAClockThatIsAheadIsNotHeldBack() throws {
    var notifier = Notifier()
    try notifier.page(.wanted(at: Notifier.start + .minutes(3)))
    #expect(notifier.said == ["03:00:00 push -> ana"])
  }

  @Test func aTeamsOwnDefaultReplacesOurs() throws {
    var configuration = NotificationConfiguration.team
    configuration.defaultRules = [
      PersonalRule(after: .zero, channel: "push"), PersonalRule(after: .minutes(1), channel: "voice"),
    ]
    var notifier = Notifier(configuration)
    try notifier.page(.wanted())
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:00 push -> ana", "03:01:00 voice -> ana"])
  }

  @Test func onesOwnRulesReplaceTheDefaultButCannotSilenceASev1() throws {
    var notifier = Notifier()
    try notifier.page(.wanted("dee", .sev2))
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:00 voice -> dee", "03:00:30 email -> dee"])
  }

  @Test func onesOwnRulesCannotPutOffHearingOfASev1() throws {
    var configuration = NotificationConfiguration.team
    configuration.contacts[3].rules.append(PersonalRule(after: .hours(24), channel: "voice"))
    var notifier = Notifier(configuration)
    try notifier.page(.wanted("dee"))
    notifier.wait(.days(2))
    #expect(notifier.said == ["03:00:30 email -> dee", "03:05:00 voice -> dee"])
    try notifier.page(.wanted("dee", id: "2f-2", .sev3, at: notifier.now))
    notifier.wait(.hours(23))
    #expect(notifier.said.count == 3)
  }

  @Test func onesOwnRulesMayKeepASev3Quiet() throws {
    var notifier = Notifier()
    try notifier.page(.wanted("dee", .sev3))
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:30 email -> dee"])
  }

  @Test func quietChannelsThatAPolicyNamesCannotSilenceASev1Either() throws {
    var notifier = Notifier()
    try notifier.page(.wanted("ana", .sev1, channels: ["email", "slack"]))
    #expect(notifier.said == ["03:00:00 email -> ana", "03:00:00 slack -> ana", "03:00:00 push -> ana"])
  }

  @Test func thoseWithoutAnAudibleChannelAreReachedQuietlyAndItIsNoted() throws {
    var notifier = Notifier()
    try notifier.page(.wanted("cai"))
    #expect(notifier.said == ["03:00:00 email -> cai"])
    #expect(notifier.receipts.map(\.words) == ["accepted; cai has no audible channel"])
    let restored = notifier.rules.condensed().reduce(into: Notifications()) { $0.apply($1, at: notifier.now) }
    #expect(restored.owed(to: .escalator, limit: 1) == notifier.rules.owed(to: .escalator, limit: 1))
  }

  @Test func channelsThatAPolicyNamesAreAllUsedAtOnce() throws {
    var notifier = Notifier()
    try notifier.page(.wanted("ana", .sev3, channels: ["push", "slack"]))
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:00 push -> ana", "03:00:00 slack -> ana"])
  }

  @Test func aReminderUsesEveryChannelAtOnce() throws {
    var notifier = Notifier()
    try notifier.page(.wanted("ana", .sev1, .reminder))
    #expect(
      notifier.said == ["push", "sms", "voice", "email", "slack"].map { "03:00:00 \($0) -> ana" })
  }

  @Test(arguments: [PagePurpose.headsUp, .tell]) func wordsWithoutDutyUseTheFirstChannelOnly(purpose: PagePurpose)
    throws
  {
    var notifier = Notifier()
    try notifier.page(.wanted("ana", .sev1, purpose))
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:00 push -> ana"])
  }

  @Test func everyNumberOfAPersonRings() throws {
    var notifier = Notifier()
    try notifier.page(.wanted("ben"))
    #expect(notifier.attempts.map(\.address) == ["ben-sms-1", "ben-sms-2"])
  }

  @Test func nobodyWaitsForAChannelThatTheyDoNotHave() throws {
    var notifier = Notifier()
    try notifier.page(.wanted("ben"))
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:00 sms -> ben", "03:00:00 sms -> ben"])
  }

  @Test(arguments: [("zoe", "zoe is not known to the notifier"), ("eli", "eli has no contact method")])
  func whoCannotBeReachedIsReportedAtOnce(person: String, words: String) throws {
    var notifier = Notifier()
    try notifier.page(.wanted(person))
    #expect(notifier.said.isEmpty)
    let receipt = try #require(notifier.takeReceipts().first)
    #expect(receipt.outcome == "refused" && receipt.words == words && receipt.person == person)
    #expect(notifier.receipts.isEmpty)
  }
}
