import Machinery
import Messages
import Notifying
import Testing

/// A provider is asked as often as it allows, and slows no other (N5).
@Suite struct ProviderRateTests {
  private static func notifier(_ routes: [ChannelRoute]) -> Notifier {
    var configuration = Self.configuration
    configuration.channels = routes
    return Notifier(configuration)
  }

  private static let configuration: NotificationConfiguration = {
    var configuration = NotificationConfiguration.team
    configuration.contacts = (1...40).map { number in
      Contact(
        person: "p\(number)",
        methods: ["push", "sms", "voice"].map { ContactMethod(channel: $0, address: "+1202555\(1_000 + number)") })
    }
    return configuration
  }()

  private static func page(_ number: Int, _ severity: Severity, _ channel: String, at now: Instant) -> Page {
    .wanted("p\(number)", id: "2f-\(number)", severity, channels: [channel], at: now)
  }

  @Test func aBucketThatIsEmptyFillsEvenly() throws {
    var notifier = Self.notifier([
      ChannelRoute(channel: "push", provider: "console", rate: Rate(messages: 6, per: .minutes(1)))
    ])
    for number in 1...10 { try notifier.page(Self.page(number, .sev3, "push", at: notifier.now)) }
    #expect(notifier.attempts.count == 6)
    notifier.wait(.seconds(30))
    #expect(notifier.said.suffix(3).map { $0.prefix(8) } == ["03:00:10", "03:00:20", "03:00:30"])
    notifier.wait(.seconds(10))
    #expect(notifier.attempts.count == 10)
    notifier.wait(.minutes(5))
    for number in 11...20 { try notifier.page(Self.page(number, .sev3, "push", at: notifier.now)) }
    #expect(notifier.attempts.count == 16, "a full bucket again")
  }

  @Test func twilioBeginsACallASecondAndTheWorstComesFirst() throws {
    let twilio = ChannelRoute(
      channel: "voice", provider: "twilio", secretFile: "k", account: "AC" + String(repeating: "a", count: 32),
      from: "+12025550100")
    var notifier = Self.notifier([twilio])
    for number in 1...5 { try notifier.page(Self.page(number, .sev3, "voice", at: notifier.now)) }
    try notifier.page(Self.page(6, .sev1, "voice", at: notifier.now))
    try notifier.page(Self.page(7, .sev1, "sms", at: notifier.now))
    #expect(notifier.attempts.map(\.incidentId) == ["2f-1", "2f-7"], "texts don't wait for calls")
    notifier.wait(.seconds(5))
    #expect(notifier.attempts.dropFirst(2).map(\.incidentId) == ["2f-6", "2f-2", "2f-3", "2f-4", "2f-5"])
  }

  @Test func aSlackChannelGetsAMessageASecondInOrder() throws {
    let slack = ChannelRoute(channel: "#incidents", provider: "slack", secretFile: "k")
    var notifier = Self.notifier([slack])
    for number in 1...20 { try notifier.post(Post(id: "p\(number)", channel: "#incidents", text: "\(number)")) }
    try notifier.post(Post(id: "other", channel: "#platform", text: "other"))
    notifier.wait(.seconds(19))
    #expect(notifier.attempts.map(\.text).filter { $0 != "other" } == (1...20).map { "\($0)" })
    #expect(notifier.attempts[1].text == "other")
  }

  @Test func theSecondProviderHasARateOfItsOwn() throws {
    let second = SecondProvider(provider: "webhook", url: "http://b", secretFile: "k")
    var notifier = Self.notifier([
      ChannelRoute(channel: "push", provider: "console", second: second, rate: Rate(messages: 2, per: .minutes(1)))
    ])
    notifier.answering = { $0.route.provider == "console" ? (.unavailable, "503", nil) : (.ok, "taken", nil) }
    for number in 1...2 { try notifier.page(Self.page(number, .sev1, "push", at: notifier.now)) }
    #expect(notifier.attempts.map(\.route.provider) == ["console", "webhook", "console", "webhook"])
  }

  private static let passedOver: [ChannelRoute] = {
    let second = SecondProvider(
      provider: "webhook", url: "http://b", secretFile: "k", rate: Rate(messages: 2, per: .minutes(1)))
    let rate = Rate(messages: 600, per: .minutes(1))
    return [ChannelRoute(channel: "push", provider: "console", second: second, rate: rate)]
  }()

