import Messages
import Notifying
import Testing

/// A route that could carry nobody's page is refused when it is configured (requirement N2).
@Suite struct RouteTests {
  static let account = "AC" + String(repeating: "0f", count: 16)

  private static func twilio(_ channel: String) -> ChannelRoute {
    ChannelRoute(channel: channel, provider: "twilio", secretFile: "k", account: account, from: "+1 202 555 0100")
  }

  private func refusal(_ route: ChannelRoute, contacts: [Contact] = []) -> Refusal? {
    var notifier = Notifier()
    do {
      _ = try notifier.configure(NotificationConfiguration(contacts: contacts, channels: [route]))
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    ChannelRoute(channel: "push", provider: "ntfy"),
    ChannelRoute(channel: "push", provider: "pushover", secretFile: "k"),
    twilio("sms"), twilio("voice"), ChannelRoute(channel: "slack", provider: "slack", secretFile: "k"),
    ChannelRoute(channel: "#incidents", provider: "slack-webhook", secretFile: "k"),
    ChannelRoute(channel: "email", provider: "smtp", url: "smtps://mail.example", from: "t@aion.example"),
  ])
  func whatIsWholeIsTaken(route: ChannelRoute) {
    #expect(refusal(route) == nil)
  }

  @Test(arguments: [
    (ChannelRoute(channel: "sms", provider: "ntfy"), "provider"),
    (ChannelRoute(channel: "*", provider: "ntfy"), "provider"),
    (ChannelRoute(channel: "#incidents", provider: "ntfy"), "to"),
    (ChannelRoute(channel: "push", provider: "ntfy", to: "everybody"), "to"),
    (ChannelRoute(channel: "push", provider: "ntfy", url: "ftp://push.example"), "url"),
    (ChannelRoute(channel: "push", provider: "ntfy", url: "http://push.example"), "url"),
    (ChannelRoute(channel: "push", provider: "pushover"), "secret_file"),
    (ChannelRoute(channel: "push", provider: "webhook", url: "https://a:b@c.example", secretFile: "k"), "url"),
    (
      ChannelRoute(channel: "sms", provider: "twilio", secretFile: "k", account: "AC1", from: "+12025550100"), "account"
    ),
    (ChannelRoute(channel: "sms", provider: "twilio", secretFile: "k", account: account, from: "2025550100a!"), "from"),
    (ChannelRoute(channel: "voice", provider: "twilio", secretFile: "k", account: account, from: "Tocsin"), "from"),
    (ChannelRoute(channel: "email", provider: "smtp", url: "smtps://m.example", from: "t@b\r\nBcc: x@y"), "from"),
    (
      ChannelRoute(channel: "email", provider: "smtp", url: "smtps://m.example", secretFile: "k", from: "t@b.example"),
      "secret_file"
    ),
    (ChannelRoute(channel: "ticket", provider: "slack", secretFile: "k"), "to"),
    (ChannelRoute(channel: "push", provider: "ntfy", signingFile: "k"), "signing_file"),
    (
      ChannelRoute(channel: "#incidents", provider: "slack-webhook", url: "https://hooks.example", secretFile: "k"),
      "url"
    ),
    (ChannelRoute(channel: "push", provider: "ntfy", caFile: String(repeating: "x", count: 3_000)), "ca_file"),
  ])
  func whatIsMissingOrTooMuchIsNamed(route: ChannelRoute, part: String) {
    let refused = refusal(route)
    #expect(
      refused?.field == "channels[0].\(part)" && refused?.status == .invalidArgument, "\(String(describing: refused))")
  }

  @Test(arguments: [
    ("sms", twilio("sms"), "202 555 0177"), ("push", ChannelRoute(channel: "push", provider: "ntfy"), "ana's phone"),
    ("slack", ChannelRoute(channel: "slack", provider: "slack", secretFile: "k"), "@ana"),
    (
      "email", ChannelRoute(channel: "email", provider: "smtp", url: "smtps://m.example", from: "t@a.example"),
      "ana@b@c"
    ),
    (
      "push", ChannelRoute(channel: "push", provider: "console", second: SecondProvider(provider: "ntfy")),
      "ana's phone"
    ),
  ])
  func anAddressThatItsProviderCannotUseIsNamedAndNotRepeated(channel: String, route: ChannelRoute, address: String) {
    let contact = Contact(person: "ana", methods: [ContactMethod(channel: channel, address: address)])
    let refused = refusal(route, contacts: [contact])
    #expect(refused?.field == "contacts[0].methods[0].address" && refused?.message.contains(address) == false)
  }

  @Test func aSecondProviderIsAskedForWhatItNeedsAndKeepsIt() throws {
    let second = SecondProvider(
      provider: "twilio", url: "https://other.example", secretFile: "k2", account: Self.account, from: "+12025550199",
      caFile: "ca")
    var notifier = Notifier { attempt in attempt.route.url.isEmpty ? (.unavailable, "", nil) : (.ok, "", nil) }
    var route = Self.twilio("sms")
    route.second = second
    _ = try notifier.configure(
      NotificationConfiguration(
        contacts: [Contact(person: "ana", methods: [ContactMethod(channel: "sms", address: "+1 202 555 0101")])],
        channels: [route]))
    try notifier.page(.wanted("ana", .sev1, channels: ["sms"]))
    #expect(notifier.attempts.map(\.route.first) == [route.first, second])
    route.second?.account = ""
    #expect(refusal(route)?.field == "channels[0].second.account")
  }

  @Test(arguments: [
    ("https://wiki.aion.example/pods", true), ("/docs/runbooks/pods.md", false), ("javascript:x", false),
  ])
  func aRunbookLeadsSomewhereWhenItIsAWebAddress(runbook: String, leads: Bool) throws {
    var notifier = Notifier()
    var page = Page.wanted()
    page.runbook = runbook
    try notifier.page(page)
    #expect(notifier.attempts.first?.link == (leads ? runbook : ""))
  }
}
