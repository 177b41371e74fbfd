import CivilTime
import JSON
import Messages
import Testing

@testable import Relaying

/// The public's page in each of its forms.
@Suite struct StatusFormTests {
  private static func at(_ text: String) -> Instant { Instant(rfc3339: "2026-11-\(text):00Z") ?? .unset }

  private static let reply = StatusPageReply(
    notices: [
      PublicNotice(
        id: 2,
        updates: [
          PublicUpdate(at: at("30T09:00"), status: .investigating, impact: "Checkout <b>fails</b> & \"stops\""),
          PublicUpdate(
            at: at("30T09:10"), status: .identified, impact: "Checkout is slow", actions: "a disk is replaced",
            eta: "10:00"),
        ]),
      PublicNotice(
        id: 1, updates: [PublicUpdate(at: at("28T23:50"), status: .monitoring, impact: "Search\u{8}\u{1b}[1m is down")],
        endedAt: at("29T00:30")),
    ], fromAt: at("16T09:00"))

  private func view(_ reply: StatusPageReply? = reply, isCurrent: Bool = true) -> StatusView {
    StatusView(
      reply, at: reply == nil ? nil : Self.at("30T09:11"), isCurrent: isCurrent, title: "Aion & Co",
      now: Self.at("30T09:21"))
  }

  private func text(_ form: StatusForm, _ view: StatusView) -> String {
    String(decoding: form.answer(view).body, as: UTF8.self)
  }

  @Test func thePageSaysWhatIsOpenAndWhatWas() {
    let page = text(.page, view())
    #expect(page.contains("1 incident is being worked on."))
    #expect(page.contains("Checkout &lt;b&gt;fails&lt;/b&gt; &amp; &quot;stops&quot;"), "what people wrote is text")
    #expect(page.contains("<title>Aion &amp; Co</title>"))
    #expect(
      page.contains("30 November, 09:10 UTC") && page.contains("28 November, 23:50 UTC to 29 November, 00:30 UTC"))
    #expect(page.contains("a disk is replaced") && page.contains("10:00"))
    #expect(!page.contains("Next:"), "what nobody filled in isn't named")
    #expect(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"))
    let headers = StatusForm.page.answer(view()).headers
    #expect(headers["Cache-Control"] == "public, max-age=5" && headers["Set-Cookie"] == nil)
    #expect(headers["Content-Security-Policy"]?.hasPrefix("default-src 'none'; style-src 'sha256-") == true)
  }

  @Test func whatCannotBeBroughtUpToDateSaysHowOldItIs() {
    let page = text(.page, view(isCurrent: false))
    #expect(page.contains("can&#39;t be brought up to date") || page.contains("can't be brought up to date"))
    #expect(page.contains("10 minutes ago, at 30 November, 09:11 UTC"))
    #expect(page.contains("Checkout is slow"))
    #expect(text(.data, view(isCurrent: false)).contains(#""current":false,"as_of":"2026-11-30T09:11:00Z""#))
    #expect(text(.feed, view(isCurrent: false)).contains("<subtitle>"))
  }

  @Test(arguments: StatusForm.allCases)
  func whereNothingIsKnownNothingIsClaimed(form: StatusForm) {
    let answer = form.answer(view(nil, isCurrent: false))
    #expect(answer.status == 503 && answer.headers["Retry-After"] != nil && answer.headers["Cache-Control"] == nil)
    #expect(!String(decoding: answer.body, as: UTF8.self).contains("No incident"))
  }

  @Test func withoutIncidentsThePageIsCalm() {
    #expect(text(.page, view(StatusPageReply(fromAt: Self.at("16T09:00")))).contains("No incident is known."))
  }

  @Test func theDataCanBeReadAsJSON() throws {
    let value = try JSONValue(parsing: Array(text(.data, view()).utf8))
    guard case .object(let members) = value else { throw Refusal(.internal, "no object: \(value.text)") }
    let named = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value) })
    #expect(named["open"] == .number("1") && named["known"] == .bool(true) && named["current"] == .bool(true))
    #expect(value.text.contains("Checkout <b>fails</b>"))
  }

  @Test func theFeedHasNothingThatXMLHasNoWayToSay() {
    let feed = text(.feed, view())
    #expect(feed.contains("<title>Resolved: Search\u{FFFD}\u{FFFD}[1m is down</title>"))
    #expect(feed.contains("Checkout &lt;b&gt;fails&lt;/b&gt; &amp; &quot;stops&quot;"))
    #expect(feed.components(separatedBy: "urn:uuid:").count == 4)
  }

  @Test(arguments: StatusForm.allCases)
  func noFormHasWhatReadersDoNotSee(form: StatusForm) {
    let words = "pay\u{202E}lap\u{2066}\u{200B}\u{1b}[31m\u{9b}end"
    let update = PublicUpdate(
      at: Self.at("30T09:00"), status: .investigating, impact: words, actions: words, next: words, eta: words)
    let shown = text(form, view(StatusPageReply(notices: [PublicNotice(id: 3, updates: [update])])))
    #expect(shown.contains("lap") && !shown.unicodeScalars.contains { $0.isHidden && $0 != "\n" })
  }

  @Test func oneThatHasBegunAgainIsOpenWhateverWasWrittenLast() {
    let notice = StatusView.Notice(
      PublicNotice(id: 1, updates: [PublicUpdate(at: Self.at("30T09:00"), status: .resolved, impact: "Works again")]))
    #expect(notice.isOpen && notice.status == "Investigating")
  }
}
