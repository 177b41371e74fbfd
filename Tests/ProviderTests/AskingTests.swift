import Foundation
import Messages
import Providers
import Testing

/// Providers are asked what they have, and what became of it.
@Suite struct AskingTests {
  private let servers: PublicProviders
  private let twilio: TwilioProvider
  private let slack: SlackProvider
  private let ntfy: NtfyProvider

  init() throws {
    servers = try PublicProviders()
    let conversations = try Conversations(reach: .here)
    twilio = TwilioProvider(conversations)
    slack = SlackProvider(conversations)
    ntfy = NtfyProvider(conversations)
  }

  private var now: Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }

  private func phone(_ channel: String, to number: String = "+1 202 555 0101") throws -> HandOver {
    .duty(
      channel, to: number,
      ChannelRoute(
        channel: channel, provider: "twilio", url: servers.url,
        secretFile: try servers.file(PublicProviders.twilioToken),
        account: PublicProviders.account, from: "+1 202 555 0100"))
  }

  private func push(token: String? = PublicProviders.ntfyToken) throws -> HandOver {
    .duty(
      "push", to: "private-ana",
      ChannelRoute(
        channel: "push", provider: "ntfy", url: servers.url,
        secretFile: try token.map { try servers.file($0) } ?? ""))
  }

  private func message(to place: String = "U024BE7LH") throws -> HandOver {
    .duty(
      "slack", to: place,
      ChannelRoute(
        channel: "slack", provider: "slack", url: servers.url, secretFile: try servers.file(PublicProviders.slackToken))
    )
  }

  @Test func aTextIsFoundByItsWordsAndSinceWhen() async throws {
    let page = try phone("sms")
    let since = now
    let taken = await twilio.deliver(page)
    #expect(taken.id.hasPrefix("SM"))
    #expect(await twilio.find(page, since: since, [page.text]).id == taken.id)
    #expect(await twilio.find(page, since: since, ["other words", page.text]).id == taken.id)
    #expect(await twilio.find(page, since: since, ["other words"]).status == .notFound)
    #expect(await twilio.find(page, since: now + .minutes(2), [page.text]).status == .notFound)
    #expect(await twilio.find(try phone("sms", to: "+1 202 555 0102"), since: now, [page.text]).status == .notFound)
    let asked = try #require(try servers.taken.last)
    #expect(asked.fields["To"] as? String == "+12025550102" && asked.fields["PageSize"] as? String == "20")
  }

  /// The first went out and was reported as failed; what became of the second, by the same words, nobody knows.
  @Test func anEarlierAttemptsTextIsNotTakenForTheLast() async throws {
    var page = try phone("sms")
    let first = await twilio.deliver(page)
    page.attempt = 2
    page.knownIDs = [first.id]
    #expect(await twilio.find(page, since: now, [page.text]).status == .notFound)
    let second = await twilio.deliver(page)
    #expect(await twilio.find(page, since: now, [page.text]).id == second.id && second.id != first.id)
    let call = try phone("voice")
    var again = call
    again.knownIDs = [await twilio.deliver(call).id]
    #expect(await twilio.find(again, since: now, []).status == .notFound)
  }

  @Test func aCallIsFoundWhenItIsTheOnlyOne() async throws {
    let page = try phone("voice")
    let since = now
    #expect(await twilio.find(page, since: since, []).status == .notFound)
    let taken = await twilio.deliver(page)
    #expect(await twilio.find(page, since: since, []).id == taken.id)
    _ = await twilio.deliver(page)
    let two = await twilio.find(page, since: since, [])
    #expect(two.status == .failedPrecondition && two.words == "2 calls may be meant")
  }

  @Test func whatWasTakenWithoutAnAnswerIsFound() async throws {
    let page = try phone("sms")
    let since = now
    try await servers.trouble(.twilio, "cut")
    #expect(await twilio.deliver(page).status == .unknown)
    #expect(await twilio.find(page, since: since, [page.text]).status == .ok)
  }

  @Test(arguments: [
    ("sms", "+1 202 555 0101", DeliveryState.delivered), ("sms", "+1 202 555 0196", .failed),
    ("voice", "+1 202 555 0101", .delivered), ("voice", "+1 202 555 0197", .failed),
  ])
  func aReceiptSaysHowFarItCame(channel: String, number: String, last: DeliveryState) async throws {
    let page = try phone(channel, to: number)
    let id = await twilio.deliver(page).id
    try await servers.trouble(.twilio, "by_asking")
    var reached = DeliveryState.unspecified
    for _ in 1...4 where reached == .unspecified || reached == .accepted {
      let told = await twilio.receipt(id, page)
      #expect(told.status == .ok && told.id == id && !told.words.contains("2025550"))
      reached = told.reached
    }
    #expect(reached == last)
    #expect(await twilio.receipt("SM" + String(repeating: "9", count: 32), page).status != .ok)
  }

  @Test func aCallThatWasTakenIsNotHeard() {
    #expect(TwilioStatus.reached("completed") == .delivered)
    #expect(TwilioStatus.reached("completed", answeredBy: "machine_start") == .delivered)
    #expect(TwilioStatus.reached("completed", answeredBy: "human") == .seen)
    #expect(TwilioStatus.reached("queued") == .unspecified)
  }

  @Test func aSlackMessageIsFoundByThePagesId() async throws {
    for place in ["U024BE7LH", "C024BE7LS"] {
      var page = try message(to: place)
      #expect(await slack.find(page, since: now - .minutes(1), []).status == .notFound)
      let taken = await slack.deliver(page)
      #expect(taken.id.hasPrefix(place == "U024BE7LH" ? "D024BE7LH/" : "C024BE7LS/"))
      #expect(await slack.find(page, since: now - .minutes(1), []).id == taken.id)
      page.id = "2f-1k/ana/1#1"
      #expect(await slack.find(page, since: now - .minutes(1), []).status == .notFound)
    }
    #expect(await slack.find(try message(to: "#incidents"), since: now, []).status == .failedPrecondition)
  }

  /// A list of a channel has no replies: they stand in their thread alone.
  @Test func aReplyIsFoundInItsThread() async throws {
    let head = try message(to: "C024BE7LR")
    let headID = await slack.deliver(head).id
    var replies: [HandOver] = []
    for number in 1...40 {
      var reply = head
      reply.id = "2f-1k#\(number)"
      reply.headID = headID
      replies.append(reply)
    }
    var taken: [String] = []
    for reply in replies.dropLast() { taken.append(await slack.deliver(reply).id) }
    #expect(await slack.find(replies[0], since: now - .minutes(1), []).id == taken[0])
    #expect(await slack.find(replies[38], since: now - .minutes(1), []).id == taken[38], "on the third page")
    #expect(await slack.find(replies[39], since: now - .minutes(1), []).status == .notFound)
    var alone = replies[39]
    alone.headID = ""
    let outside = await slack.deliver(alone)
    #expect(
      await slack.find(replies[39], since: now - .minutes(1), []).id == outside.id, "it went when there was no head")
    var orphan = alone
    orphan.headID = "C024BE7LR/1503435956.000247"
    #expect(await slack.find(orphan, since: now - .minutes(1), []).id == outside.id, "its head is gone")
  }

  @Test func aReplyThatWasTakenWithoutAnAnswerIsFound() async throws {
    var reply = try message(to: "C024BE7LR")
    reply.headID = await slack.deliver(reply).id
    reply.id = "2f-1k#2"
    try await servers.trouble(.slack, "cut")
    #expect(await slack.deliver(reply).status == .unknown)
    #expect(await slack.find(reply, since: now - .minutes(1), []).status == .ok)
  }

  /// Each of them about as long as a page with buttons is at Slack: sixty are more than any answer that was read whole before.
  @Test func aSlackMessageIsFoundBehindAStorm() async throws {
    let storm = try message(to: "C024BE7LS")
    var first = ""
    for number in 0..<60 {
      var page = storm
      page.id = "2f-\(number)/ana/1#0"
      page.text = "[SEV-1] redis: " + String(repeating: "кластер без главного узла ", count: 20) + "(2f-\(number))"
      page.answers = .three
      let taken = await slack.deliver(page)
      if number == 0 { first = taken.id }
    }
    var asked = storm
    asked.id = "2f-0/ana/1#0"
    #expect(await slack.find(asked, since: now - .minutes(1), []).id == first)
    asked.id = "2f-99/ana/1#0"
    #expect(await slack.find(asked, since: now - .minutes(1), []).status == .notFound)
    let questions = try servers.taken.filter { $0.path.hasSuffix("conversations.history") }
    #expect(questions.count == 8 && questions.allSatisfy { $0["limit"] == "15" })
  }

  @Test func aPushIsFoundInItsTopic() async throws {
    let page = try push()
    #expect(await ntfy.find(page, since: now, [page.text]).status == .notFound)
    let taken = await ntfy.deliver(page)
    #expect(await ntfy.find(page, since: now, ["other words", page.text]).id == taken.id)
    #expect(await ntfy.find(page, since: now, ["other words"]).status == .notFound)
    #expect(await ntfy.find(try push(token: nil), since: now, [page.text]).status == .failedPrecondition)
  }

  @Test func whoDoesNotAnswerIsNotWaitedFor() async throws {
    let page = try phone("sms")
    try await servers.trouble(.twilio, "hang", answers: false)
    let began = ContinuousClock.now
    let patient = TwilioProvider(try Conversations(totalTimeout: .hours(1), reach: .here))
    let outcome = await patient.find(page, since: now, [page.text])
    #expect(outcome.status != .ok && outcome.status != .notFound)
    #expect(began.duration(to: .now) < .seconds(60))
  }

  @Test(arguments: ["500", "502", "429", "cut"]) func troubleIsNoAnswer(kind: String) async throws {
    try await servers.trouble(.twilio, kind, answers: false)
    try await servers.trouble(.slack, kind, answers: false)
    try await servers.trouble(.ntfy, kind, answers: false)
    let (sms, text, alarm) = (try phone("sms"), try message(), try push())
    let outcomes = [
      await twilio.find(sms, since: now, [sms.text]), await slack.find(text, since: now, []),
      await ntfy.find(alarm, since: now, [alarm.text]), await twilio.receipt("SM1", sms),
    ]
    #expect(!outcomes.contains { $0.status == .ok || $0.status == .notFound }, "\(outcomes)")
  }
}
