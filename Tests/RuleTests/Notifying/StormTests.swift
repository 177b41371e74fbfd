import Machinery
import Messages
import Notifying
import Testing

/// When more is due than can be under way: the worst first, and what waits can still be cancelled.
@Suite struct StormTests {
  private static func storm(_ count: Int, _ severity: Severity) throws -> Notifier {
    var notifier = Notifier(answering: { _ in nil })
    for number in 0..<count {
      try notifier.page(page(number, severity))
    }
    return notifier
  }

  /// Of a service of its own: it is not held.
  private static func page(_ number: Int, _ severity: Severity, by channel: String = "push") -> Page {
    var page = Page.wanted("ana", id: "2f-\(number)", severity, channels: [channel])
    page.service = "service-\(number)"
    return page
  }

  @Test func noMoreBeginsAtOneHostThanCanBeUnderWay() throws {
    var notifier = try Self.storm(600, .sev1)
    #expect(notifier.attempts.count == 128)
    notifier.settle(notifier.attempts[0], .ok)
    #expect(notifier.attempts.count == 129)
  }

  /// Push, SMS and voice, e-mail and Slack each at a host of its own; nobody there answers.
  private static let hosts: NotificationConfiguration = {
    var configuration = NotificationConfiguration.team
    configuration.channels = [
      ("push", "push"), ("sms", "phone"), ("voice", "phone"), ("email", "mail"), ("slack", "talk"),
      ("#incidents", "posts"),
    ].map { ChannelRoute(channel: $0, provider: "webhook", url: "https://\($1).example/pages", secretFile: "key") }
    return configuration
  }()

  private static func underWay(_ notifier: Notifier, _ channels: String...) -> Int {
    notifier.attempts.count { channels.contains($0.channel) }
  }

  @Test func aSilentProviderKeepsNoPlaceFromAnother() throws {
    var notifier = Notifier(Self.hosts, answering: { _ in nil })
    for number in 0..<600 { try notifier.page(Self.page(number, .sev1, by: "push")) }
    #expect(Self.underWay(notifier, "push") == 128)
    try notifier.page(Self.page(600, .sev4, by: "email"))
    #expect(notifier.attempts.last?.channel == "email" && notifier.attempts.last?.incidentId == "2f-600")
  }

  @Test func channelsOfOneHostShareWhatMayBeUnderWayThere() throws {
    var notifier = Notifier(Self.hosts, answering: { _ in nil })
    for number in 0..<200 { try notifier.page(Self.page(number, .sev1, by: number % 2 == 0 ? "sms" : "voice")) }
    #expect(Self.underWay(notifier, "sms", "voice") == 128)
    #expect(Self.underWay(notifier, "sms") == 64 && Self.underWay(notifier, "voice") == 64)
  }

  @Test(arguments: [
    "https://PHONE.example/pages", "https://phone.example:443/pages", "https://phone.example./pages",
    "http://phone.example:80/other",
  ]) func aHostIsOneHoweverItsAddressIsWritten(url: String) throws {
    var configuration = Self.hosts
    configuration.channels[2].url = url
    var notifier = Notifier(configuration, answering: { _ in nil })
    for number in 0..<200 { try notifier.page(Self.page(number, .sev1, by: number % 2 == 0 ? "sms" : "voice")) }
    #expect(Self.underWay(notifier, "sms") == 64 && Self.underWay(notifier, "voice") == 64)
  }

  @Test func aPublicServiceIsOneHostWhetherOrNotARouteNamesIt() throws {
    var configuration = Self.hosts
    for place in [1, 2] {
      configuration.channels[place] = ChannelRoute(
        channel: configuration.channels[place].channel, provider: "twilio",
        url: place == 1 ? "" : "https://api.twilio.com", secretFile: "k", account: RouteTests.account,
        from: "+12025550100", rate: Rate(messages: 1_000, per: .seconds(1)))
    }
    for place in configuration.contacts.indices {
      for method in configuration.contacts[place].methods.indices
      where ["sms", "voice"].contains(configuration.contacts[place].methods[method].channel) {
        configuration.contacts[place].methods[method].address = "+1202555010\(method)"
      }
    }
    var notifier = Notifier(configuration, answering: { _ in nil })
    for number in 0..<200 { try notifier.page(Self.page(number, .sev1, by: number % 2 == 0 ? "sms" : "voice")) }
    #expect(Self.underWay(notifier, "sms") == 64 && Self.underWay(notifier, "voice") == 64)
  }

  @Test func fourSilentProvidersLeaveRoomForAFifth() throws {
    var notifier = Notifier(Self.hosts, answering: { _ in nil })
    for (place, channel) in ["push", "sms", "email", "slack"].enumerated() {
      for number in 0..<600 { try notifier.page(Self.page(place * 600 + number, .sev1, by: channel)) }
    }
    #expect(["push", "sms", "email", "slack"].map { Self.underWay(notifier, $0) } == [128, 128, 86, 57])
    for number in 0..<10 { try notifier.post(Post(id: "p\(number)", channel: "#incidents", text: "x")) }
    #expect(Self.underWay(notifier, "#incidents") == 10)
  }

