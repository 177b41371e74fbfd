import Foundation
import Messages
import Providers
import Testing

/// Push by Pushover against a server that checks what Pushover checks.
@Suite struct PushoverTests {
  private let servers: PublicProviders
  private let provider: PushoverProvider

  init() throws {
    servers = try PublicProviders()
    provider = PushoverProvider(try Conversations(reach: .here))
  }

  private func page(
    to key: String = PublicProviders.pushoverKey, token: String = PublicProviders.pushoverToken
  ) throws -> HandOver {
    .duty(
      "push", to: key,
      ChannelRoute(channel: "push", provider: "pushover", url: servers.url, secretFile: try servers.file(token)))
  }

  @Test func aSev1RingsAndEndsWithItself() async throws {
    let page = try page()
    let outcome = await provider.deliver(page)
    #expect(outcome.status == .ok && outcome.words == "200 request r1, 9999 of the month's messages left")
    let taken = try #require(try servers.taken.first)
    #expect(taken.path == "/1/messages.json" && taken["user"] == PublicProviders.pushoverKey)
    #expect(taken["token"] == PublicProviders.pushoverToken && taken["message"] == page.text)
    #expect(taken["title"] == page.title && taken["timestamp"] == "1795489330" && taken["ttl"] == "86400")
    // No emergency: Pushover would repeat it after somebody has answered.
    #expect(taken["priority"] == "1" && taken["retry"] == nil && taken["expire"] == nil)
  }

  @Test(arguments: [
    (Severity.sev1, "1"), (.sev2, "1"), (.sev3, "0"), (.sev4, "-1"), (.unspecified, "0"),
  ])
  func aSeverityIsAPriorityAndStaysOnThePhone(severity: Severity, priority: String) async throws {
    var page = try page()
    page.severity = severity
    #expect(await provider.deliver(page).status == .ok)
    #expect(try servers.taken.first?["priority"] == priority && servers.taken.first?["ttl"] == "86400")
  }

  @Test func longWordsAreCutToWhatItTakes() async throws {
    var page = try page()
    page.title = String(repeating: "t", count: 300)
    page.text = String(repeating: "😀", count: 2_000) + " (2f-1k); ack 2f-1k"
    #expect(await provider.deliver(page).status == .ok)
    let taken = try #require(try servers.taken.first)
    #expect(taken["title"]?.count == 250 && taken["message"]?.unicodeScalars.count == 1_024)
    #expect(taken["message"]?.hasSuffix("… (2f-1k); ack 2f-1k") == true)
  }

  @Test func whatItRefusesIsPermanentAndInItsWordsWithoutTheKey() async throws {
    let table = Providers([.pushover: provider])
    let page = try page(to: String(repeating: "u", count: 30))
    let outcome = await withCheckedContinuation { waiting in table.deliver(page) { waiting.resume(returning: $0) } }
    #expect(outcome.status == .failedPrecondition)
    #expect(outcome.words == "400 user key [address] is not a valid user, group, or subscribed user key")
    let stranger = await provider.deliver(try self.page(token: "another token of thirty letter"))
    #expect(stranger.status == .failedPrecondition && stranger.words == "400 application token is invalid")
  }

  @Test func aMonthThatIsUsedUpSaysUntilWhen() async throws {
    try await servers.trouble(.pushover, "429")
    let outcome = await provider.deliver(try page())
    #expect(outcome.status == .resourceExhausted)
    #expect(outcome.words == "429 application has exceeded its monthly message limit")
    let wait = try #require(outcome.retryAfter)
    #expect(wait > .minutes(58) && wait <= .minutes(60))
  }

  @Test func troublesAreTemporaryLimitsOrUnknown() async throws {
    try await servers.expectTheUsualTroubles(
      of: .pushover, by: provider, hasty: PushoverProvider(try Conversations.hasty()), try page())
  }
}
