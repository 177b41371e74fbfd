import Messages
import Serving
import Testing
import Wire

@testable import Pages

/// What pages show, and what hostile text in them can't do.
@Suite struct ShowingTests {
  private static func incident(_ id: String = "2f-1", summary: String = "5xx above 2 %") -> Incident {
    Incident(
      id: id, state: .triggered, severity: .sev1, summary: summary, service: "aion-web-api", team: "platform",
      openedAt: Pretended.start - .minutes(5), steps: ["look"], runbook: "https://runbooks.example/5xx")
  }

  private static func withIncidents(_ incidents: Incident...) throws -> Pretended {
    let there = try Pretended()
    there.answer(EscalationMethods.listIncidents) { _ in
      ListIncidentsReply(incidents: incidents, open: UInt64(incidents.count))
    }
    there.answer(EscalationMethods.getTimeline) { request in
      GetTimelineReply(
        incident: incidents.first { $0.id == request.incidentId },
        lines: [TimelineLine(sequence: 1, at: Pretended.start, kind: "opened", text: incidents[0].summary)])
    }
    there.answer(ScheduleMethods.onCall) { _ in
      OnCallReply(shifts: [
        Shift(
          tier: 1, person: "ana", fromAt: Pretended.start, untilAt: Pretended.start + .hours(20),
          explanation: "rotation primary, week 49"), Shift(tier: 2, fromAt: Pretended.start),
      ])
    }
    return there
  }

  @Test func theFirstPageSaysWhoIsOnCallAndWhatWaits() async throws {
    let page = await (try Self.withIncidents(Self.incident())).get("/", by: "ana")
    #expect(page.status == 200 && page.mediaType == "text/html; charset=utf-8")
    for words in [
      "Ana Alm", "until 22:00", "rotation primary, week 49", "Nobody", "SEV-1", "5xx above 2 %",
      "/incidents/2f-1/acknowledge",
      "5 min ago",
    ] { #expect(page.text.contains(words), "\(words) is missing") }
  }

  /// One tier that is away takes nothing else from the page.
  @Test func whatCanBeToldIsTold() async throws {
    let there = try Self.withIncidents(Self.incident())
    there.refuse(ScheduleMethods.listPeople, Refusal(.unavailable, "away"))
    let page = await there.get("/", by: "ana")
    #expect(page.status == 200 && page.text.contains("5xx above 2 %"))
    #expect(page.text.contains("Who is on call can&#39;t be told now"))
    there.refuse(EscalationMethods.listIncidents, Refusal(.unavailable, "the escalator is away"))
    #expect(await there.get("/", by: "ana").text.contains("the escalator is away"))
  }

  @Test func namesStayWhileTheSchedulerIsAway() async throws {
    var incident = Self.incident()
    incident.owner = "ana"
    let there = try Self.withIncidents(incident)
    #expect(await there.get("/incidents", by: "ben").text.contains("Ana Alm"))
    there.refuse(ScheduleMethods.listPeople, Refusal(.unavailable, "away"))
    there.refuse(ScheduleMethods.onCall, Refusal(.unavailable, "the scheduler is away"))
    #expect(await there.get("/incidents", by: "ben").text.contains("Ana Alm"))
    #expect(
      await there.get("/", by: "ben").text.contains("Who is on call can&#39;t be told now: the scheduler is away"))
  }

  @Test(arguments: [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'onmouseover='alert(1)", "{{seal}}", "{{{seal}}}",
    "</title><svg onload=alert(1)>", "&lt;script&gt;", "\u{0600}<script>alert(1)</script>",
    "\u{0600}\"\u{301}><svg onload=alert(1)>",
    "<\u{338}\u{200D}svg \u{0600}'onmouseover='\u{301}`",
  ])
  func hostileTextIsText(summary: String) async throws {
    let (there, plain) = (
      try Self.withIncidents(Self.incident(summary: summary)), try Self.withIncidents(Self.incident(summary: "plain"))
    )
    for path in ["/", "/incidents", "/incidents/2f-1"] {
      let text = await there.get(path, by: "ana").text
      // As a browser reads, scalar by scalar: not one mark of HTML more than with a harmless text.
      let harmless = await plain.get(path, by: "ana").text
      #expect(Self.marks(text) == Self.marks(harmless), "\(path)")
    }
  }

