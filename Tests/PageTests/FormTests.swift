import Messages
import Serving
import Testing
import Wire

@testable import Pages

/// A form acts once however often it comes, and one that was refused keeps what was typed.
@Suite struct FormTests {
  private static func there() throws -> Pretended {
    let there = try Pretended()
    there.answer(EscalationMethods.getTimeline) { _ in
      GetTimelineReply(incident: Incident(id: "2f-1", state: .triggered, severity: .sev1, summary: "5xx"))
    }
    there.answer(EscalationMethods.acknowledge) { _ in IncidentReply(explanation: "done") }
    there.answer(EscalationMethods.escalate) { _ in IncidentReply(explanation: "done") }
    there.answer(EscalationMethods.postUpdate) { _ in IncidentReply(explanation: "done") }
    there.answer(EscalationMethods.resolve) { _ in IncidentReply(explanation: "done") }
    return there
  }

  /// By the path that each leads to.
  private static func nonces(_ page: String) -> [String: String] {
    var found: [String: String] = [:]
    for form in page.components(separatedBy: "<form method=\"post\" action=\"").dropFirst() {
      let path = String(form.prefix { $0 != "\"" })
      let parts = form.components(separatedBy: "name=\"once\" value=\"")
      if parts.count > 1 { found[path] = String(parts[1].prefix { $0 != "\"" }) }
    }
    return found
  }

