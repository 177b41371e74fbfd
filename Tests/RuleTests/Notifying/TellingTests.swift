import Messages
import Notifying
import Testing

/// What a digest's provider says is true of every page that the message told of (requirements N3 and N5).
@Suite struct TellingTests {
  private static func page(_ number: Int) -> Page {
    var page = Page.wanted("ana", id: "2f-\(number)", .sev2)
    page.service = "redis"
    return page
  }

  /// Five pages within a second, and two minutes later one text that tells of them all.
  private static func texted(_ configuration: NotificationConfiguration) throws -> Notifier {
    var notifier = Notifier(configuration)
    for number in 1...5 {
      var one = page(number)
      one.pagedAt = notifier.now
      try notifier.page(one)
      notifier.wait(.milliseconds(150))
    }
    notifier.wait(.seconds(125))
    notifier.takeReceipts()
    return notifier
  }

  private func theText(_ notifier: Notifier) throws -> Attempt {
    let texts = notifier.attempts.filter { $0.channel == "sms" }
    #expect(texts.map(\.count) == [5])
    return try #require(texts.first)
  }

  private static let withSecond: NotificationConfiguration = {
    var both = FollowingTests.team
    both.channels[0].second = SecondProvider(provider: "webhook", url: "https://b.example", secretFile: "key")
    return both
  }()

  private func states(_ notifier: Notifier, _ channel: String) -> [DeliveryState] {
    notifier.deliveries().filter { $0.channel == channel }.map(\.state)
  }

  private func five(_ state: DeliveryState) -> [DeliveryState] { [DeliveryState](repeating: state, count: 5) }

  @Test func everyPageOfADigestThatFailsGoesOnByItsNextChannel() throws {
    var notifier = try Self.texted(FollowingTests.team)
    let text = try theText(notifier)
    notifier.takeOver()
    try notifier.report(text, .failed, id: "sms-1", words: "30003")
    notifier.wait(.seconds(1))
    #expect(states(notifier, "sms") == five(.failed))
    #expect(notifier.attempts.filter { $0.channel == "voice" }.map(\.count) == [5])
    #expect(Set(notifier.takeReceipts().map(\.incidentId)) == Set((1...5).map { "2f-\($0)" }))
  }

  @Test func theSecondProviderTellsOfThemAllAgain() throws {
    var notifier = try Self.texted(Self.withSecond)
    let text = try theText(notifier)
    notifier.takeOver()
    try notifier.report(text, .failed, id: "sms-1", words: "30003")
    notifier.wait(.seconds(1))
    let texts = notifier.attempts.filter { $0.channel == "sms" }
    #expect(texts.map(\.route.provider) == ["twilio", "webhook"] && texts.map(\.count) == [5, 5])
    #expect(texts.allSatisfy { !$0.isRepeat } && states(notifier, "sms") == five(.handedOver))
  }

  @Test func aReceiptIsEveryPages() throws {
    var notifier = try Self.texted(FollowingTests.team)
    let text = try theText(notifier)
    try notifier.report(text, .delivered, id: "sms-1")
    #expect(states(notifier, "sms") == five(.delivered))
    let receipts = notifier.takeReceipts()
    #expect(receipts.count == 5 && receipts.allSatisfy { $0.outcome == "delivered" })
  }

  @Test func aReportThatIsFasterThanTheAnswerIsEveryPages() throws {
    var notifier = Notifier(FollowingTests.team, answering: { $0.channel == "sms" ? nil : (.ok, "", nil) })
    for number in 1...5 { try notifier.page(Self.page(number)) }
    notifier.wait(.seconds(122))
    let text = try theText(notifier)
    try notifier.report(text, .delivered, id: "SM1")
    notifier.restart()
    notifier.wait(.seconds(20))
    #expect(states(notifier, "sms") == five(.delivered))
    #expect(notifier.attempts.count { $0.channel == "sms" } == 1)
  }

  @Test func whatHasBeenTriedAgainIsNoLongerToldByTheMessageBefore() throws {
    var notifier = try Self.texted(Self.withSecond)
    let text = try theText(notifier)
    let one = text.each[1]
    try notifier.report(one, .failed, id: "sms-1")
    let again = try #require(notifier.attempts.last { $0.channel == "sms" })
    #expect(again.id == one.id && again.count == 1 && again.number == 2)
    try notifier.report(text, .failed, id: "sms-1")
    notifier.wait(.seconds(1))
    #expect(notifier.attempts.last { $0.channel == "sms" }?.count == 4)
    #expect(notifier.attempts.count { $0.each.contains { $0.id == one.id } && $0.channel == "sms" } == 2)
  }

  @Test func itsProviderIsAskedWhileAnyOfItsPagesIsWanted() throws {
    var notifier = try Self.texted(FollowingTests.team)
    let text = try theText(notifier)
    notifier.telling = { _, attempt in
      attempt.key.generation & 0xffff < 2
        ? .init(.ok, "SM1 sent", id: "sms-1", reached: .accepted)
        : .init(.ok, "SM1 undelivered: 30003", id: "sms-1", reached: .failed)
    }
    let lead = try #require((1...5).map(Self.page).first { $0.id == text.id })
    try notifier.cancel(lead)
    notifier.wait(.seconds(12))
    #expect(notifier.said.count { $0.contains("sms?") } == 1)
    #expect(states(notifier, "sms") == five(.accepted))
    notifier.wait(.seconds(20))
    #expect(notifier.said.count { $0.contains("sms?") } == 2)
    let call = try #require(notifier.attempts.last { $0.channel == "voice" })
    #expect(call.count == 4 && !call.each.contains { $0.id == text.id })
  }

  @Test func onceAllAreAnsweredItIsAskedNoMore() throws {
    var notifier = try Self.texted(FollowingTests.team)
    for number in 1...5 { try notifier.cancel(Self.page(number)) }
    notifier.telling = { _, _ in .init(.ok, "SM1 sent", id: "sms-1", reached: .accepted) }
    notifier.wait(.minutes(20))
    #expect(notifier.said.count { $0.contains("sms?") } <= 1)
    notifier.takeReceipts()
    #expect(notifier.rules.openCount == 0)
  }
}
