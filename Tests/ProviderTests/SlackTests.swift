import Foundation
import Messages
import Providers
import Testing

/// Slack's two ways in, against a server that checks and answers as Slack does.
@Suite struct SlackTests {
  private static let hook = "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
  private let servers: PublicProviders
  private let provider: SlackProvider
  private let webhook: SlackWebhookProvider

  init() throws {
    servers = try PublicProviders()
    let conversations = try Conversations(reach: .here)
    provider = SlackProvider(conversations)
    webhook = SlackWebhookProvider(conversations)
  }

  private func page(to person: String = "U024BE7LH", token: String = PublicProviders.slackToken) throws -> HandOver {
    .duty(
      "slack", to: person,
      ChannelRoute(channel: "slack", provider: "slack", url: servers.url, secretFile: try servers.file(token)))
  }

  private func post(_ text: String, to channel: String = "", hook: String = Self.hook) throws -> HandOver {
    var post = try page()
    post.channel = "#incidents"
    post.address = "#incidents"
    post.person = ""
    post.text = text
    post.route.to = channel
    post.route.secretFile = try servers.file(channel == "webhook" ? servers.url + hook : PublicProviders.slackToken)
    if channel == "webhook" {
      post.route = ChannelRoute(channel: "#incidents", provider: "slack-webhook", secretFile: post.route.secretFile)
    }
    return post
  }

