import Machinery
import Messages
import Notifying
import Testing

/// What operators see of channels, providers and limits.
@Suite struct ChannelStatusTests {
  private static func configuration() -> NotificationConfiguration {
    var configuration = NotificationConfiguration.team
    configuration.channels = [
      ChannelRoute(
        channel: "push", provider: "console",
        second: SecondProvider(provider: "webhook", url: "http://b", secretFile: "k")),
      ChannelRoute(channel: "sms", provider: "console", rate: Rate(messages: 1, per: .minutes(1))),
      ChannelRoute(channel: "*", provider: "console"),
    ]
    return configuration
  }

  private static func status(_ notifier: Notifier, _ channel: String, second: Bool = false) -> ChannelStatus? {
    notifier.rules.channelStatus(ChannelStatusRequest(), at: notifier.now).channels.first {
      $0.channel == channel && $0.isSecond == second
    }
  }

  @Test func eachProviderOfEachChannelSaysHowItFared() throws {
    var notifier = Notifier(Self.configuration())
    notifier.answering = { $0.route.provider == "console" ? (.unavailable, "503", nil) : (.ok, "taken", nil) }
    try notifier.page(.wanted("ana", .sev1, channels: ["push"]))
    let first = try #require(Self.status(notifier, "push"))
    #expect(first.failed == 1 && first.handedOver == 0 && first.words == "503" && first.failedAt == Notifier.start)
    #expect(!first.inUse && first.provider == "console")
    let second = try #require(Self.status(notifier, "push", second: true))
    #expect(second.handedOver == 1 && second.inUse && second.provider == "webhook" && second.words.isEmpty)
    notifier.wait(.minutes(61))
    #expect(Self.status(notifier, "push")?.failed == 0)
  }

  @Test func whatIsUnderWayAndUnknownIsCounted() throws {
    var notifier = Notifier(Self.configuration(), answering: { _ in nil })
    try notifier.page(.wanted("ana", .sev3, channels: ["push", "slack"]))
    #expect(Self.status(notifier, "push")?.underWay == 1 && Self.status(notifier, "slack")?.underWay == 1)
    notifier.restart()
    #expect(Self.status(notifier, "push")?.unknown == 1 && Self.status(notifier, "push")?.underWay == 1)
  }

  @Test func whatWaitsForItsProviderAndForItsPersonIsToldApart() throws {
    var notifier = Notifier(Self.configuration())
    for number in 1...4 { try notifier.page(.wanted("ben", id: "2f-\(number)", .sev3, channels: ["sms"])) }
    for number in 5...14 { try notifier.page(.wanted("ana", id: "2f-\(number)", .sev3, channels: ["push"])) }
    let sms = try #require(Self.status(notifier, "sms"))
    #expect(sms.waiting == 7 && sms.held == 0 && sms.handedOver == 1)
    #expect(sms.freeAt == Notifier.start + .minutes(1) && sms.rate == Rate(messages: 1, per: .minutes(1)))
    #expect(Self.status(notifier, "push")?.held == 4)
    let paces = try notifier.rules.paces(PacesRequest(), at: notifier.now).paces
    #expect(
      paces == [
        PersonPace(
          person: "ana", pagesPerMinute: 5, taken: 5, held: 4, nextSlotAt: Notifier.start + .minutes(1))
      ])
    #expect(try notifier.rules.paces(PacesRequest(person: "ben"), at: notifier.now).paces.isEmpty)
    #expect(throws: Refusal.self) { try notifier.rules.paces(PacesRequest(limit: 1_001), at: notifier.now) }
  }
}
