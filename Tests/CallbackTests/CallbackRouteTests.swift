import Cryptography
import Foundation
import Messages
import Synchronization
import Testing

@testable import Callbacks
@testable import Listening

/// Which callbacks reach the rules, as what, and what the caller gets back.
@Suite struct CallbackRouteTests {
  /// Stands for a tier: keeps what it was told, and has one answer.
  final class Desk: Sendable {
    let heard = Mutex<[AnswerGiven]>([])
    let reported = Mutex<[DeliveryReported]>([])
    let followed = Mutex<[String]>([])
    let refused = Mutex<[String]>([])
    let words: AnswerWords?

    init(_ words: AnswerWords? = AnswerWords(taken: true, words: "2f-1: acknowledged & so on", incidentId: "2f-1")) {
      self.words = words
    }

    var routes: CallbackRoutes {
      CallbackRoutes(
        CallbackDesk(
          url: "https://t.example", secrets: { provider, _ in provider == "twilio" ? ["token"] : ["signing"] },
          isSealed: { $0.hasSuffix(".0123abcd") },
          tell: { [self] news in
            switch news {
            case .answer(let given): heard.withLock { $0.append(given) }
            case .reported(let report): reported.withLock { $0.append(report) }
            }
            return words
          },
          followUp: { [self] url, words, instead in
            followed.withLock { $0.append("\(url) \(instead ? "instead" : "only for them"): \(words)") }
          }, seconds: { 1_000_000 }, log: { [self] words in refused.withLock { $0.append(words) } }))
    }
    var given: [AnswerGiven] { heard.withLock { $0 } }
  }

  private func twilio(_ target: String, _ body: String, token: String = "token") -> HTTPRequest {
    let fields = FormFields(urlEncoded: Array(body.utf8))
    let code = HMAC(.sha1, key: Array(token.utf8)).code(TwilioSignature.signed("https://t.example\(target)", fields))
    return HTTPRequest(
      method: "POST", target: target,
      headers: [
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "x-twilio-signature": Data(code).base64EncodedString(),
      ], body: Array(body.utf8))
  }