  @Test func aMessageCarriesButtons() async throws {
    var page = try page()
    page.answers = .three
    #expect(await provider.deliver(page).status == .ok)
    let taken = try #require(try servers.taken.first)
    let blocks = try #require(taken.fields["blocks"] as? [[String: Any]])
    let buttons = try #require(blocks.last?["elements"] as? [[String: Any]])
    #expect(
      blocks.map { $0["type"] as? String } == ["section", "actions"] && taken["shown"] == page.text)
    #expect(
      buttons.map { $0["value"] as? String } == [
        "token-Acknowledge", "token-Escalate", "token-Resolve",
      ])
    #expect(Set(buttons.map { $0["action_id"] as? String }).count == 3)
  }

  /// Slack says all of a message again, each character beyond ASCII in twelve: longer than what other providers answer.
  @Test func aMessageOfEmojiAloneCountsAsTaken() async throws {
    var page = try page()
    page.text = String(repeating: "🔥", count: 4_000)
    page.answers = .three
    let outcome = await provider.deliver(page)
    #expect(outcome.status == .ok && outcome.id.hasPrefix("D024BE7LH/"), "\(outcome.words)")
  }

  @Test func aPersonIsWrittenToByTheirMemberID() async throws {
    let page = try page()
    let outcome = await provider.deliver(page)
    #expect(outcome.status == .ok && outcome.words.hasPrefix("message "))
    let taken = try #require(try servers.taken.first)
    #expect(
      taken.path == "/api/chat.postMessage" && taken.headers["authorization"] == "Bearer \(PublicProviders.slackToken)")
    #expect(taken.headers["content-type"] == "application/json; charset=utf-8")
    #expect(taken["channel"] == "U024BE7LH" && taken["shown"] == page.text)
    #expect(taken.fields["link_names"] as? Bool == false && taken.fields["mrkdwn"] as? Bool == false)
  }

  @Test(arguments: [("", "#incidents"), ("C024BE7LS", "C024BE7LS")])
  func aTeamChannelIsFoundByItsNameOrItsID(to: String, channel: String) async throws {
    #expect(await provider.deliver(try post("x", to: to)).status == .ok)
    #expect(try servers.taken.first?["channel"] == channel)
  }

  @Test(arguments: ["", "webhook"])
  func nothingThatAnAlertSaysRingsAnybodyOrIsALink(way: String) async throws {
    let text = "<!channel> <@U024BE7LH> <https://evil.example|runbook> a & b &lt; c @here"
    let post = try post(text, to: way)
    #expect(await (way == "webhook" ? webhook as any Provider : provider).deliver(post).status == .ok)
    let taken = try #require(try servers.taken.first)
    #expect(taken["shown"] == text && taken.fields["rung"] as? [String] == [])
  }

  @Test(arguments: [
    ("U999ZZZZZ", "channel_not_found", Status.failedPrecondition), ("C0ARCHIVED", "is_archived", .failedPrecondition),
    ("C0STRANGER", "not_in_channel", .failedPrecondition),
  ])
  func whatItRefusesWith200IsAFailure(to: String, error: String, status: Status) async throws {
    #expect(await provider.deliver(try page(to: to)) == HandOverOutcome(status, error))
  }

  @Test(arguments: [
    ("fatal_error", Status.unknown), ("internal_error", .unknown), ("ratelimited", .resourceExhausted),
    ("account_inactive", .failedPrecondition),
  ])
  func itsWordsSayWhetherTryingAgainCanHelp(error: String, status: Status) async throws {
    #expect(await provider.deliver(try post("please answer \(error)")).status == status)
  }

  @Test func aTokenThatIsNoneIsPermanentAndNotRepeated() async throws {
    let outcome = await provider.deliver(try page(token: "xoxb-another"))
    #expect(outcome == HandOverOutcome(.failedPrecondition, "invalid_auth"))
  }

  @Test func troublesAreTemporaryLimitsOrUnknown() async throws {
    try await servers.expectTheUsualTroubles(
      of: .slack, by: provider, hasty: SlackProvider(try Conversations.hasty()), try page())
  }

  @Test func aWebhookTakesAPostAndItsAddressIsInNoWords() async throws {
    #expect(
      await webhook.deliver(try post("INCIDENT UPDATE\nImpact: x", to: "webhook")) == HandOverOutcome(.ok, "200 ok"))
    #expect(try servers.taken.first?["shown"] == "INCIDENT UPDATE\nImpact: x")
    let gone = await webhook.deliver(try post("x", to: "webhook", hook: "/services/T0/B0/gone"))
    #expect(gone == HandOverOutcome(.failedPrecondition, "404 no_service"))
    try await servers.trouble(.slack, "429", retryAfter: 3)
    let limited = await webhook.deliver(try post("x", to: "webhook"))
    #expect(limited == HandOverOutcome(.resourceExhausted, "429 rate_limited", retryAfter: .seconds(3)))
    try await servers.trouble(.slack, "500")
    #expect(await webhook.deliver(try post("x", to: "webhook")).status == .unavailable)
    var noAddress = try post("x", to: "webhook")
    for address in ["xoxb-not-an-address", "http://hooks.slack.example\(Self.hook)"] {
      noAddress.route.secretFile = try servers.file(address)
      let outcome = await webhook.deliver(noAddress)
      #expect(outcome.status == .failedPrecondition)
      #expect(outcome.words.hasPrefix("the secret file must hold an address that begins with https://"), "\(outcome)")
    }
  }

  @Test func thePathOfAWebhookIsInNoWords() async throws {
    let outcome = await webhook.deliver(try post("x", to: "webhook", hook: "/services/T0/B0/echo"))
    #expect(outcome == HandOverOutcome(.failedPrecondition, "404 no service [secret], none at [secret]"))
  }

  @Test(arguments: ["status/200", "status/201", "status/204"])
  func anotherServerThatAnswersIsNotTakenForSlack(path: String) async throws {
    let receiver = try Receiver()
    var post = try post("x", to: "webhook")
    post.route.secretFile = try servers.file(receiver.url(path))
    let outcome = await webhook.deliver(post)
    #expect(outcome.status == .failedPrecondition && outcome.words.contains("not as Slack answers"), "\(outcome)")
  }

  @Test func aPostWhoseThreadIsGoneIsPostedAlone() async throws {
    var post = try post("2f-1k: resolved by ana", to: "C024BE7LS")
    post.headID = "C024BE7LS/1503435956.000247"
    #expect(await provider.deliver(post).status == .ok)
    #expect(try servers.taken.map { $0["thread_ts"] } == ["1503435956.000247", nil])
  }

  @Test func laterPostsOfAnIncidentAnswerToTheFirstWhichShowsHowItStands() async throws {
    let head = await provider.deliver(try post("[SEV-1] no ready pods (2f-1k)", to: "C024BE7LS"))
    var second = try post("2f-1k: resolved by ana <!channel>", to: "C024BE7LS")
    second.headID = head.id
    second.headText = "[SEV-1] no ready pods (2f-1k)"
    second.title = "2f-1k: resolved by ana"
    #expect(await provider.deliver(second).status == .ok)
    let taken = try await servers.taken(of: 3)
    let ts = head.id.split(separator: "/")[1]
    try #require(taken.count == 3)
    #expect(taken[1]["thread_ts"] == String(ts) && taken[2].path == "/api/chat.update")
    #expect(taken[2]["ts"] == String(ts) && taken[2]["channel"] == "C024BE7LS")
    #expect(taken[2]["shown"] == "[SEV-1] no ready pods (2f-1k)\nNow: 2f-1k: resolved by ana")
  }
}