  @Test func aFormThatComesTwiceIsOneDeed() async throws {
    let there = try Self.there()
    let page = await there.get("/incidents/2f-1", by: "ana").text
    let nonces = Self.nonces(page)
    #expect(nonces.count == 6 && Set(nonces.values).count == nonces.count, "\(nonces)")
    let once = try #require(nonces["/incidents/2f-1/escalate"])
    for _ in 0..<2 {
      #expect(await there.post("/incidents/2f-1/escalate", by: "ana", ["reason": "help", "once": once]).status == 303)
    }
    let keys = there.keys(EscalationMethods.escalate)
    #expect(keys.count == 2 && keys[0] != nil && keys[0] == keys[1])
    // The page that was loaded anew has another form, and so has another person.
    let next = try #require(
      Self.nonces(await there.get("/incidents/2f-1", by: "ana").text)["/incidents/2f-1/escalate"])
    for (once, seal) in [(next, Pretended.nonce), (once, "fedcba9876543210")] {
      let headers = [
        "cookie": "__Host-tocsin="
          + Pretended.session("ana", until: there.now + .hours(1), nonce: seal)
      ]
      _ = await there.post(
        "/incidents/2f-1/escalate",
        ["reason": "help", "once": once, "seal": Pretended.secret.seal(seal, for: "form")], headers: headers)
    }
    #expect(there.keys(EscalationMethods.escalate).count == 4 && Set(there.keys(EscalationMethods.escalate)).count == 3)
  }

  /// What is idempotent by itself is asked anew: the answer of an hour ago isn't what is so now.
  @Test func anAcknowledgementIsNeverAnEarlierOnesAnswer() async throws {
    let there = try Self.there()
    let nonces = Self.nonces(await there.get("/incidents/2f-1", by: "ana").text)
    for deed in ["acknowledge", "resolve"] {
      let once = try #require(nonces["/incidents/2f-1/\(deed)"])
      #expect(await there.post("/incidents/2f-1/\(deed)", by: "ana", ["once": once]).status == 303)
    }
    #expect(there.keys(EscalationMethods.acknowledge) == [nil] && there.keys(EscalationMethods.resolve) == [nil])
  }

  @Test func aNonceHoldsForTenMinutesAndNoneIsOfTheFuture() throws {
    let (now, secret) = (Pretended.start, Pretended.secret)
    let nonce = try #require(FormNonce(FormNonce(at: now).text, at: now))
    func key(after span: Span) -> DeedKey { nonce.key(sealed: "5ea1", by: secret, at: now + span) }
    #expect(key(after: .zero) == key(after: .minutes(10) - .milliseconds(1)) && key(after: .zero).since == now)
    // Never so old that a tier may have forgotten it.
    #expect(key(after: .minutes(10)) != key(after: .zero) && key(after: .minutes(15)).since == now + .minutes(10))
    #expect(key(after: .zero).digest.count == 10 && nonce.key(sealed: "5ea2", by: secret, at: now) != key(after: .zero))
    #expect(FormNonce(nonce.text, at: now - .milliseconds(1)) == nil)
    for junk in [
      "", "-", "1-", "-1-0123456789abcdef0123", "1-0123456789abcdef012", "x-0123456789abcdef0123",
      "1-0123456789abcdef012g",
    ] {
      #expect(FormNonce(junk, at: now) == nil, "\(junk)")
    }
  }

  @Test func whatWasTypedStaysBesideWhatIsWrongWithIt() async throws {
    let there = try Self.there()
    there.refuse(EscalationMethods.postUpdate, .invalid("impact", "must not be <empty>"))
    let typed = [
      "status": "3", "impact": "two\nlines", "actions": "rolled \"back\"", "next": "</textarea><b>", "eta": "03:00",
      "once": FormNonce(at: there.now).text,
    ]
    let page = await there.post("/incidents/2f-1/update", by: "ana", typed)
    #expect(page.status == 400 && !page.text.contains("data-live=\"yes\""))
    for words in [
      "<option value=\"3\" selected>", ">two\nlines</textarea>", ">rolled &quot;back&quot;</textarea>",
      ">&lt;/textarea&gt;&lt;b&gt;</textarea>", "value=\"03:00\"", "must not be &lt;empty&gt;",
      "name=\"once\" value=\"\(typed["once"]!)\"", "action=\"/incidents/2f-1/update\"",
    ] { #expect(page.text.contains(words), "\(words) is missing") }
    let field = try #require(page.text.range(of: "name=\"impact\"")),
      wrong = try #require(page.text.range(of: "must not be"))
    let next = try #require(page.text.range(of: "name=\"actions\""))
    #expect(field.lowerBound < wrong.lowerBound && wrong.lowerBound < next.lowerBound)
  }

  /// While all tiers are away too; and what isn't wrong with one field is said above all of them, with its name.
  @Test func nothingTypedIsLostWhoeverIsAway() async throws {
    let there = try Pretended()
    _ = await there.get("/", by: "ana")
    let once = FormNonce(at: there.now).text
    let page = await there.post(
      "/incidents/2f-1/escalate", by: "ana", ["reason": "no idea", "tier": "3", "once": once])
    #expect(page.status == 503 && page.headers["Retry-After"] == "5")
    #expect(page.text.contains(">no idea</textarea>") && page.text.contains("<option value=\"3\" selected>"))
    #expect(page.text.contains(once) && page.text.contains("sent again, it is done once"))
    there.refuse(EscalationMethods.resolve, .notFound("no open incident", field: "incident_id"))
    let other = await there.post("/incidents/2f-1/resolve", by: "ana", ["note": "disk"])
    #expect(
      other.status == 404 && other.text.contains("incident_id: no open incident") && other.text.contains(">disk<"))
  }

  /// The key was used for what stood there before: with other words it is another deed, and another form.
  @Test func whatWasDoneInOtherWordsIsSaid() async throws {
    let there = try Self.there()
    there.refuse(
      EscalationMethods.postUpdate, Refusal(.alreadyExists, "the same key was used", field: "idempotency_key"))
    let once = FormNonce(at: there.now).text
    let page = await there.post(
      "/incidents/2f-1/update", by: "ana", ["status": "1", "impact": "more", "once": once])
    #expect(page.status == 409 && page.text.contains("was sent before") && page.text.contains(">more</textarea>"))
    #expect(!page.text.contains(once) && page.text.contains("name=\"once\""))
  }

  @Test func whatAnotherSiteHasTypedIsNotShown() async throws {
    let there = try Self.there()
    for headers in [
      ["origin": "https://evil.example"], ["origin": "null"], ["origin": "", "sec-fetch-site": "cross-site"],
    ] {
      let page = await there.post("/incidents/2f-1/update", by: "ana", ["impact": "evil words"], headers: headers)
      #expect(page.status == 403 && !page.text.contains("evil words"))
    }
    // Of a session before the present one it is the reader's own.
    let page = await there.post("/incidents/2f-1/update", by: "ana", ["impact": "my words", "seal": "00"])
    #expect(page.status == 403 && page.text.contains(">my words<"))
    #expect(there.requests(EscalationMethods.postUpdate).isEmpty)
  }

  /// It is in the page that says so, and can be sent from there once they have signed in beside it.
  @Test func whatWasTypedWhileASessionEndedIsNotLost() async throws {
    let there = try Self.there()
    let typed = [
      "status": "3", "impact": "two\nlines", "actions": "</textarea><script>", "eta": "\"><b>",
      "once": FormNonce(at: there.now).text,
    ]
    let ended = "__Host-tocsin=\(Pretended.session("ana", until: there.now))"
    for headers in [["cookie": ended], [:]] {
      let page = await there.post("/incidents/2f-1/update", typed, headers: headers)
      #expect(page.status == 403 && page.headers["Location"] == nil && page.headers["Set-Cookie"] == nil)
      for words in [
        "your session has ended", "<option value=\"3\" selected>", ">two\nlines</textarea>",
        ">&lt;/textarea&gt;&lt;script&gt;</textarea>", "value=\"&quot;&gt;&lt;b&gt;\"", "name=\"seal\" value=\"\"",
        "href=\"/sign-in?to=%2Fincidents%2F2f-1\" target=\"_blank\" rel=\"noopener\"",
      ] { #expect(page.text.contains(words), "\(words) is missing") }
      #expect(!page.text.contains("<b>") && !page.text.contains("<footer>"))
    }
    // Signed in again, they send what stands there: it is asked whether it is theirs, and taken then.
    let asked = await there.post("/incidents/2f-1/update", by: "ana", typed.merging(["seal": ""]) { $1 })
    #expect(asked.status == 403 && asked.text.contains(">two\nlines</textarea>") && !asked.text.contains("sign-in"))
    #expect(there.requests(EscalationMethods.postUpdate).isEmpty)
    #expect(asked.text.contains("name=\"seal\" value=\"\(Pretended.secret.seal(Pretended.nonce, for: "form"))\""))
    #expect(await there.post("/incidents/2f-1/update", by: "ana", typed).status == 303)
    #expect(there.requests(EscalationMethods.postUpdate).map(\.impact) == ["two\nlines"])
  }

  /// Nor is it while nobody can say whether the session holds; to sign in helps nobody then.
  @Test func whatWasTypedWhileNobodyKnowsTheWriterIsNotLost() async throws {
    let there = try Self.there()
    there.refuse(SignInsMethods.check, Refusal(.unavailable, "away"))
    let page = await there.post("/incidents/2f-1/resolve", by: "ana", ["note": "disk"])
    #expect(page.status == 503 && page.text.contains(">disk</textarea>") && !page.text.contains("/sign-in"))
  }

  /// Nothing is shown to a stranger that another site's page has typed, and a button without words leads to the door.
  @Test func whatNobodyHereHasTypedLeadsToTheDoor() async throws {
    let there = try Self.there()
    for headers in [["origin": "https://evil.example"], ["origin": "null"], ["origin": ""]] {
      let page = await there.post("/incidents/2f-1/update", ["impact": "evil words"], headers: headers)
      #expect(page.status == 303 && page.headers["Location"] == "/sign-in" && !page.text.contains("evil words"))
    }
    #expect(await there.post("/incidents/2f-1/acknowledge").headers["Location"] == "/sign-in")
  }

  @Test func whoeverIsSentAwayAtTheDoorTypesNothingTwice() async throws {
    let there = try Pretended()
    let page = await there.post("/sign-in", ["person": "ana", "channel": "email", "to": "/swaps"])
    #expect(page.status == 503 && page.text.contains("value=\"ana\"") && page.text.contains("value=\"/swaps\""))
    #expect(page.text.contains("<option value=\"email\" selected>") && page.text.contains("nobody answers"))
    let code = await there.post("/sign-in/code", ["ask": "0f", "code": "1234 5678", "person": "ana"])
    #expect(code.status == 503 && code.text.contains("value=\"1234 5678\"") && code.text.contains("value=\"0f\""))
    let nobody = await there.post("/sign-in", ["person": ""])
    #expect(nobody.status == 400 && nobody.text.contains("say who you are") && nobody.text.contains("name=\"person\""))
  }
}