  private static func marks(_ text: String) -> [Int] {
    "<>\"'`".utf8.map { mark in text.utf8.count { $0 == mark } }
  }

  @Test func textIsEscapedAndNothingOfItIsLost() {
    let content = PageContent()
    #expect(content.escapeText("<b>&\"'`") == "&lt;b&gt;&amp;&quot;&#39;&#96;")
    #expect(content.escapeText("\u{0600}<\u{338}é😀") == "\u{0600}&lt;\u{338}é😀")
  }

  /// Quiet is said only when the escalator says that nothing is open, and the newest of very many are shown.
  @Test func aStormIsNeverQuietAndItsNewestAreShown() async throws {
    let there = try Self.withIncidents(Self.incident())
    there.answer(EscalationMethods.listIncidents) { request in
      guard request.person.isEmpty else { return ListIncidentsReply(open: 2_500) }
      let first = Int(request.after) ?? 0
      let numbers = (first + 1)...min(first + Int(request.limit), 2_500)
      return ListIncidentsReply(
        incidents: numbers.map { Self.incident("2f-\($0)", summary: "number \($0).") }, open: 2_500,
        after: numbers.upperBound < 2_500 ? "\(numbers.upperBound)" : "")
    }
    let page = await there.get("/", by: "ana").text
    #expect(page.contains("number 2500.") && !page.contains("All is quiet") && page.contains("2100 more are open"))
    there.answer(EscalationMethods.listIncidents) { _ in ListIncidentsReply(open: 1, after: "x") }
    for path in ["/", "/incidents"] {
      let text = await there.get(path, by: "ana").text
      #expect(!text.contains("quiet"), "\(path)")
    }
    there.answer(EscalationMethods.listIncidents) { _ in ListIncidentsReply() }
    #expect(await there.get("/", by: "ana").text.contains("All is quiet"))
  }

  @Test func whatReadersDontSeeIsTakenOut() async throws {
    let there = try Self.withIncidents(Self.incident(summary: "pay\u{202E}lap\u{0}\u{1b}[31m\u{200B}end"))
    let text = await there.get("/incidents/2f-1", by: "ana").text
    #expect(!text.unicodeScalars.contains { $0.isHidden && $0 != "\n" })
    #expect(text.contains("pay\u{FFFD}lap"))
  }

  @Test(arguments: ["javascript:alert(1)", "data:text/html,x", "//evil.example", "see the wiki"])
  func aRunbookThatIsNoAddressIsNoLink(runbook: String) async throws {
    var incident = Self.incident()
    incident.runbook = runbook
    let text = await (try Self.withIncidents(incident)).get("/incidents/2f-1", by: "ana").text
    #expect(!text.contains("href=\"\(runbook)") && text.contains("Runbook: "))
  }

  @Test func anIdInAPathStaysInItsPlace() async throws {
    let there = try Self.withIncidents(Self.incident("a/../b?c=\"d"))
    #expect(await there.get("/", by: "ana").text.contains("/incidents/a%2F..%2Fb%3Fc%3D%22d"))
  }

