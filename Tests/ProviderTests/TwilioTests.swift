import Foundation
import Messages
import Providers
import Testing

/// SMS and calls by Twilio against a server that checks what Twilio checks.
@Suite struct TwilioTests {
  private let servers: PublicProviders
  private let provider: TwilioProvider

  init() throws {
    servers = try PublicProviders()
    provider = TwilioProvider(try Conversations(reach: .here))
  }

  private func page(
    _ channel: String = "sms", to number: String = "+1 202 555 0101", secret: String = PublicProviders.twilioToken
  ) throws -> HandOver {
    .duty(
      channel, to: number,
      ChannelRoute(
        channel: channel, provider: "twilio", url: servers.url + "/", secretFile: try servers.file(secret),
        account: PublicProviders.account, from: "+1 202 555 0100"))
  }

  @Test func aTextArrivesWithANumberThatNetworksUnderstandAndDoesNotComeLate() async throws {
    let page = try page()
    let outcome = await provider.deliver(page)
    #expect(outcome.status == .ok && outcome.words == "201 SM\(String(repeating: "0", count: 31))1 queued")
    let taken = try #require(try servers.taken.first)
    #expect(taken.path == "/2010-04-01/Accounts/\(PublicProviders.account)/Messages.json")
    #expect(taken["To"] == "+12025550101" && taken["From"] == "+12025550100" && taken["Body"] == page.text)
    #expect(taken["ValidityPeriod"] == "600")
    let login = Data("\(PublicProviders.account):\(PublicProviders.twilioToken)".utf8).base64EncodedString()
    #expect(taken.headers["authorization"] == "Basic \(login)")
  }

  @Test func reportsComeToTheDeliveryThatLeadsAndItsAttempt() async throws {
    var digest = try page()
    digest.callbackURL = "http://127.0.0.1:1"
    digest.id = "2f-1k/ana/1#0+1.abc"
    digest.attempt = 3
    digest.pages = ["2f-1k/ana/1#0", "2f-2k/ana/1#0"].map {
      HandOver.Told(id: $0, attempt: 3, isRepeat: false, incidentId: String($0.prefix(5)))
    }
    #expect(await provider.deliver(digest).status == .ok)
    var alone = try page()
    alone.callbackURL = digest.callbackURL
    #expect(await provider.deliver(alone).status == .ok)
    let address = "http://127.0.0.1:1/twilio/status?delivery=2f-1k%2Fana%2F1%230&attempt="
    #expect(try servers.taken.map { $0["StatusCallback"] } == ["\(address)3", "\(address)1"])
  }

  @Test func anAPIKeyLogsInToo() async throws {
    let page = try page(secret: "SK\(String(repeating: "0a", count: 16)):a secret of an API key, 32 bytes")
    #expect(await provider.deliver(page).status == .ok)
  }

  @Test func aMessagingServiceSends() async throws {
    var page = try page()
    page.route.from = "MG" + String(repeating: "0c", count: 16)
    #expect(await provider.deliver(page).status == .ok)
    #expect(try servers.taken.first?["MessagingServiceSid"] == page.route.from && servers.taken.first?["From"] == nil)
  }

  @Test func aCallWaitsForAKey() async throws {
    var page = try page("voice")
    page.text = String(repeating: "<pods> & ", count: 2_000) + "Press 4 to acknowledge."
    page.answers = .three
    #expect(await provider.deliver(page).status == .ok)
    let twiml = try #require(try servers.taken.first?["Twiml"])
    let gather =
      "<Response><Gather numDigits=\"1\" action=\"https://t.example/twilio/voice?page=0.v.9.p&amp;q\" method=\"POST\""
    #expect(twiml.hasPrefix(gather) && twiml.hasSuffix("</Say></Gather></Response>"))
  }

  @Test func aCallSaysThePageTwiceAndNothingElse() async throws {
    var page = try page("voice")
    page.text = "This is Tocsin. Severity 1. \"a\" <Dial>+1900</Dial> & 'b'\u{1}. Incident 2f-1k."
    #expect(await provider.deliver(page).status == .ok)
    let taken = try #require(try servers.taken.first)
    #expect(taken.path.hasSuffix("/Calls.json") && taken["To"] == "+12025550101" && taken["Timeout"] == "40")
    let said =
      "<Pause length=\"1\"/><Say>This is Tocsin. Severity 1. &quot;a&quot; &lt;Dial&gt;+1900&lt;/Dial&gt; &amp; &apos;b&apos;. "
      + "Incident 2f-1k.</Say>"
    #expect(taken["Twiml"] == "<Response>\(said)\(said)</Response>")
  }