  /// What it says of pages that it has is asked for one by one; a provider that says nothing keeps nobody from another.
  @Test func questionsToASilentProviderKeepNoPlaceFromAnother() throws {
    var configuration = Self.hosts
    configuration.channels[0] = ChannelRoute(channel: "push", provider: "ntfy", url: "https://push.example")
    var notifier = Notifier(configuration, answering: { $0.channel == "push" ? (.unknown, "cut off", nil) : nil })
    notifier.telling = { _, _ in nil }
    for number in 0..<600 { try notifier.page(Self.page(number, .sev1, by: "push")) }
    #expect(notifier.said.count { $0.contains("push?") } == 128)
    try notifier.page(Self.page(600, .sev4, by: "email"))
    #expect(notifier.attempts.last?.channel == "email")
  }

  @Test func whatWaitsForItsPlaceCanStillBeCancelled() throws {
    var notifier = try Self.storm(200, .sev1)
    try notifier.cancel(Self.page(199, .sev1))
    for attempt in notifier.attempts { notifier.settle(attempt, .ok) }
    notifier.wait(.hours(1))
    #expect(notifier.attempts.count == 199 && !notifier.attempts.contains { $0.incidentId == "2f-199" })
  }

  @Test func aSlowProviderFullOfLesserThingsDoesNotKeepASev1Waiting() throws {
    var notifier = try Self.storm(600, .sev4)
    #expect(notifier.attempts.count == 112)
    try notifier.page(.wanted("ana", id: "2f-worst", .sev1, channels: ["push"]))
    #expect(notifier.attempts.last?.incidentId == "2f-worst")
  }

  @Test func outOfAnOutageAllThatIsLateIsOneMessageBesidesTheFirst() throws {
    let notifier = Notifier(answering: { _ in nil })
    var rules = notifier.rules
    let hour = Notifier.start - .hours(1)
    func put(_ id: String, _ incident: String, _ severity: Severity, minutes: Int64) throws {
      var page = Page.wanted("ana", id: incident, severity, channels: ["push"], at: hour + .minutes(minutes))
      page.id = id
      page.handedOverAt = Notifier.start
      for fact in try rules.decide(.putPage(page), at: notifier.now).facts { rules.apply(fact, at: notifier.now) }
    }
    try put("a/ana/1", "a", .sev2, minutes: 0)
    try put("a/ana/2", "a", .sev2, minutes: 10)
    try put("b/ana/1", "b", .sev2, minutes: 5)
    try put("a/ana/3", "a", .sev2, minutes: 20)
    try put("c/ana/1", "c", .sev1, minutes: 15)
    try put("c/ana/2", "c", .sev1, minutes: 25)
    var begun: [String] = []
    while rules.nextDeadline.map({ $0 <= notifier.now }) ?? false {
      for fact in rules.lapse(at: notifier.now) {
        if case .attemptBegun(let attempt) = fact.kind {
          begun.append(([attempt.pageId] + attempt.carried.map(\.pageId)).joined(separator: " "))
        }
        rules.apply(fact, at: notifier.now)
      }
    }
    #expect(begun == ["c/ana/1 c/ana/2 a/ana/2 b/ana/1 a/ana/3", "a/ana/1"])
  }

  @Test func theWorstIsBegunAndOwedFirst() throws {
    var notifier = Notifier(answering: { _ in nil })
    var rules = notifier.rules
    for (number, severity) in [Severity.sev4, .sev3, .sev2, .sev1].enumerated() {
      let page = Self.page(number, severity)
      for fact in try rules.decide(.putPage(page), at: notifier.now).facts { rules.apply(fact, at: notifier.now) }
    }
    for fact in try rules.decide(.putPost(Post(id: "p", channel: "#incidents", text: "x")), at: notifier.now).facts {
      rules.apply(fact, at: notifier.now)
    }
    var begun: [String] = []
    while rules.nextDeadline.map({ $0 <= notifier.now }) ?? false {
      for fact in rules.lapse(at: notifier.now) {
        if case .attemptBegun(let attempt) = fact.kind { begun.append(attempt.pageId) }
        rules.apply(fact, at: notifier.now)
      }
    }
    #expect(begun == ["2f-3/ana/1", "2f-2/ana/1", "2f-1/ana/1", "2f-0/ana/1", "p"])
    #expect(rules.owed(to: .provider, limit: 2).map(\.key.id) == ["2f-3/ana/1#0", "2f-2/ana/1#0"])
    notifier.rules = rules
  }
}
