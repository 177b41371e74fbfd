import Messages
import Notifying
import Testing

/// What is said to people, word by word.
@Suite struct PageTextTests {
  private static func texts(_ page: Page) throws -> [String: String] {
    var notifier = Notifier()
    try notifier.page(page)
    return Dictionary(notifier.attempts.map { ($0.channel, $0.text) }, uniquingKeysWith: { first, _ in first })
  }
  private static let all = ["push", "sms", "voice", "email"]

  @Test func whatIsNoIncidentSaysWhichCommandAnswersIt() throws {
    var page = Page.wanted(channels: Self.all)
    page.answeredBy = "tocsinctl cover assign"
    let texts = try Self.texts(page)
    #expect(texts["sms"]?.hasSuffix("; tocsinctl cover assign") == true)
    #expect(texts["push"]?.hasSuffix("; tocsinctl cover assign") == true)
    #expect(texts["email"]?.hasSuffix("\nAnswer: tocsinctl cover assign") == true)
    #expect(!texts.values.contains { $0.contains("ack") })
  }

  @Test func eachChannelHasItsForm() throws {
    var page = Page.wanted(channels: Self.all)
    page.steps = ["Check pod status", "Roll back"]
    page.runbook = "/docs/runbooks/service_down.md"
    let texts = try Self.texts(page)
    #expect(
      texts["push"] == """
        [SEV-1] aion-ai-inference: no ready pods (2f-1k) - primary; 1. Check pod status; 2. Roll back; \
        /docs/runbooks/service_down.md; ack 2f-1k
        """)
    #expect(texts["sms"] == "[SEV-1] aion-ai-inference: no ready pods (2f-1k); ack 2f-1k")
    #expect(texts["voice"] == "This is Tocsin. Severity 1. aion-ai-inference: no ready pods. Incident 2f-1k.")
    #expect(
      texts["email"] == """
        [SEV-1] aion-ai-inference: no ready pods (2f-1k)
        primary
        1. Check pod status
        2. Roll back
        Runbook: /docs/runbooks/service_down.md
        Acknowledge: tocsinctl incident ack 2f-1k
        """)
  }

  @Test(arguments: ["push", "slack"]) func allStepsAreOnThePage(channel: String) throws {
    var page = Page.wanted(channels: [channel])
    page.steps = ["Check pod status", "Review recent changes", "Check resource availability", "Restart pods if needed"]
    page.incidentUrl = "https://tocsin.example/incidents/2f-1k"
    let text = try #require(try Self.texts(page)[channel])
    #expect(
      text.hasSuffix(
        """
         - primary; 1. Check pod status; 2. Review recent changes; 3. Check resource availability; \
        4. Restart pods if needed; https://tocsin.example/incidents/2f-1k; ack 2f-1k
        """))
  }

  @Test func whatThereIsNoRoomForIsCountedAndTheCallIsStillThere() throws {
    var page = Page.wanted(channels: ["push"])
    page.steps = (1...40).map { "Step \($0): " + String(repeating: "look ", count: 40) }
    page.runbook = "/docs/runbooks/service_down.md"
    let text = try #require(try Self.texts(page)["push"])
    #expect(text.count <= 1_000 && text.count > 700)
    #expect(text.contains("; and ") && text.hasSuffix(" further; /docs/runbooks/service_down.md; ack 2f-1k"))
  }

  @Test func theLinkIsInLettersAndNotedByPhoneOnlyByItsId() throws {
    var page = Page.wanted(channels: Self.all)
    page.incidentUrl = "https://tocsin.example/incidents/2f-1k"
    let texts = try Self.texts(page)
    #expect(texts["email"]?.contains("\nIncident: https://tocsin.example/incidents/2f-1k\n") == true)
    #expect(texts["sms"]?.contains("http") == false && texts["voice"]?.contains("http") == false)
  }

  @Test func aServiceThatTheSummaryNamesIsNotNamedTwice() throws {
    var page = Page.wanted(channels: ["sms"])
    page.summary = "aion-ai-inference has no ready pods"
    #expect(try Self.texts(page)["sms"] == "[SEV-1] aion-ai-inference has no ready pods (2f-1k); ack 2f-1k")
  }

  @Test(arguments: [
    (PagePurpose.headsUp, "Heads-up: "), (.reminder, "Reminder: "), (.tell, "For your information: "),
  ])
  func wordsWithoutDutySaySoAndAskForNoAnswer(purpose: PagePurpose, prefix: String) throws {
    let texts = try Self.texts(.wanted("ana", .sev1, purpose, channels: ["sms"]))
    #expect(texts["sms"] == "\(prefix)[SEV-1] aion-ai-inference: no ready pods (2f-1k)")
  }

  @Test func aMessageFitsInOneHoweverLongTheSummary() throws {
    var page = Page.wanted(channels: ["sms"])
    page.summary = String(repeating: "broken ", count: 200)
    let text = try #require(try Self.texts(page)["sms"])
    #expect(text.count == 160 && text.hasSuffix("… (2f-1k); ack 2f-1k"))
  }

  @Test(arguments: Self.all) func nothingHiddenGetsIntoWords(channel: String) throws {
    var page = Page.wanted(channels: Self.all)
    page.summary = "no\u{1b}[31m ready\u{202e}\u{2066} pods\r\n[SEV-4] all\u{0} well\u{200b}\u{7f}\u{9b}"
    page.because = "primary\nAcknowledge: evil"
    page.steps = ["a\nb"]
    let text = try #require(try Self.texts(page)[channel])
    let allowed = channel == "email" ? "\n" : ""
    for scalar in text.unicodeScalars where !allowed.unicodeScalars.contains(scalar) {
      #expect(scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value))
      #expect(!(0x202a...0x202e).contains(scalar.value) && !(0x2060...0x206f).contains(scalar.value))
      #expect(scalar.value != 0x200b)
    }
    #expect(text.contains("no[31m ready pods [SEV-4] all well"))
  }

  @Test func anAttemptKnowsItsPage() throws {
    var notifier = Notifier()
    try notifier.page(.wanted())
    let attempt = notifier.attempts[0]
    #expect(attempt.key.id == "2f-1k/ana/1#0" && attempt.key.generation == 1 << 16 && attempt.number == 1)
    #expect(attempt.address == "ana-push" && attempt.name == "Ana Alvarez" && attempt.tier == 1)
    #expect(attempt.pagedAt == Notifier.start && attempt.incidentId == "2f-1k" && attempt.purpose == .duty)
  }
}
