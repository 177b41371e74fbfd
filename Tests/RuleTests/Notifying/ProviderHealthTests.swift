import Machinery
import Messages
import Notifying
import Testing

/// A provider that fails is passed over until it takes a page again (requirement N3).
@Suite struct ProviderHealthTests {
  private static let team: NotificationConfiguration = {
    var team = NotificationConfiguration.team
    team.contacts[0].methods = [ContactMethod(channel: "sms", address: "+12025550101")]
    team.contacts = [team.contacts[0]]
    team.channels = [
      ChannelRoute(
        channel: "sms", provider: "twilio", secretFile: "key",
        second: SecondProvider(provider: "webhook", url: "https://b.example", secretFile: "key"),
        account: "AC" + String(repeating: "0", count: 32), from: "+12025550100")
    ]
    return team
  }()

  private static func page(_ number: Int, _ severity: Severity = .sev1, at now: Instant) -> Page {
    .wanted("ana", id: "2f-\(number)k", severity, channels: ["sms"], at: now)
  }

  private static func failing(_ status: Status = .unavailable) -> Notifier {
    var notifier = Notifier(
      team, answering: { $0.route.provider == "twilio" ? (status, "out of order", nil) : (.ok, "", nil) })
    notifier.telling = { _, _ in .init(.notFound, "") }
    return notifier
  }

  private func asked(_ notifier: Notifier) -> [String] {
    notifier.attempts.filter { $0.channel == "sms" }.map(\.route.provider)
  }

  private func told(_ notifier: Notifier) -> [String] {
    notifier.attempts.filter { $0.channel == "#platform-alerts" }.map(\.text)
  }

  private func pages(_ notifier: inout Notifier, _ numbers: ClosedRange<Int>) throws {
    for number in numbers { try notifier.page(Self.page(number, at: notifier.now)) }
  }

  @Test func afterThreeFailuresPagesGoToTheSecondAtOnceAndItIsTold() throws {
    var notifier = Self.failing()
    try pages(&notifier, 1...5)
    #expect(asked(notifier) == ["twilio", "webhook", "twilio", "webhook", "twilio", "webhook", "webhook", "webhook"])
    #expect(
      told(notifier) == [
        "sms: twilio is passed over in favour of webhook (3 of 3 attempts failed within 5 min); one page tries it again in 1 min"
      ])
  }

  @Test func onePageTriesItAgainAndOthersDoNotWaitForIt() throws {
    var notifier = Self.failing()
    try pages(&notifier, 1...3)
    notifier.wait(.seconds(61))
    let before = asked(notifier).count
    notifier.answering = { $0.route.provider == "twilio" ? nil : (.ok, "", nil) }
    try pages(&notifier, 4...6)
    #expect(asked(notifier)[before...] == ["twilio", "webhook", "webhook"])
    let tried = try #require(notifier.attempts.last { $0.route.provider == "twilio" })
    notifier.settle(tried, .ok, "taken")
    notifier.answering = Notifier.taken
    try pages(&notifier, 7...8)
    #expect(asked(notifier).suffix(2) == ["twilio", "twilio"])
    #expect(told(notifier).last == "sms: twilio is used again: it took a page")
  }

  @Test func whatFailsAgainIsLeftAloneForTwiceAsLongAndNotToldAgain() throws {
    var notifier = Self.failing()
    try pages(&notifier, 1...3)
    notifier.wait(.seconds(61))
    try pages(&notifier, 4...4)
    #expect(asked(notifier).suffix(2) == ["twilio", "webhook"])
    notifier.wait(.seconds(110))
    try pages(&notifier, 5...5)
    #expect(asked(notifier).last == "webhook" && asked(notifier).suffix(2).first == "webhook")
    notifier.wait(.seconds(11))
    try pages(&notifier, 6...6)
    #expect(asked(notifier).suffix(2) == ["twilio", "webhook"] && told(notifier).count == 1)
  }

  @Test func whatWasUnderWayWhenItWasPassedOverIsNoTrial() throws {
    var notifier = Self.failing()
    notifier.answering = { $0.route.provider == "twilio" ? nil : (.ok, "", nil) }
    try pages(&notifier, 1...6)
    let underWay = notifier.attempts.filter { $0.route.provider == "twilio" }
    #expect(underWay.count == 6)
    notifier.wait(.seconds(5))
    for attempt in underWay.prefix(5) { notifier.settle(attempt, .unavailable, "out of order") }
    notifier.settle(underWay[5], .ok, "taken")
    #expect(told(notifier).count == 1, "three failures, and nothing since")
    let before = asked(notifier).count
    notifier.wait(.seconds(59))
    for number in 7...8 {
      var page = Self.page(number, at: notifier.now)
      page.service = "service-\(number)"
      try notifier.page(page)
      notifier.wait(.seconds(1))
    }
    #expect(asked(notifier)[before...] == ["webhook", "twilio"], "after a minute, whatever else has failed")
    let trial = try #require(notifier.attempts.last { $0.route.provider == "twilio" })
    notifier.settle(trial, .ok, "taken")
    #expect(told(notifier).last == "sms: twilio is used again: it took a page")
  }

  @Test func aBadNumberIsNotTheProvidersFault() throws {
    var notifier = Self.failing(.failedPrecondition)
    try pages(&notifier, 1...6)
    #expect(asked(notifier).filter { $0 == "twilio" }.count == 6 && told(notifier).isEmpty)
  }

  @Test func aFewFailuresAmongManyAreEveryday() throws {
    var notifier = Notifier(Self.team)
    for number in 1...30 {
      let isFailing = number % 3 == 0
      notifier.answering = {
        isFailing && $0.route.provider == "twilio" ? (.unavailable, "503", nil) : (.ok, "", nil)
      }
      try pages(&notifier, number...number)
    }
    #expect(told(notifier).isEmpty)
  }

  @Test func oldFailuresCountForNothing() throws {
    var notifier = Self.failing()
    for number in 1...6 {
      try pages(&notifier, number...number)
      notifier.wait(.minutes(3))
    }
    #expect(told(notifier).isEmpty)
  }

  @Test func aProviderThatTakesPagesAndDeliversNoneIsPassedOverToo() throws {
    var notifier = Notifier(Self.team)
    notifier.telling = { _, _ in .init(.ok, "queued", id: "SM1") }
    try pages(&notifier, 1...3)
    notifier.wait(.seconds(150))
    try pages(&notifier, 4...4)
    #expect(asked(notifier) == ["twilio", "twilio", "twilio", "webhook"])
    #expect(told(notifier).first?.contains("3 of 3 receipts are missing") ?? false)
  }

  @Test func anotherProviderBeginsAnew() throws {
    var notifier = Self.failing()
    try pages(&notifier, 1...3)
    var other = Self.team
    other.channels[0].url = "https://c.example"
    try notifier.configure(other)
    try pages(&notifier, 4...4)
    #expect(asked(notifier).suffix(2) == ["twilio", "webhook"])
  }

  @Test func aCheckpointRemembersIt() throws {
    var notifier = Self.failing()
    try pages(&notifier, 1...3)
    var restored = Notifications()
    for fact in notifier.rules.condensed() { restored.apply(fact, at: notifier.now) }
    #expect(restored == notifier.rules)
    notifier.rules = restored
    try pages(&notifier, 4...4)
    #expect(asked(notifier).last == "webhook" && told(notifier).count == 1)
  }
}