  @Test func aLongCallFits() async throws {
    var page = try page("voice")
    page.text = String(repeating: "<&>\"ж", count: 2_000)
    #expect(await provider.deliver(page).status == .ok)
  }

  @Test(arguments: [
    ("+12025550193", 21211, Status.failedPrecondition), ("+12025550191", 21610, .failedPrecondition),
    ("+12025550192", 21614, .failedPrecondition), ("+12025550194", 21611, .resourceExhausted),
  ])
  func itsCodesSayWhetherTryingAgainCanHelp(number: String, code: Int, status: Status) async throws {
    let outcome = await provider.deliver(try page(to: number))
    #expect(outcome.status == status && outcome.words.hasPrefix("400 \(code) "), "\(outcome)")
  }

  @Test func whatIsTakenAndFailedAtOnceIsAFailure() async throws {
    let outcome = await provider.deliver(try page(to: "+12025550195"))
    #expect(outcome.status == .failedPrecondition && outcome.words.contains("failed: 30005 Unknown destination"))
  }

  @Test(arguments: ["+12025550191", "+12025550192", "+12025550193", "+12025550195"])
  func noNumberIsInItsWords(number: String) async throws {
    let table = Providers([.twilio: provider])
    let page = try page(to: number.replacing("+1202555", with: "+1 (202) 555-"))
    let outcome = await withCheckedContinuation { waiting in table.deliver(page) { waiting.resume(returning: $0) } }
    #expect(outcome.words.contains("[address]") && !outcome.words.contains(number.suffix(7)), "\(outcome.words)")
  }

  @Test func aWrongTokenIsPermanent() async throws {
    let outcome = await provider.deliver(try page(secret: "another token"))
    #expect(outcome == HandOverOutcome(.failedPrecondition, "401 20003 Authenticate"))
  }

  @Test func whatIsNoNumberIsNeverSent() async throws {
    let outcome = await provider.deliver(try page(to: "202 555 0101"))
    #expect(outcome.status == .failedPrecondition && !outcome.words.contains("202"))
  }

  @Test(arguments: ["sms", "voice"])
  func troublesAreTemporaryLimitsOrUnknown(channel: String) async throws {
    try await servers.expectTheUsualTroubles(
      of: .twilio, by: provider, hasty: TwilioProvider(try Conversations.hasty()), try page(channel))
  }

  @Test(arguments: [
    (String(repeating: "a", count: 200) + "…", 2, "a..."),
    (String(repeating: "é", count: 160), 1, "é"), (String(repeating: "é", count: 161), 2, "é"),
    (String(repeating: "{", count: 80), 1, "{"), (String(repeating: "{", count: 81), 2, "{"),
    (String(repeating: "ж", count: 70), 1, "ж"), (String(repeating: "ж", count: 71), 2, "ж"),
    ("“pods” – not ready…", 1, "\"pods\" - not ready..."), ("a😀", 1, "a😀"),
  ])
  func aTextHasAsManyPartsAsItNeeds(text: String, parts: Int, end: String) async throws {
    var page = try page()
    page.text = text
    #expect(await provider.deliver(page).status == .ok)
    let body = try #require(try servers.taken.first?["Body"])
    #expect(body.hasSuffix(end))
    #expect(try Self.parts(body) == parts)
  }

  @Test func whatWasShortenedToOnePartIsOne() async throws {
    var page = try page()
    page.text = String(repeating: "a", count: 140) + "… (2f-1k); ack 2f-1k"
    #expect(page.text.count == 160)
    #expect(await provider.deliver(page).status == .ok)
    let body = try #require(try servers.taken.first?["Body"])
    #expect(body == String(repeating: "a", count: 138) + "... (2f-1k); ack 2f-1k")
  }

  @Test(arguments: ["a", "ж", "😀", "{", "…"])
  func noTextIsSoLongThatItHasManyPartsOrLosesItsIncident(letter: String) async throws {
    var page = try page()
    page.text = String(repeating: letter, count: 3_000) + " (2f-1k); ack 2f-1k"
    #expect(await provider.deliver(page).status == .ok)
    let body = try #require(try servers.taken.first?["Body"])
    #expect(body.hasSuffix("... (2f-1k); ack 2f-1k"))
    #expect(try Self.parts(body) == 3)
  }

  /// How many parts Python's reading of the alphabet gives, which shares no code with ours.
  private static func parts(_ body: String) throws -> Int {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("fixtures/providers").path
    let python = try Child([
      "python3", "-B", "-c",
      "import sys; sys.path.insert(0, sys.argv[1]); import twilio; print(twilio.segments(sys.argv[2]))", folder, body,
    ])
    return Int(python.line) ?? 0
  }
}
