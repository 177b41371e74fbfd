import Messages
import Serving
import Testing
import Wire

@testable import Pages

/// Who is let in, for how long, and what changes something only when it comes from our own pages.
@Suite struct SessionTests {
  @Test func whoHasNotSignedInIsShownWhere() async throws {
    let there = try Pretended()
    #expect(await there.get("/").headers["Location"] == "/sign-in")
    #expect(await there.get("/incidents/2f-1").headers["Location"] == "/sign-in?to=%2Fincidents%2F2f-1")
    let post = await there.post("/incidents/2f-1/acknowledge")
    #expect(post.status == 303 && post.headers["Location"] == "/sign-in")
    #expect(await there.get("/live").status == 401)
    #expect(there.requests(EscalationMethods.acknowledge).isEmpty)
  }

  @Test func aSessionHoldsUntilItsTimeIsOverAndNoLetterOfItIsChanged() {
    let session = Session(person: "ana.b@c", generation: 3, expiresAt: Pretended.start + .hours(1), nonce: "0f")
    let token = session.token(Pretended.secret)
    #expect(Session(token, Pretended.secret, at: Pretended.start) == session)
    #expect(Session(token, Pretended.secret, at: Pretended.start + .hours(1)) == nil)
    #expect(Session(token, SiteSecret(Array(repeating: 8, count: 32)), at: Pretended.start) == nil)
    for place in token.indices {
      var changed = token
      changed.replaceSubrange(place...place, with: token[place] == "1" ? "2" : "1")
      #expect(Session(changed, Pretended.secret, at: Pretended.start) == nil, "\(place)")
    }
    for junk in ["", ".", "....", "616e61.1.1.0f", String(repeating: "a", count: 5_000)] {
      #expect(Session(junk, Pretended.secret, at: Pretended.start) == nil)
    }
    // What was sealed for another use is no session.
    let form = Pretended.secret.seal("616e61.3.\(Pretended.start.milliseconds + 3_600_000).0f", for: "form")
    #expect(
      Session("616e61.3.\(Pretended.start.milliseconds + 3_600_000).0f.\(form)", Pretended.secret, at: Pretended.start)
        == nil)
  }

  @Test func whoSignsOutEverywhereOrLeavesIsOutWithinSeconds() async throws {
    let there = try Pretended()
    #expect(await there.get("/swaps", by: "ana").status == 503)  // in, and the scheduler says nothing of swaps
    there.answer(SignInsMethods.check) { SignInReply(person: $0.person, name: "Ana", generation: 2) }
    there.pass(Standings.asksAgainAfter)
    #expect(await there.get("/swaps", by: "ana").headers["Location"]?.hasPrefix("/sign-in") == true)
    there.answer(SignInsMethods.check) { _ in SignInReply() }
    there.pass(Standings.asksAgainAfter)
    #expect(await there.get("/swaps", by: "ana").headers["Location"]?.hasPrefix("/sign-in") == true)
  }

  /// A copy of the cookie is worth nothing then, at any copy of the pages.
  @Test func whoSignsOutEndsThatSessionAndNoOther() async throws {
    let there = try Pretended()
    let ended = "fedcba98765432100123456789abcdef"
    func status(_ nonce: String) async -> Int {
      let token = Pretended.session("ana", until: there.now + .hours(1), nonce: nonce)
      return await there.get("/", headers: ["cookie": "__Host-tocsin=\(token)"]).status
    }
    func signOut() async -> WebAnswer {
      let token = Pretended.session("ana", until: there.now + .hours(1), nonce: ended)
      return await there.post(
        "/sign-out", ["seal": Pretended.secret.seal(ended, for: "form")],
        headers: ["cookie": "__Host-tocsin=\(token)"])
    }
    #expect(await status(ended) == 200)
    let away = await signOut()
    #expect(away.status == 503 && away.headers["Set-Cookie"]?.contains("Max-Age=0") == true)
    #expect(away.text.contains("sign out everywhere") && !away.text.contains("<footer>"))
    there.answer(SignInsMethods.signOut) { SignInReply(person: $0.by, name: "Ana", generation: 1, ended: [$0.session]) }
    let answer = await signOut()
    #expect(answer.status == 303 && answer.headers["Set-Cookie"]?.contains("Max-Age=0") == true)
    let request = try #require(there.requests(SignInsMethods.signOut).last)
    #expect(request == SignOutRequest(by: "ana", session: ended, untilAt: there.now + .hours(1)))
    #expect(await status(ended) == 303)
    #expect(await status(Pretended.nonce) == 200)
    // As it is told elsewhere.
    there.answer(SignInsMethods.check) { SignInReply(person: $0.person, name: "Ana", generation: 1, ended: [ended]) }
    there.pass(Standings.asksAgainAfter)
    #expect(await status(ended) == 303)
  }

  @Test func whileTheNotifierIsAwayItsLastWordHoldsForAnHour() async throws {
    let there = try Pretended()
    #expect(await there.get("/", by: "ana").status == 200)
    there.refuse(SignInsMethods.check, Refusal(.unavailable, "away"))
    there.pass(.minutes(30))
    #expect(await there.get("/", by: "ana").status == 200)
    #expect(await there.get("/", by: "ben").status == 503, "who was never seen is not let in unseen")
    there.pass(.minutes(31))
    #expect(await there.get("/", by: "ana").status == 503)
  }

  @Test func aFormOfAnotherSiteDoesNothing() async throws {
    let there = try Pretended()
    there.answer(EscalationMethods.acknowledge) { _ in IncidentReply(explanation: "acknowledged") }
    func status(_ fields: [String: String] = [:], _ headers: [String: String] = [:]) async -> Int {
      await there.post("/incidents/2f-1/acknowledge", by: "ana", fields, headers: headers).status
    }
    #expect(await status(["seal": ""]) == 403)
    #expect(await status(["seal": "00"]) == 403)
    #expect(await status([:], ["origin": "https://evil.example"]) == 403)
    #expect(await status([:], ["origin": "null"]) == 403)
    #expect(await status([:], ["origin": "", "sec-fetch-site": "cross-site"]) == 403)
    #expect(await status([:], ["content-type": "text/plain"]) == 400)
    #expect(there.requests(EscalationMethods.acknowledge).isEmpty)
    #expect(await status([:], ["origin": "", "sec-fetch-site": "same-origin"]) == 303)
    #expect(await status() == 303)
    #expect(there.requests(EscalationMethods.acknowledge).map(\.by) == ["ana", "ana"])
  }

  private static let proxySecret = String(repeating: "5ea1", count: 16)

  private static func login(_ proxies: String) throws -> ForwardedLogin {
    let proxies = try #require(TrustedProxies(proxies))
    return try #require(
      ForwardedLogin(header: "X-Forwarded-User", from: proxies, secret: ProxySecret(proxySecret)))
  }

  @Test func whatAProxySaysCountsFromItsAddressAndWithItsSecretOnly() async throws {
    let there = try Pretended(forwarded: try Self.login("203.0.113.0/28"))
    func said(_ person: String, _ secret: String = Self.proxySecret) -> [String: String] {
      ["x-forwarded-user": person, "tocsin-proxy-secret": secret]
    }
    #expect(await there.get("/", headers: said("ana")).status == 200)
    for wrong in ["", "x", String(Self.proxySecret.dropLast()), "\(Self.proxySecret),\(Self.proxySecret)"] {
      #expect(await there.get("/", headers: said("ana", wrong)).status == 303, "\(wrong)")
    }
    #expect(there.news.withLock { $0 } == Array(repeating: .ignoredLogin(.secret, from: "203.0.113.7"), count: 4))
    #expect(await there.get("/").status == 303 && there.news.withLock { $0.count } == 4)
    let elsewhere = try Pretended(forwarded: try Self.login("10.0.0.5"))
    #expect(await elsewhere.get("/", headers: said("ana")).status == 303)
    #expect(elsewhere.news.withLock { $0 } == [.ignoredLogin(.address, from: "203.0.113.7")])
    // What the address behind the proxy is called makes nobody a proxy.
    let behind = try Pretended(forwarded: try Self.login("10.0.0.5"), proxies: "203.0.113.7")
    #expect(
      await behind.get("/", headers: said("ana").merging(["x-forwarded-for": "10.0.0.5"]) { $1 }).status == 303)
    there.answer(SignInsMethods.check) { _ in SignInReply() }
    there.pass(.minutes(1))
    #expect(await there.get("/", headers: said("mallory")).status == 403)
    // Its forms are sealed too.
    there.answer(SignInsMethods.check) { SignInReply(person: $0.person, name: "Ana", generation: 1) }
    #expect(await there.post("/incidents/2f-1/acknowledge", headers: said("ana")).status == 403)
  }

  @Test func theCookieGoesNowhereElse() async throws {
    let there = try Pretended()
    there.answer(SignInsMethods.enter) { _ in SignInReply(person: "ana", name: "Ana", generation: 1) }
    let answer = await there.post("/sign-in/code", ["ask": "00", "code": "1234 5678", "to": "/swaps"])
    let cookie = try #require(answer.headers["Set-Cookie"])
    #expect(cookie.hasPrefix("__Host-tocsin=") && answer.headers["Location"] == "/swaps")
    for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure", "Max-Age=1209600"] {
      #expect(cookie.contains("; \(part)"))
    }
    #expect(there.requests(SignInsMethods.enter) == [SignInEntry(ask: "00", code: "12345678")])
    #expect(!cookie.contains("Domain"))
    let plain = Cookies(url: try #require(SiteURL("http://127.0.0.1:7106")))
    #expect(plain.set("x").hasPrefix("tocsin=x; ") && !plain.set("x").contains("Secure"))
  }

  @Test func aWrongCodeLetsNobodyIn() async throws {
    let there = try Pretended()
    there.answer(SignInsMethods.enter) { _ in SignInReply() }
    let answer = await there.post("/sign-in/code", ["ask": "00", "code": "11111111"])
    #expect(answer.status == 403 && answer.headers["Set-Cookie"] == nil)
    #expect(there.news.withLock { $0 } == [.code(.wrong)])
  }

  @Test func whoAsksForACodeLearnsNothing() async throws {
    let there = try Pretended()
    there.answer(SignInsMethods.ask) { _ in Done() }
    let answers = [await there.post("/sign-in", ["person": "ana"]), await there.post("/sign-in", ["person": "eve"])]
    #expect(answers.allSatisfy { $0.status == 200 })
    let requests = there.requests(SignInsMethods.ask)
    #expect(requests.map(\.person) == ["ana", "eve"] && Set(requests.map(\.ask)).count == 2)
    for (answer, request) in zip(answers, requests) {
      #expect(
        answer.text.contains(request.ask) && !answer.text.contains(request.code), "the code goes to the person alone")
      let link = "https://tocsin.example.com/sign-in/link/\(request.ask)/\(request.code)"
      #expect(request.link.hasPrefix("\(link)?for=\(request.person)&seal="))
      #expect(request.code.utf8.count == 8 && request.from == "203.0.113.7")
    }
  }

  @Test func toOpenASignInLinkUsesNothingUp() async throws {
    let there = try Pretended()
    there.answer(SignInsMethods.enter) { _ in SignInReply(person: "ana", name: "Ana", generation: 1) }
    there.answer(SignInsMethods.ask) { _ in Done() }
    _ = await there.post("/sign-in", ["person": "ana"])
    let link = try #require(there.requests(SignInsMethods.ask).first).link
    let path = String(link.dropFirst("https://tocsin.example.com".count))
    #expect(await there.get(path).status == 200)
    #expect(there.requests(SignInsMethods.enter).isEmpty)
    #expect(await there.post("/sign-in/link/0f/12345678").headers["Set-Cookie"] != nil)
  }

  /// Whoever follows a link that somebody else has sent would be signed in as that person, and do everything in that name.
  @Test func aSignInLinkSaysWhoseItIsBeforeItIsUsed() async throws {
    let there = try Pretended()
    there.answer(SignInsMethods.ask) { _ in Done() }
    _ = await there.post("/sign-in", ["person": "eve"])
    let request = try #require(there.requests(SignInsMethods.ask).first)
    let path = String(request.link.dropFirst("https://tocsin.example.com".count))
    let shown = await there.get(path)
    #expect(shown.status == 200 && shown.text.contains("Sign in as eve") && shown.text.contains("<form"))
    let bare = String(path.prefix { $0 != "?" })
    for other in [bare, path.replacing("for=eve", with: "for=ana"), path + "0", "\(bare)?for=ana&seal=00"] {
      let answer = await there.get(other)
      #expect(answer.status == 404 && !answer.text.contains("Sign in as"), "\(other)")
      #expect(!answer.text.contains("action=\"/sign-in/link"), "no button that signs in as nobody knows whom")
    }
  }

  @Test func oneAddressTriesThirtyTimesAMinute() async throws {
    let there = try Pretended()
    there.answer(SignInsMethods.enter) { _ in SignInReply() }
    for _ in 0..<there.site.doorstep.triesAtMost {
      #expect(await there.post("/sign-in/code", ["ask": "00", "code": "1"]).status == 403)
    }
    #expect(await there.post("/sign-in/code", ["ask": "00", "code": "1"]).status == 429)
    there.pass(.minutes(1))
    #expect(await there.post("/sign-in/code", ["ask": "00", "code": "1"]).status == 403)
  }

  @Test(arguments: ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "x"])
  func nobodyIsSentElsewhere(path: String) { #expect(Site.local(path) == "/") }

  @Test func pathsOfOursAreKept() { #expect(Site.local("/incidents/2f-1?x=1") == "/incidents/2f-1?x=1") }

  @Test(arguments: [
    "https://tocsin.example.com", "https://tocsin.example.com:8443/", "http://127.0.0.1:7106", "http://[::1]:80",
    "http://localhost",
  ])
  func addressesWhereASessionIsSafe(text: String) { #expect(SiteURL(text) != nil) }

  /// Browsers leave it out of what they say, so that the pages would be shown and every form refused.
  @Test(arguments: [
    ("https://tocsin.example.com:443", "https://tocsin.example.com"), ("http://127.0.0.1:80/", "http://127.0.0.1"),
    ("https://tocsin.example.com:0443", "https://tocsin.example.com"), ("http://[::1]:80", "http://[::1]"),
    ("https://tocsin.example.com:80", "https://tocsin.example.com:80"),
    ("http://localhost:443", "http://localhost:443"),
    ("https://Tocsin.Example.com:8443", "https://tocsin.example.com:8443"),
  ])
  func aPortThatTheSchemeHasAnyhowIsNotNamed(text: String, origin: String) {
    #expect(SiteURL(text)?.origin == origin)
  }

  @Test(arguments: [
    "https://a:", "https://a:0", "https://a:65536", "https://a:x", "https://a:1:2", "https://:443", "https://[::1]x",
    "http://tocsin.example.com", "https://", "tocsin.example.com", "https://a/b", "https://a@b", "https://a b",
    "https://a;b",
    "http://127.0.0.1.evil.example", "http://localhost.evil.example",
  ])
  func addressesThatAreRefused(text: String) { #expect(SiteURL(text) == nil) }
}
