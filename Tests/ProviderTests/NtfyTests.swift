import Foundation
import Messages
import Providers
import Testing

/// Push by ntfy against a server that checks what ntfy checks.
@Suite struct NtfyTests {
  private let servers: PublicProviders
  private let provider: NtfyProvider

  init() throws {
    servers = try PublicProviders()
    provider = NtfyProvider(try Conversations(reach: .here))
  }

  private func page(to topic: String = "ana-phone", token: String? = nil) throws -> HandOver {
    let secret = try token.map { try servers.file($0) } ?? ""
    return .duty(
      "push", to: topic, ChannelRoute(channel: "push", provider: "ntfy", url: servers.url, secretFile: secret))
  }

  @Test func aSev1RingsAndSaysWhatItIs() async throws {
    var page = try page(token: PublicProviders.ntfyToken)
    page.link = "https://wiki.aion.example/runbooks/pods"
    let outcome = await provider.deliver(page)
    #expect(outcome == HandOverOutcome(.ok, "200 message m1", id: "m1"))
    let taken = try #require(try servers.taken.first)
    #expect(taken.path == "/" && taken.headers["authorization"] == "Bearer \(PublicProviders.ntfyToken)")
    #expect(taken["topic"] == "ana-phone" && taken["title"] == page.title && taken["message"] == page.text)
    #expect(taken.fields["priority"] as? Int == 5 && taken.fields["tags"] as? [String] == ["rotating_light", "SEV-1"])
    #expect(taken["click"] == "https://wiki.aion.example/runbooks/pods")
  }

  @Test func aPushCarriesItsAnswers() async throws {
    var page = try page()
    page.answers = .three
    #expect(await provider.deliver(page).status == .ok)
    let actions = try #require(try servers.taken.first?.fields["actions"] as? [[String: Any]])
    #expect(actions.map { $0["label"] as? String } == ["Acknowledge", "Escalate", "Resolve"])
    #expect(
      actions.allSatisfy { $0["action"] as? String == "http" && $0["method"] as? String == "POST" })
    #expect(
      actions[2]["url"] as? String == "https://t.example/answer/Resolve"
        && actions[2]["clear"] as? Bool == true)
  }

  @Test func aSeverityIsAPriority() async throws {
    for severity in Severity.allCases {
      var page = try page()
      page.severity = severity
      _ = await provider.deliver(page)
    }
    #expect(try servers.taken.map { $0.fields["priority"] as? Int } == [3, 5, 4, 3, 2])
  }

  @Test func aTeamChannelHasATopicOfItsOwn() async throws {
    var post = try page()
    post.person = ""
    post.channel = "#incidents"
    post.address = "#incidents"
    post.route.to = "incidents"
    #expect(await provider.deliver(post).status == .ok)
    #expect(try servers.taken.first?["topic"] == "incidents")
  }

  @Test func aLongMessageIsCutSoThatItStaysOneAndKeepsItsIncident() async throws {
    var page = try page()
    page.text = String(repeating: "ё", count: 3_000) + " (2f-1k); ack 2f-1k"
    #expect(await provider.deliver(page).status == .ok)
    let message = try #require(try servers.taken.first?["message"])
    #expect(message.utf8.count <= 4_096 && message.utf8.count > 4_000 && message.hasSuffix("… (2f-1k); ack 2f-1k"))
  }

  @Test(
    arguments: [
      ("private-ana", nil, "403 40301 forbidden"), ("ana-phone", "tk_another", "401 40101 unauthorized"),
      ("two words", nil, "400 40009 invalid request: topic invalid"),
    ] as [(String, String?, String)])
  func whatItRefusesIsPermanentAndInItsWords(topic: String, token: String?, words: String) async throws {
    let outcome = await provider.deliver(try page(to: topic, token: token))
    #expect(outcome.status == .failedPrecondition && outcome.words.hasPrefix(words), "\(outcome)")
  }

  @Test func troublesAreTemporaryLimitsOrUnknown() async throws {
    try await servers.expectTheUsualTroubles(
      of: .ntfy, by: provider, hasty: NtfyProvider(try Conversations.hasty()), try page())
  }

  @Test func aServerOfOnesOwnIsTrustedByItsAuthorityAloneAndNoOtherIs() async throws {
    let secure = try PublicProviders(tls: true)
    var page = try page(token: PublicProviders.ntfyToken)
    page.route.url = secure.url
    page.route.caFile = secure.caFile
    #expect(await provider.deliver(page).status == .ok)
    page.route.caFile = ""
    #expect(await provider.deliver(page).status == .unavailable)
    page.route.caFile = "/nowhere/ca.pem"
    #expect(await provider.deliver(page).status == .failedPrecondition)
    #expect(try secure.taken.count == 1)
  }

  @Test func authoritiesOfOnesOwnStandInForTheMachines() async throws {
    let secure = try PublicProviders(tls: true)
    let other = try PublicProviders(tls: true)
    let machine = NtfyProvider(try Conversations(authorities: try secure.authorities(), reach: .here))
    var page = try page(token: PublicProviders.ntfyToken)
    page.route.url = secure.url
    #expect(await machine.deliver(page).status == .ok)
    page.route.caFile = other.caFile
    #expect(await machine.deliver(page).status == .unavailable, "the machine's authorities are trusted too")
    #expect(try secure.taken.count == 1)
  }

  @Test func anotherServerThatAnswersIsNotTakenForNtfy() async throws {
    let receiver = try Receiver()
    var page = try page()
    page.route.url = receiver.url("")
    let outcome = await provider.deliver(page)
    #expect(outcome.status == .failedPrecondition && outcome.words.contains("not as ntfy answers"))
  }

  @Test func neitherAddressNorTokenIsInTheWords() async throws {
    let table = Providers([.ntfy: provider])
    let page = try page(to: "private-ana")
    let outcome = await withCheckedContinuation { waiting in table.deliver(page) { waiting.resume(returning: $0) } }
    #expect(outcome.words == "403 40301 forbidden: no access to [address]")
  }
}