  @Test func nothingForeignAndNothingInlineRunsInAPage() async throws {
    let there = try Self.withIncidents(Self.incident())
    for path in ["/", "/sign-in", "/incidents/2f-1", "/nothing/here"] {
      let page =
        path == "/nothing/here"
        ? there.site.failure(404, "no", nil) : await there.get(path, by: path == "/sign-in" ? nil : "ana")
      let policy = try #require(page.headers["Content-Security-Policy"])
      #expect(
        policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe")
          && policy.contains("frame-ancestors 'none'"))
      #expect(page.headers["Strict-Transport-Security"] != nil)
      #expect(!page.text.contains(" style=") && !page.text.contains("<style") && !page.text.contains(" onclick"))
      #expect(page.text.components(separatedBy: "<script").count == 2 && page.text.contains("<script src=\"/assets/"))
    }
  }

  @Test func eachDeedIsDoneInTheNameOfWhoHasSignedIn() async throws {
    let there = try Self.withIncidents(Self.incident())
    let reply = IncidentReply(explanation: "done & dusted")
    there.answer(EscalationMethods.acknowledge) { _ in reply }
    there.answer(EscalationMethods.escalate) { _ in reply }
    there.answer(EscalationMethods.postUpdate) { _ in reply }
    there.answer(EscalationMethods.resolve) { _ in reply }
    // Whatever a form says of who acts.
    for (deed, fields) in [
      ("acknowledge", ["by": "tara"]), ("escalate", ["reason": "no idea", "tier": "3"]),
      ("update", ["status": "2", "impact": "line 1\r\nline 2", "next": "wait", "eta": "03:00"]),
      ("resolve", ["note": "disk"]),
    ] {
      let answer = await there.post("/incidents/2f-1/\(deed)", by: "ana", fields)
      let location = try #require(answer.headers["Location"])
      #expect(answer.status == 303 && location.hasPrefix("/incidents/2f-1?said="))
      #expect(await there.get(location, by: "ana").text.contains("done &amp; dusted"))
    }
    #expect(
      there.requests(EscalationMethods.acknowledge) == [AcknowledgeRequest(incidentId: "2f-1", by: "ana", via: "page")])
    #expect(
      there.requests(EscalationMethods.escalate) == [
        EscalateRequest(incidentId: "2f-1", by: "ana", tier: 3, reason: "no idea")
      ])
    #expect(
      there.requests(EscalationMethods.postUpdate) == [
        UpdateRequest(
          incidentId: "2f-1", by: "ana", status: .identified, impact: "line 1\nline 2", next: "wait", eta: "03:00")
      ])
    #expect(there.requests(EscalationMethods.resolve) == [ResolveRequest(incidentId: "2f-1", by: "ana", note: "disk")])
  }

  /// A link can't put words into our mouth.
  @Test func noticesAreSealedAndShownForAMinute() async throws {
    let there = try Self.withIncidents(Self.incident())
    let location = try #require(there.site.back(to: "/", saying: "call <b>me</b>", at: there.now).headers["Location"])
    #expect(await there.get(location, by: "ana").text.contains("call &lt;b&gt;me&lt;/b&gt;"))
    #expect(await !there.get(location + "0", by: "ana").text.contains("call &lt;b"))
    there.pass(.minutes(2))
    #expect(await !there.get(location, by: "ana").text.contains("call &lt;b"))
  }

  @Test func refusalsAreShownAsPages() async throws {
    let there = try Self.withIncidents(Self.incident())
    for (status, code) in [
      (Status.permissionDenied, 403), (.invalidArgument, 400), (.notFound, 404), (.failedPrecondition, 409),
      (.unavailable, 503),
      (.resourceExhausted, 429),
    ] {
      there.refuse(EscalationMethods.acknowledge, Refusal(status, "not <so>"))
      let page = await there.post("/incidents/2f-1/acknowledge", by: "ana")
      #expect(page.status == code && page.text.contains("not &lt;so&gt;") && page.mediaType.hasPrefix("text/html"))
    }
    #expect(await there.get("/incidents/none", by: "ana").status == 404)
  }

  /// Opening a page's link asks; the button answers, and waits for the escalator's word.
  @Test func aPagesLinkAsksAndItsButtonAnswers() async throws {
    let there = try Pretended()
    there.answer(PageLinksMethods.show) { _ in
      PageLinkShown(deed: .acknowledge, incidentId: "2f-1", person: "ana", summary: "[SEV-1] <5xx>")
    }
    there.answer(PageLinksMethods.answer) { _ in AnswerWords(answerId: "x!ack", taken: true, words: "kept") }
    there.answer(PageLinksMethods.outcome) { _ in
      AnswerWords(taken: true, words: "2f-1: acknowledged", incidentId: "2f-1")
    }
    let asked = await there.get("/answer/1.email.1.2f.5e")
    #expect(asked.status == 200 && asked.text.contains("Acknowledge 2f-1?") && asked.text.contains("&lt;5xx&gt;"))
    #expect(there.requests(PageLinksMethods.answer).isEmpty)
    let answered = await there.post("/answer/1.email.1.2f.5e", headers: ["origin": "", "content-type": ""])
    #expect(answered.status == 200 && answered.text.contains("2f-1: acknowledged"))
    #expect(there.requests(PageLinksMethods.answer) == [PageLink(token: "1.email.1.2f.5e")])
    there.refuse(PageLinksMethods.outcome, Refusal(.unavailable, "away"))
    let kept = await there.post("/answer/1.email.1.2f.5e", headers: ["origin": ""])
    #expect(kept.status == 200 && kept.text.contains("kept"), "what is on disk is no failure")
    // Wherever a path with two slashes is said to be, its form stays here.
    #expect(await there.get("//answer/1.email.1.2f.5e").text.contains("action=\"/answer/1.email.1.2f.5e\""))
    there.refuse(PageLinksMethods.show, Refusal(.notFound, "this link leads nowhere"))
    #expect(await there.get("/answer/x").status == 404)
  }

  @Test func theMonthNamesWhoHoldsEachDay() async throws {
    let there = try Pretended()
    there.answer(ScheduleMethods.show) { request in
      ShowReply(shifts: [
        Shift(
          tier: 1, person: "ana", fromAt: request.fromAt, untilAt: request.fromAt + .hours(9 * 24 + 9),
          explanation: "rotation"),
        Shift(tier: 1, fromAt: request.fromAt + .hours(9 * 24 + 9), untilAt: request.untilAt),
      ])
    }
    let page = await there.get("/schedule?month=2026-12", by: "ana").text
    #expect(page.contains("December 2026") && page.contains("<i>09:00</i> nobody"))
    #expect(page.contains("month=2026-11") && page.contains("month=2027-01"))
    let request = try #require(there.requests(ScheduleMethods.show).first)
    #expect(request.untilAt - request.fromAt == .hours(31 * 24))
    #expect(await there.get("/schedule?month=nonsense&team=none", by: "ana").status == 404)
  }

  @Test func aSwapThatWaitsForMeHasTwoButtons() async throws {
    let there = try Pretended()
    func swap(_ id: String, _ takers: [String]) -> Swap {
      Swap(
        id: id,
        request: SwapRequest(team: "platform", tier: 1, giver: "ben", takers: takers, reason: "concert", by: "ben"),
        state: .open)
    }
    let (mine, other) = (swap("swap-1", ["ana"]), swap("swap-2", ["cai"]))
    there.answer(ScheduleMethods.listSwaps) { _ in ListSwapsReply(swaps: [mine, other]) }
    let page = await there.get("/swaps", by: "ana").text
    #expect(page.contains("/swaps/swap-1/agree") && !page.contains("/swaps/swap-2/agree") && page.contains("concert"))
    there.answer(ScheduleMethods.answerSwap) { _ in SwapReply(swap: Swap(state: .agreed)) }
    #expect(await there.post("/swaps/swap-1/agree", by: "ana").status == 303)
    #expect(there.requests(ScheduleMethods.answerSwap) == [SwapAnswer(swapId: "swap-1", by: "ana", agrees: true)])
  }

  @Test func theHandoffIsTickedAndSigned() async throws {
    let there = try Pretended()
    there.answer(HandoffMethods.show) { request in
      HandoffRecord(
        team: request.team, at: Pretended.start,
        attendees: [HandoffAttendee(person: "ana", part: "outgoing primary", required: true)],
        items: [HandoffItem(id: "before-1", list: "Before", text: "Close <old> alerts", person: "ana")])
    }
    there.answer(HandoffMethods.document) { _ in HandoffDocumentReply(markdown: Array("# Handoff\n<b>x</b>".utf8)) }
    there.answer(HandoffMethods.tick) { _ in HandoffRecord() }
    there.answer(HandoffMethods.sign) { _ in HandoffRecord() }
    let page = await there.get("/handoff", by: "ana").text
    #expect(
      page.contains("Close &lt;old&gt; alerts") && page.contains("# Handoff\n&lt;b&gt;x")
        && page.contains("/handoff/sign"))
    let at = "\(Pretended.start.milliseconds)"
    #expect(
      await there.post("/handoff/tick", by: "ana", ["team": "platform", "at": at, "item": "before-1"]).status == 303)
    #expect(await there.post("/handoff/sign", by: "ana", ["team": "platform", "at": at]).status == 303)
    #expect(
      there.requests(HandoffMethods.tick) == [
        HandoffTick(team: "platform", at: Pretended.start, item: "before-1", by: "ana")
      ])
    #expect(there.requests(HandoffMethods.sign) == [HandoffSignature(team: "platform", at: Pretended.start, by: "ana")])
  }

  @Test func assetsAreKeptForGoodUnderTheirDigest() async throws {
    let there = try Pretended()
    let path = there.site.assets.script.path
    let answer = await there.get(path)
    #expect(answer.status == 200 && answer.headers["Cache-Control"] == "public, max-age=31536000, immutable")
    #expect(await there.get("/assets/00/pages.js").status == 404)
  }
}
