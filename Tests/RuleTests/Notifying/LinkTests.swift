import Machinery
import Messages
import Notifying
import Testing

/// Links of pages that come to whoever shows the pages: to look changes nothing, to answer counts as if it had come to the notifier.
@Suite struct LinkTests {
  private static let terms = AnsweringTerms(
    secret: Array(repeating: 9, count: 32), url: "", links: "https://tocsin.example.com/")

  /// A page that was sent by e-mail, and the tokens of its links.
  private static func paged() throws -> (Notifier, acknowledge: String) {
    var notifier = Notifier(terms: terms)
    try notifier.page(.wanted("ana", .sev3, channels: ["email"]))
    let text = try #require(notifier.attempts.last?.text)
    let link = try #require(text.split(separator: "\n").first { $0.hasPrefix("Acknowledge: ") })
    let start = "Acknowledge: https://tocsin.example.com/answer/"
    #expect(link.hasPrefix(start), "\(link)")
    return (notifier, String(link.dropFirst(start.count)))
  }

  @Test func toLookChangesNothingAndSaysWhatItWouldDo() throws {
    let (notifier, token) = try Self.paged()
    let shown = try notifier.rules.showLink(PageLink(token: token), at: notifier.now)
    #expect(shown.deed == .acknowledge && shown.incidentId == "2f-1k" && shown.person == "ana" && !shown.expired)
    #expect(try notifier.rules.showLink(PageLink(token: token), at: notifier.now + .hours(25)).expired)
  }

  @Test func toAnswerIsTakenOnceAndSettledByTheEscalator() throws {
    var (notifier, token) = try Self.paged()
    let first = try notifier.decided(.link(PageLink(token: token)))
    guard case .answered(let words) = first else {
      Issue.record("\(first)")
      return
    }
    #expect(words.taken && words.answerId == "2f-1k/ana/1!ack" && notifier.rules.isWaiting(forAnswer: words.answerId))
    #expect(notifier.rules.outcome(AnswerOutcomeRequest(answerId: words.answerId)).words.isEmpty)
    let facts = try notifier.rules.decide(.link(PageLink(token: token)), at: notifier.now).facts
    #expect(facts.isEmpty, "the same answer again")
  }

  @Test func aForgedOneLeavesNoTrace() throws {
    let (notifier, token) = try Self.paged()
    for forged in [token + "0", "", "1.email.1.x.y", String(token.dropLast())] {
      for decide in [true, false] {
        #expect {
          if decide {
            _ = try notifier.rules.decide(.link(PageLink(token: forged)), at: notifier.now)
          } else {
            _ = try notifier.rules.showLink(PageLink(token: forged), at: notifier.now)
          }
        } throws: { ($0 as? Refusal)?.status == .notFound }
      }
    }
  }

  /// Where only links bring answers, no message promises that a reply would.
  @Test func whatOnlyLinksAnswerHasNoCode() throws {
    var notifier = Notifier(terms: Self.terms)
    try notifier.page(.wanted("ana", .sev3, channels: ["sms"]))
    let attempt = try #require(notifier.attempts.last)
    #expect(attempt.channel == "sms" && attempt.ways == nil && !attempt.text.contains("reply"))
  }
}
