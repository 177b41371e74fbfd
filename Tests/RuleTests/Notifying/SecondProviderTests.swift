import Machinery
import Messages
import Notifying
import Testing

/// A channel's second provider carries on when the first fails; when it fails too, the next channel does (requirement
/// N3).
@Suite struct SecondProviderTests {
  private static let both: NotificationConfiguration = {
    var configuration = NotificationConfiguration.team
    configuration.channels = ["push", "sms", "#incidents"].map {
      ChannelRoute(
        channel: $0, provider: "webhook", url: "https://one.example", secretFile: "key",
        second: SecondProvider(provider: "webhook", url: "https://two.example", secretFile: "other-key"))
    }
    return configuration
  }()

  /// A notifier with two providers for push, SMS and #incidents, of which these fail in these ways.
  private static func notifier(_ failing: [String: Status]) -> Notifier {
    Notifier(both) { attempt in
      failing[attempt.route.url].map { ($0, "out of order", nil) } ?? (.ok, "accepted", nil)
    }
  }

  /// "push 1", "push 2": which provider was asked.
  private static func asked(_ notifier: Notifier) -> [String] {
    notifier.attempts.map { "\($0.channel) \($0.route.url == "https://two.example" ? 2 : 1)" }
  }

  @Test(arguments: [Status.unavailable, .resourceExhausted, .failedPrecondition])
  func aSev1GoesToTheSecondProviderAtTheFirstFailure(status: Status) throws {
    var notifier = Self.notifier(["https://one.example": status])
    try notifier.page(.wanted())
    #expect(Self.asked(notifier) == ["push 1", "push 2"] && notifier.now == Notifier.start)
    #expect(notifier.attempts[1].route.secretFile == "other-key" && !notifier.attempts[1].isRepeat)
    #expect(notifier.states == ["push handedOver", "sms planned", "voice planned"])
  }

  @Test func aSev3GivesItsProviderAWhile() throws {
    var notifier = Self.notifier(["https://one.example": .unavailable])
    try notifier.page(.wanted("ana", .sev3, channels: ["push"]))
    notifier.wait(.minutes(2))
    // After three failures it is passed over, and told.
    #expect(Self.asked(notifier) == ["push 1", "push 1", "push 1", "#platform-alerts 1", "push 2"])
    #expect(notifier.states == ["#platform-alerts handedOver", "push handedOver"])
  }

  @Test func whenBothFailTheNextChannelIsBroughtForward() throws {
    var notifier = Self.notifier([
      "https://one.example": .failedPrecondition, "https://two.example": .failedPrecondition,
    ])
    try notifier.page(.wanted())
    #expect(Self.asked(notifier) == ["push 1", "push 2", "sms 1", "sms 2", "voice 1"])
    #expect(notifier.now == Notifier.start)
    #expect(notifier.states == ["push failed", "sms failed", "voice handedOver"])
  }

  @Test func theSecondIsTriedAsOftenAsAFirst() throws {
    var notifier = Self.notifier(["https://one.example": .unavailable, "https://two.example": .unavailable])
    try notifier.page(.wanted("ana", .sev1, channels: ["push"]))
    notifier.wait(.minutes(5))
    #expect(Self.asked(notifier) == ["push 1"] + Array(repeating: "push 2", count: 5))
    #expect(notifier.receipts.map(\.outcome) == ["failed"])
  }

  @Test func whatTheFirstLeftOpenIsRepeatedByTheSecondOnceAndMarked() throws {
    var notifier = Self.notifier(["https://one.example": .unknown, "https://two.example": .unknown])
    try notifier.page(.wanted("ana", .sev1, channels: ["push"]))
    notifier.wait(.hours(1))
    #expect(Self.asked(notifier) == ["push 1", "push 2"])
    #expect(notifier.attempts.map(\.isRepeat) == [false, true])
  }

  @Test func aPostHasItToo() throws {
    var notifier = Self.notifier(["https://one.example": .failedPrecondition])
    try notifier.post(Post(id: "a", channel: "#incidents", text: "x"))
    #expect(Self.asked(notifier) == ["#incidents 1", "#incidents 2"])
  }

  @Test func aCrashDoesNotForgetWhichProviderWasAsked() throws {
    var notifier = Self.notifier(["https://one.example": .unavailable])
    notifier.answering = { $0.route.url == "https://two.example" ? nil : (.unavailable, "503", nil) }
    try notifier.page(.wanted())
    let restored = notifier.rules.condensed().reduce(into: Notifications()) { $0.apply($1, at: notifier.now) }
    #expect(restored == notifier.rules)
    notifier.restart()
    #expect(Self.asked(notifier) == ["push 1", "push 2", "push 2"])
  }

  @Test func aSecondProviderThatIsGoneIsNotAskedAnyMore() throws {
    var notifier = Self.notifier(["https://one.example": .unavailable, "https://two.example": .unavailable])
    try notifier.page(.wanted("ana", .sev1, channels: ["push"]))
    var changed = Self.both
    for index in changed.channels.indices { changed.channels[index].second = nil }
    try notifier.configure(changed)
    notifier.answering = Notifier.taken
    notifier.wait(.minutes(1))
    #expect(Self.asked(notifier) == ["push 1", "push 2", "push 1"])
  }
}
