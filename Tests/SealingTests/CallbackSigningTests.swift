import Foundation
import Machinery
import Messages
import Notifying
import Synchronization
import Testing

@testable import Hosting

/// What callbacks are verified with, and that pages offer no answer where nothing can verify it.
@Suite struct CallbackSigningTests {
  private static let start = Instant(milliseconds: 1_795_489_200_000)

  private static func file(_ text: String) throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try #require(
      FileManager.default.createFile(
        atPath: path, contents: Data("\(text)\n".utf8), attributes: [.posixPermissions: 0o400]))
    return path
  }

  private static func route(_ channel: String, secret: String, signing: String = "") -> ChannelRoute {
    ChannelRoute(
      channel: channel, provider: "twilio", secretFile: secret, account: "AC" + String(repeating: "0", count: 32),
      from: "+12025550100", signingFile: signing)
  }

  /// What is owed to Twilio of a page of Ana's.
  private static func attempt(_ route: ChannelRoute) throws -> Attempt {
    var rules = Notifications(
      answering: AnsweringTerms(secret: Array(repeating: 7, count: 32), url: "https://tocsin.example.com"))
    let ana = Contact(person: "ana", methods: [ContactMethod(channel: route.channel, address: "+12025550101")])
    func remember(_ facts: [NotificationFact]) { for fact in facts { rules.apply(fact, at: start) } }
    remember(
      try rules.decide(
        .configure(NotificationConfiguration(contacts: [ana], channels: [route]), by: "ops"), at: start
      ).facts)
    remember(
      try rules.decide(
        .putPage(
          Page(
            id: "2f-1k/ana/1", generation: 1, wanted: true, incidentId: "2f-1k", person: "ana", tier: 1, purpose: .duty,
            severity: .sev1, summary: "no ready pods", service: "redis", channels: [route.channel], because: "primary",
            pagedAt: start, openedAt: start)), at: start
      ).facts)
    while rules.nextDeadline.map({ $0 <= start }) ?? false { remember(rules.lapse(at: start)) }
    let owed = rules.owed(to: .provider, limit: 1)
    guard case .attempt(let attempt) = try #require(owed.first) else { throw Missing() }
    return attempt
  }
  private struct Missing: Error {}

  @Test(arguments: ["sms", "voice"]) func anAPIKeySignsNothing(channel: String) throws {
    let lines = Mutex<[String]>([])
    let signing = CallbackSigning(ChangedWords { line in lines.withLock { $0.append(line) } })
    let key = try Self.file("SK" + String(repeating: "0a", count: 16) + ":a secret of an API key")
    let token = try Self.file("an account's token")
    let alone = Self.route(channel, secret: key)
    #expect(signing.secrets([alone], of: "twilio").isEmpty && !signing.verifies(alone))
    #expect(lines.withLock { $0.count } == 1, "it is told once")
    #expect(lines.withLock { $0.first?.contains("\(key) holds an API key") } == true)
    let offers = try Self.attempt(alone)
    #expect(offers.ways != nil && !offers.callbackURL.isEmpty)
    let sent = offers.asSent(signing)
    #expect(sent.ways == nil && sent.callbackURL.isEmpty)
    #expect(offers.text.contains(channel == "sms" ? "; reply " : "Press 4"))
    #expect(!sent.text.contains("reply") && !sent.text.contains("Press 4"))
    for whole in [Self.route(channel, secret: key, signing: token), Self.route(channel, secret: token)] {
      #expect(signing.secrets([whole], of: "twilio") == ["an account's token"])
      #expect(try Self.attempt(whole).asSent(signing).ways != nil)
    }
    #expect(lines.withLock { $0.count } == 1)
  }

  @Test func aSecretThatIsReplacedCountsAtOnce() throws {
    let lines = Mutex<[String]>([])
    let signing = CallbackSigning(ChangedWords { line in lines.withLock { $0.append(line) } })
    let file = try Self.file("an account's token")
    let route = Self.route("sms", secret: file)
    for (text, secrets) in [
      ("an account's token", ["an account's token"]), ("another's", ["another's"]), ("SK1:a secret", []),
      ("a third one's", ["a third one's"]),
    ] {
      try #require(rename(try Self.file(text), file) == 0)
      #expect(signing.secrets([route], of: "twilio") == secrets && signing.verifies(route) == !secrets.isEmpty)
    }
    unlink(file)
    #expect(!signing.verifies(route))
    #expect(lines.withLock { $0.count } == 2, "the API key, and that there is none")
  }
}