  private func slack(_ payload: String, at seconds: Int64 = 1_000_000) -> HTTPRequest {
    let body = "payload=" + (payload.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
    let code = HMAC(key: Array("signing".utf8)).code(Array("v0:\(seconds):\(body)".utf8))
    return HTTPRequest(
      method: "POST", target: "/slack",
      headers: [
        "content-type": "application/x-www-form-urlencoded", "x-slack-request-timestamp": "\(seconds)",
        "x-slack-signature": "v0=" + code.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(),
      ], body: Array(body.utf8))
  }

  private static let press = """
    {"type":"block_actions","user":{"id":"U1"},"message":{"text":"the page"},"response_url":"https://hooks.slack.com/actions/x",\
    "actions":[{"action_id":"acknowledge","value":"1.slack.9.p.seal"}]}
    """

  @Test func twilioSaysHowFarATextOrCallCame() async {
    let desk = Desk()
    let target = "/twilio/status?delivery=2f-1k%2Fana%2F1%231&attempt=2"
    let sms = "AccountSid=AC1&MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30003&To=%2B12025550101"
    #expect(await desk.routes.answer(twilio(target, sms)).status == 200)
    let call = "AccountSid=AC1&CallSid=CA1&CallStatus=completed&AnsweredBy=human"
    #expect(await desk.routes.answer(twilio(target, call)).status == 200)
    #expect(
      await desk.routes.answer(twilio(target, "AccountSid=AC1&MessageSid=SM1&MessageStatus=queued")).status == 200)
    let page = "2f-1k/ana/1"
    #expect(
      desk.reported.withLock { $0 } == [
        DeliveryReported(
          pageId: page, delivery: 1, providerId: "SM1", state: .failed, words: "SM1 undelivered: 30003", attempt: 2),
        DeliveryReported(
          pageId: page, delivery: 1, providerId: "CA1", state: .seen, words: "CA1 completed", attempt: 2),
      ])
    #expect(await desk.routes.answer(twilio(target, sms, token: "another")).status == 403)
    for wrong in ["delivery=x", "delivery=2f-1k%2Fana%2F1%230%2B3.abc", "delivery=2f-1k%2Fana%2F1%231&attempt=x"] {
      #expect(await desk.routes.answer(twilio("/twilio/status?\(wrong)", sms)).status == 404)
    }
    #expect(await Desk(nil).routes.answer(twilio(target, sms)).status == 503)
  }

  @Test func aTextMessageIsToldAndAnswered() async {
    let desk = Desk()
    let answer = await desk.routes.answer(twilio("/twilio/sms", "From=%2B1202&Body=123456+ack&AccountSid=AC1"))
    #expect(desk.given == [AnswerGiven(channel: "sms", sender: "+1202", text: "123456 ack")])
    #expect(answer.status == 200 && answer.mediaType == "text/xml")
    #expect(answer.body.hasSuffix("<Response><Message>2f-1: acknowledged &amp; so on</Message></Response>"))
  }

  @Test func whomNobodyKnowsHearsNothing() async {
    let answer = await Desk(AnswerWords()).routes.answer(twilio("/twilio/sms", "From=%2B1&Body=x"))
    #expect(answer.status == 200 && answer.body.hasSuffix("<Response></Response>"))
  }

  @Test func aKeyIsToldWithThePageOfItsCall() async {
    let desk = Desk()
    let answer = await desk.routes.answer(twilio("/twilio/voice?page=0.voice.9.p.seal", "To=%2B1202&Digits=4"))
    #expect(
      desk.given == [AnswerGiven(channel: "voice", sender: "+1202", token: "0.voice.9.p.seal", text: "4")])
    #expect(answer.body.hasSuffix("<Response><Say>2f-1: acknowledged &amp; so on</Say></Response>"))
    let wrong = await Desk(AnswerWords(words: "Press 4")).routes.answer(
      twilio("/twilio/voice?page=0.voice.9.p.seal", "To=%2B1202&Digits=9"))
    #expect(
      wrong.body.contains("<Gather numDigits=\"1\" action=\"https://t.example/twilio/voice?page=0.voice.9.p.seal\""))
  }

  @Test func whatTwilioDidNotSignIsNotTold() async {
    let desk = Desk()
    var altered = twilio("/twilio/sms", "From=%2B1202&Body=123456+ack")
    altered.body += Array("&Body=1".utf8)
    for request in [twilio("/twilio/sms", "From=%2B1", token: "other"), altered] {
      #expect(await desk.routes.answer(request) == .forbidden)
    }
    #expect(desk.given.isEmpty && desk.refused.withLock { $0.count } == 2)
  }

  @Test func aButtonIsToldAndFollowedUp() async {
    let desk = Desk()
    #expect(await desk.routes.answer(slack(Self.press)) == .empty)
    #expect(desk.given == [AnswerGiven(channel: "slack", sender: "U1", token: "1.slack.9.p.seal")])
    #expect(
      desk.followed.withLock { $0 }
        == ["https://hooks.slack.com/actions/x instead: the page\n2f-1: acknowledged &amp; so on"])
  }

  @Test func oneButtonOfADigestLeavesTheOthersWhereTheyAre() async {
    let desk = Desk()
    let buttons = ["1.slack.9.p.seal", "1.slack.9.q.seal"].map { "{\"value\":\"\($0)\"}" }.joined(separator: ",")
    let digest = Self.press.replacing(
      "{\"text\":\"the page\"}", with: "{\"text\":\"two pages\",\"blocks\":[{\"elements\":[\(buttons)]}]}")
    #expect(await desk.routes.answer(slack(digest)) == .empty)
    #expect(
      desk.followed.withLock { $0 } == [
        "https://hooks.slack.com/actions/x only for them: 2f-1: acknowledged &amp; so on"
      ])
  }

  @Test func aPressThatWasHeardBeforeIsToldOnce() async {
    let desk = Desk()
    let routes = desk.routes
    let press = slack(Self.press)
    #expect(await routes.answer(press) == .empty)
    var shouted = press
    shouted.headers["x-slack-signature"] = "v0=" + press.header("x-slack-signature").dropFirst(3).uppercased()
    for copy in [press, shouted, press] { #expect(await routes.answer(copy) == .forbidden) }
    #expect(desk.given.count == 1 && desk.refused.withLock { $0.count { $0.contains("a copy of one") } } == 3)
    let again = slack(Self.press.replacing("\"action_id\"", with: "\"action_ts\":\"2\",\"action_id\""))
    #expect(await routes.answer(again) == .empty && desk.given.count == 2, "a second press is another request")
  }

  @Test func aPressThatCouldNotBeTakenIsTheFirstWhenItComesAgain() async {
    let desk = Desk(nil)
    let routes = desk.routes
    for _ in 1...2 { #expect(await routes.answer(slack(Self.press)) == .unavailable) }
    #expect(desk.given.count == 2)
  }

  @Test func aFreshPressIsStillKnownWhenStaleOnesMakeRoom() async {
    let presses = SeenPresses()
    for number in 0..<SeenPresses.atMost {
      _ = await presses.isFirst("v0=\(number)", sent: number < 10 ? 400 : 0, now: 400)
    }
    #expect(await presses.isFirst("v0=new", sent: 500, now: 500))
    #expect(await !presses.isFirst("v0=3", sent: 400, now: 500), "the first that came is the freshest")
  }

  @Test func theOldestPressesMakeRoom() async {
    let presses = SeenPresses()
    for number in 0..<SeenPresses.atMost {
      _ = await presses.isFirst("v0=\(number)", sent: Int64(number / 100), now: 100)
    }
    #expect(await presses.isFirst("v0=new", sent: 100, now: 100), "there is room for one more")
    #expect(await !presses.isFirst("v0=\(SeenPresses.atMost - 1)", sent: 99, now: 100), "the newest are known")
    #expect(await presses.isFirst("v0=0", sent: 0, now: 100), "the oldest make room")
  }

  /// A disk that hangs, or rules that are busy, for as long as the test wants.
  @Test(.timeLimit(.minutes(1))) func slackIsAnsweredInTimeAndToldWhatCameOfItLater() async {
    let (gate, opened) = AsyncStream<Void>.makeStream()
    let (told, said) = AsyncStream<String>.makeStream()
    var desk = CallbackDesk(
      url: "https://t.example", secrets: { _, _ in ["signing"] }, isSealed: { _ in false },
      tell: { _ in
        for await _ in gate { break }
        return AnswerWords(taken: true, words: "2f-1: acknowledged", incidentId: "2f-1")
      },
      followUp: { url, words, instead in said.yield("\(url) \(instead): \(words)") }, seconds: { 1_000_000 },
      log: { _ in })
    desk.slackWaits = .zero
    #expect(await CallbackRoutes(desk).answer(slack(Self.press)) == .empty)
    opened.yield()
    #expect(
      await told.first { _ in true } == "https://hooks.slack.com/actions/x true: the page\n2f-1: acknowledged")
  }

  @Test func aStalePressAndAnotherAddressAreNothing() async {
    let desk = Desk()
    #expect(await desk.routes.answer(slack(Self.press, at: 999_699)) == .forbidden)
    #expect(desk.given.isEmpty)
    let elsewhere = Self.press.replacing("https://hooks.slack.com", with: "https://10.0.0.1")
    #expect(await desk.routes.answer(slack(elsewhere)) == .empty)
    #expect(desk.followed.withLock { $0.isEmpty })
    for nonsense in ["", "{}", "[]", "{\"type\":\"block_actions\"}", "\u{0}"] {
      #expect(await desk.routes.answer(slack(nonsense)).status == 400)
    }
  }

  @Test func openingALinkAsksAndOnlyItsButtonAnswers() async {
    let desk = Desk()
    let link = "/answer/1.email.9.2f-1~2fana~2f1.0123abcd"
    for method in ["GET", "HEAD"] {
      let page = await desk.routes.answer(HTTPRequest(method: method, target: link))
      #expect(page.status == 200 && page.body.contains("<form method=\"post\">") && page.body.contains("2f-1"))
      #expect(page.headers["Content-Security-Policy"]?.hasPrefix("default-src 'none'") == true)
      #expect(page.headers["Referrer-Policy"] == "no-referrer")
    }
    #expect(desk.given.isEmpty)
    let done = await desk.routes.answer(HTTPRequest(method: "POST", target: link))
    #expect(done.status == 200 && done.body.contains("acknowledged &amp; so on"))
    #expect(desk.given == [AnswerGiven(channel: "email", token: "1.email.9.2f-1~2fana~2f1.0123abcd")])
    let refused = await Desk(AnswerWords(words: "Nothing")).routes.answer(HTTPRequest(method: "POST", target: link))
    #expect(refused.status == 410)
  }

  @Test func aForgedLinkAsksNothing() async {
    let desk = Desk()
    #expect(
      await desk.routes.answer(HTTPRequest(method: "GET", target: "/answer/1.email.9.2f-1~2fana~2f1.f")).status == 404)
    #expect(desk.given.isEmpty)
  }

  /// Each looks like a link; together they use up all that links without a seal may.
  @Test func floodsOfForgedLinksKeepNoRealOneOut() throws {
    var limits = HTTPListener.Limits()
    (limits.signedPerSecond, limits.signedBurst, limits.perSecond, limits.burst) = (0, 2, 0, 5)
    // Answered on the listener's own thread: the test's waits for it.
    let routes = Desk().routes
    let listener = try HTTPListener("127.0.0.1:0", limits: limits, proof: { routes.proof(of: $0) }) { request, then in
      then(request.path.hasSuffix(".0123abcd") ? .empty : HTTPResponse(410))
    }
    func status(_ seal: String, _ method: String = "POST") throws -> Int {
      let caller = try Caller(listener.port)
      caller.say("\(method) /answer/1.push.9.2f-1~2fana~2f1.\(seal) HTTP/1.1\r\n\r\n")
      return caller.status()
    }
    let forged = try (0..<40).map { try status("\($0)", $0.isMultiple(of: 2) ? "GET" : "POST") }
    #expect(forged.suffix(35).allSatisfy { $0 == 429 })
    let real = try (1...18).map { try status("0123abcd", $0.isMultiple(of: 2) ? "GET" : "POST") }
    #expect(real == Array(repeating: 200, count: 18))
    #expect(try status("f") == 429)
  }

  /// Forged ones, and such without any signature, as fast as the listener takes them.
  @Test func floodsOfForgedSignaturesKeepNoProviderOut() async throws {
    var limits = HTTPListener.Limits()
    (limits.signedPerSecond, limits.signedBurst, limits.perSecond, limits.burst) = (0, 2, 0, 5)
    let desk = Desk()
    let routes = desk.routes
    // As in a running notifier, where somebody has answered before: the secrets are known.
    #expect(await routes.answer(twilio("/twilio/sms", "From=%2B1202&Body=x")).status == 200)
    #expect(await routes.answer(slack(Self.press)).status == 200)
    let listener = try routes.listen(on: "127.0.0.1:0", limits: limits)
    func status(_ request: HTTPRequest) throws -> Int {
      let caller = try Caller(listener.port)
      let head = request.headers.map { "\($0): \($1)\r\n" }.joined()
      caller.say(
        "POST \(request.target) HTTP/1.1\r\n\(head)Content-Length: \(request.body.count)\r\n\r\n"
          + String(decoding: request.body, as: UTF8.self))
      return caller.status()
    }
    var forgedPress = slack(Self.press)
    forgedPress.body += Array("&x=1".utf8)
    var unsigned = twilio("/twilio/sms", "From=%2B1&Body=x")
    unsigned.headers["x-twilio-signature"] = nil
    let forged = twilio("/twilio/sms", "From=%2B1202&Body=x", token: "another")
    let answers = try (0..<60).map { try status([forged, forgedPress, unsigned][$0 % 3]) }
    #expect(answers.suffix(30).allSatisfy { $0 == 429 } && Set(answers) == [403, 429])
    #expect(answers.count { $0 == 403 } == 10, "five that claim a signature, and five without")
    for number in 1...9 {
      #expect(try status(twilio("/twilio/sms", "From=%2B1202&Body=\(number)")) == 200)
      #expect(try status(slack(Self.press, at: 1_000_000 - Int64(number))) == 200)
    }
    #expect(try status(forged) == 429)
  }

  /// Nobody has answered yet, or a secret is new: what can't be proven at once is looked at all the same.
  @Test func aSignatureThatFitsNoKnownSecretIsLookedAtWithThoseOfNow() async {
    let desk = Desk()
    let routes = desk.routes
    let genuine = twilio("/twilio/sms", "From=%2B1202&Body=x&AccountSid=AC1")
    #expect(routes.proof(of: twilio("/twilio/sms", "From=%2B1202", token: "another")) == .unprovenSignature)
    #expect(await routes.answer(genuine).status == 200)
    #expect(routes.proof(of: genuine) == .signature)
    #expect(routes.proof(of: twilio("/twilio/sms", "From=%2B1202", token: "another")) == .unprovenSignature)
  }

  @Test func theFirstCallbacksAreToldFromForgedOnes() async {
    let routes = Desk().routes
    await routes.lookAhead()
    #expect(routes.proof(of: twilio("/twilio/sms", "From=%2B1202&Body=x&AccountSid=AC1")) == .signature)
    #expect(routes.proof(of: slack(Self.press)) == .signature)
    #expect(routes.proof(of: twilio("/twilio/sms", "From=%2B1202", token: "another")) == .unprovenSignature)
  }

  @Test(arguments: [
    "https://hooks.slack.com/actions/x", "https://hooks.slack.com", "http://127.0.0.1:8080/x", "http://localhost/x",
  ]) func whereSlackListensIsFollowedUp(url: String) { #expect(SlackCallbacks.isSlacks(url)) }

  @Test(arguments: [
    "", "hooks.slack.com", "http://hooks.slack.com/x", "https://hooks.slack.com.evil.example/",
    "https://hooks.slack.com:8443/",
    "https://evil.example/https://hooks.slack.com/", "http://127.0.0.1:80@evil.example/",
    "http://localhost:@evil.example/",
    "http://127.0.0.1.evil.example/", "http://127.0.0.1:80.evil.example/", "http://127.0.0.1:80\\@evil.example/",
    "https://hooks.slack.com@evil.example/", "https://hooks.slack.com\\@evil.example/",
    "https://evil.example#https://hooks.slack.com/",
    "http://10.0.0.1/", "file:///etc/passwd",
  ]) func nobodyElseIs(url: String) { #expect(!SlackCallbacks.isSlacks(url)) }

  /// What a link says of its channel goes into the record of answers, so it is one of five words or nothing.
  @Test(arguments: ["", "fax", "Email", String(repeating: "a", count: 9_000), "email~20"])
  func aLinkByNoPersonalChannelReachesNoRules(channel: String) async {
    let desk = Desk()
    for method in ["GET", "POST"] {
      let target = "/answer/1.\(channel).9.2f-1~2fana~2f1.0123abcd"
      #expect(await desk.routes.answer(HTTPRequest(method: method, target: target)).status == 404)
    }
    let long = "/answer/1.email.9.2f-1~2f\(String(repeating: "a", count: 1_024)).0123abcd"
    #expect(await desk.routes.answer(HTTPRequest(method: "POST", target: long)).status == 404)
    #expect(desk.given.isEmpty)
  }

  @Test func signedRequestsLinksAndStraysAreCountedApart() {
    func proof(_ method: String, _ target: String) -> HTTPListener.Proof {
      Desk().routes.proof(of: HTTPRequest(method: method, target: target))
    }
    for target in ["/twilio/sms", "/twilio/voice?page=x", "/twilio/status", "/slack"] {
      #expect(proof("POST", target) == .nothing, "it has no signature")
      let header = target == "/slack" ? "x-slack-signature" : "x-twilio-signature"
      let claims = HTTPRequest(method: "POST", target: target, headers: [header: "v0=00"])
      #expect(Desk().routes.proof(of: claims) == .unprovenSignature)
    }
    #expect(proof("POST", "/answer/x") == .link && proof("GET", "/answer/x") == .link)
    #expect(proof("POST", "/answer/x.0123abcd") == .sealedLink && proof("GET", "/answer/x.0123abcd") == .sealedLink)
    #expect(proof("DELETE", "/answer/x.0123abcd") == .nothing)
    #expect(proof("GET", "/slack") == .nothing && proof("POST", "/") == .nothing)
  }

  @Test(arguments: [
    ("GET", "/", 404), ("GET", "/answer", 404), ("GET", "/answer/", 404), ("GET", "/answer/a<b", 404),
    ("GET", "/twilio/sms/", 404), ("GET", "/twilio/sms", 405), ("DELETE", "/answer/x", 405), ("POST", "/slack", 415),
    ("POST", "/answer/0.voice.9.p.seal", 404),
  ])
  func whatIsNoRouteLeadsNowhere(method: String, target: String, status: Int) async {
    let desk = Desk()
    #expect(await desk.routes.answer(HTTPRequest(method: method, target: target)).status == status)
    #expect(desk.given.isEmpty)
  }

  @Test func whenTheRulesCannotBeAskedTheCallerTriesAgain() async {
    let answer = await Desk(nil).routes.answer(twilio("/twilio/sms", "From=%2B1&Body=x"))
    #expect(answer == .unavailable && answer.bytes(withBody: true).starts(with: Array("HTTP/1.1 503".utf8)))
  }
}