  private static func asked(_ notifier: Notifier, _ provider: String) -> [String] {
    notifier.attempts.filter { $0.channel == "push" && $0.route.provider == provider }.map { Notifier.clock($0.at) }
  }

  @Test func whatPassesTheFirstOverGoesAtTheSecondsRate() throws {
    var notifier = Self.notifier(Self.passedOver)
    notifier.answering = {
      $0.channel == "push" && $0.route.provider == "console" ? (.unavailable, "503", nil) : (.ok, "taken", nil)
    }
    for number in 1...8 { try notifier.page(Self.page(number, .sev1, "push", at: notifier.now)) }
    notifier.rules = notifier.rules.condensed().reduce(into: Notifications()) { $0.apply($1, at: notifier.now) }
    notifier.wait(.seconds(59))
    #expect(Self.asked(notifier, "console") == ["03:00:00", "03:00:00", "03:00:00"])
    #expect(Self.asked(notifier, "webhook") == ["03:00:00", "03:00:00", "03:00:30"])
    notifier.wait(.minutes(4))
    #expect(
      Self.asked(notifier, "webhook").dropFirst(3) == ["03:01:00", "03:01:30", "03:02:00", "03:02:30", "03:03:00"])
    #expect(notifier.deliveries().allSatisfy { $0.state == .handedOver }, "\(notifier.states)")
  }

  @Test func aFirstThatIsUsedAgainHasItsOwnTokens() throws {
    var notifier = Self.notifier(Self.passedOver)
    notifier.answering = {
      $0.channel == "push" && $0.route.provider == "console" ? (.unavailable, "503", nil) : (.ok, "taken", nil)
    }
    for number in 1...8 { try notifier.page(Self.page(number, .sev1, "push", at: notifier.now)) }
    notifier.answering = Notifier.taken
    notifier.wait(.minutes(1))
    let again = Self.asked(notifier, "console").filter { $0 == "03:01:00" }
    #expect(again.count == 4, "one tries it, one goes by the second meanwhile, and three follow")
  }

  @Test func aCorrectedRateHoldsAtOnce() throws {
    func configuration(_ rate: Rate) -> NotificationConfiguration {
      var configuration = Self.configuration
      configuration.channels = [ChannelRoute(channel: "push", provider: "console", rate: rate)]
      return configuration
    }
    let slow = Rate(messages: 1, per: .hours(1))
    var notifier = Notifier(configuration(slow))
    for number in 1...3 { try notifier.page(Self.page(number, .sev3, "push", at: notifier.now)) }
    var other = configuration(slow)
    other.limits = PageLimits(pagesPerMinute: 7)
    try notifier.configure(other)
    notifier.wait(.seconds(1))
    #expect(notifier.attempts.count == 1, "the rate is the same, and so is what was asked")
    try notifier.configure(configuration(Rate(messages: 60, per: .minutes(1))))
    notifier.wait(.zero)
    #expect(notifier.attempts.count == 3)
  }

  @Test func aRateIsPartOfACheckpoint() throws {
    var notifier = Self.notifier([
      ChannelRoute(channel: "push", provider: "console", rate: Rate(messages: 1, per: .minutes(1)))
    ])
    for number in 1...2 { try notifier.page(Self.page(number, .sev3, "push", at: notifier.now)) }
    notifier.rules = notifier.rules.condensed().reduce(into: Notifications()) { $0.apply($1, at: notifier.now) }
    notifier.wait(.seconds(59))
    #expect(notifier.attempts.count == 1)
    notifier.wait(.seconds(1))
    #expect(notifier.attempts.count == 2)
  }

  @Test func whatNobodyCanMeanIsRefused() {
    var configuration = NotificationConfiguration.team
    configuration.limits = PageLimits(pagesPerMinute: 61)
    var notifier = Notifier()
    #expect(throws: Refusal(.invalidArgument, "must be from 1 to 60", field: "limits.pages_per_minute")) {
      try notifier.configure(configuration)
    }
    configuration.limits = nil
    configuration.channels = [
      ChannelRoute(channel: "push", provider: "console", rate: Rate(messages: 0, per: .seconds(1)))
    ]
    #expect(
      throws: Refusal(
        .invalidArgument, "must be at least 1, and at most one in a millisecond", field: "channels[0].rate.messages")
    ) { try notifier.configure(configuration) }
  }
}
