import Machinery
import Messages
import Notifying
import Testing

/// A page offers an answer only where the provider that carries it can bring one back (requirement N4).
@Suite struct AnswerRouteTests {
  private static let account = "AC" + String(repeating: "0", count: 32)
  private static let twilio = SecondProvider(
    provider: "twilio", secretFile: "key", account: account, from: "+12025550100")
  private static let webhook = SecondProvider(provider: "webhook", url: "https://a.example", secretFile: "key")

  private static func slack(signedBy file: String) -> SecondProvider {
    SecondProvider(provider: "slack", secretFile: "token", signingFile: file)
  }

  /// Ana by one channel.
  private static func team(
    _ channel: String, _ first: SecondProvider, second: SecondProvider? = nil
  ) -> NotificationConfiguration {
    let address = ["sms": "+12025550101", "voice": "+12025550101", "slack": "U024BE7LH", "email": "ana@aion.example"]
    var route = ChannelRoute(channel, by: first)
    route.second = second
    let pushKey = String(repeating: "u", count: 30)
    return NotificationConfiguration(
      contacts: [
        Contact(person: "ana", methods: [ContactMethod(channel: channel, address: address[channel] ?? pushKey)])
      ], channels: [route])
  }

  @Test(arguments: [
    ("sms", twilio, true), ("voice", twilio, true), ("slack", slack(signedBy: "app"), true),
    ("push", SecondProvider(provider: "ntfy"), true),
    ("email", SecondProvider(provider: "smtp", url: "smtp://mail.example", from: "t@aion.example"), true),
    ("email", webhook, true), ("slack", slack(signedBy: ""), false), ("sms", webhook, false), ("voice", webhook, false),
    ("push", SecondProvider(provider: "pushover", secretFile: "key"), false), ("slack", webhook, false),
  ])
  func anAnswerIsOfferedWhereOneComesBack(channel: String, by provider: SecondProvider, isOffered: Bool) throws {
    var notifier = Notifier(.team, terms: AnswerTests.terms)
    let reply = try notifier.configure(Self.team(channel, provider))
    let remarks = reply.changes.filter { $0.contains("its pages offer no answer") }
    #expect(remarks.count == (isOffered ? 0 : 1) && remarks.allSatisfy { $0.hasPrefix("channel \(channel) by ") })
    try notifier.page(.wanted(channels: [channel]))
    let attempt = try #require(notifier.attempts.last)
    #expect((attempt.ways != nil) == isOffered)
    if channel == "sms" { #expect(attempt.text.hasSuffix(isOffered ? " ack" : "; ack 2f-1k"), "\(attempt.text)") }
    if channel == "voice" { #expect(attempt.text.contains("Press 4") == isOffered) }
    let again = try notifier.configure(Self.team(channel, provider))
    #expect(again.changes.isEmpty, "it is said once")
  }

  @Test func aSecondProviderThatBringsNoneAsksForNone() throws {
    var notifier = Notifier(
      Self.team("sms", Self.twilio, second: Self.webhook), terms: AnswerTests.terms,
      answering: { $0.route.provider == "twilio" ? (.unavailable, "503", nil) : (.ok, "accepted", nil) })
    try notifier.page(.wanted(channels: ["sms"]))
    let texts = notifier.attempts.filter { $0.person == "ana" }.map(\.text)
    #expect(texts.count == 2 && texts[0].hasSuffix(" ack") && texts[0].contains("; reply "))
    #expect(texts.last?.hasSuffix("; ack 2f-1k") == true)
  }

  @Test func aDigestOffersNoneEither() throws {
    var notifier = Notifier(Self.team("sms", Self.webhook), terms: AnswerTests.terms)
    for number in 1...9 { try notifier.page(.wanted("ana", id: "2f-\(number)", .sev3, channels: ["sms"])) }
    notifier.wait(.minutes(1))
    let digest = try #require(notifier.attempts.last { $0.count > 1 })
    #expect(digest.waysOfEach.isEmpty && !digest.text.contains("reply a code") && digest.text.contains("; ack 2f-"))
  }

  @Test func whereNothingIsAnsweredByItsChannelNothingIsSaid() throws {
    var notifier = Notifier()
    #expect(
      try notifier.configure(Self.team("sms", Self.webhook)).changes.allSatisfy { !$0.contains("offer no answer") })
  }
}
