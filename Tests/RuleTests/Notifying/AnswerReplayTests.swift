import Messages
import Notifying
import Testing

/// An answer that is shown again, by its person or by whoever kept a copy, has no second effect (requirement N4).
@Suite struct AnswerReplayTests {
  private var notifier = Notifier(.team, terms: AnswerTests.terms)

  private mutating func page(_ page: Page = .wanted(channels: [])) throws -> AnswerWays {
    try notifier.page(page)
    return try #require(notifier.attempts.last?.ways)
  }

  private func text(_ words: String) -> AnswerGiven { AnswerGiven(channel: "sms", sender: "ana-sms", text: words) }

  private var posts: [String] {
    notifier.attempts.filter { $0.tier == 0 }.map { "\($0.channel) \($0.person): \($0.text)" }
  }

  private var refusals: [AnswerRefused] {
    notifier.facts.compactMap { if case .answerRefused(let refused) = $0.fact.kind { refused } else { nil } }
  }

  @Test mutating func aReplayHasNoSecondEffect() throws {
    let ways = try page()
    try notifier.answer(text("\(ways.code) escalate"))
    try notifier.answer(text("\(ways.code) escalate"))
    #expect(notifier.answersOwed.count == 1)
    notifier.escalatorSays(.ok, "tier 2 is paged")
    let again = try notifier.answer(text("\(ways.code) escalate"))
    #expect(again.answerId.isEmpty && again.words == "2f-1k: answered before (escalate): tier 2 is paged")
    #expect(notifier.answersOwed.isEmpty)
  }

  /// A thumb that presses twice, a phone that asks again: nobody is alarmed of that.
  @Test mutating func theSameAnswerWithinAMinuteIsTheSameAnswer() throws {
    let token = try page(.wanted("ana", .sev3, channels: ["slack"])).token(.acknowledge)
    let press = AnswerGiven(channel: "slack", sender: "ana-slack", token: token)
    try notifier.answer(press)
    notifier.escalatorSays(.ok, "acknowledged; paging stops")
    for _ in 1...20 {
      notifier.now = notifier.now + .seconds(2)
      #expect(try notifier.answer(press).taken)
    }
    #expect(refusals.isEmpty && posts.isEmpty)
  }

  @Test(arguments: ["slack", "email", "push", "voice", "sms"])
  mutating func aReplayIsOnRecordAndAlarmedOfWhenItGoesOn(channel: String) throws {
    let ways = try page(.wanted("ana", .sev3, channels: [channel]))
    let given =
      switch channel {
      case "sms": text("\(ways.code) ack")
      case "voice": AnswerGiven(channel: "voice", sender: "ana-voice", token: ways.token(.unspecified), text: "4")
      case "slack": AnswerGiven(channel: "slack", sender: "ana-slack", token: ways.token(.acknowledge))
      default: AnswerGiven(channel: channel, token: ways.token(.acknowledge))
      }
    #expect(try notifier.answer(given).taken)
    notifier.escalatorSays(.ok, "acknowledged; paging stops")
    notifier.now = notifier.now + .minutes(1)
    for _ in 1...4 {
      let told = try notifier.answer(given)
      #expect(
        !told.taken
          && told.words
            == "2f-1k: this page was answered before (ack) and changes nothing now. Answer the newest page of it, or use tocsinctl."
      )
    }
    // A link says nothing of who has it; whoever answers by their own number or button has the reply.
    let isLink = channel == "email" || channel == "push"
    #expect(posts.count == (isLink ? 1 : 0), "\(posts)")
    for _ in 1...1_000 { #expect(try !notifier.answer(given).taken) }
    #expect(notifier.answersOwed.isEmpty, "it has no second effect")
    let refused = refusals
    #expect(refused.count == 5 && refused.allSatisfy { $0.reason == "it had answered its page before" })
    #expect(refused.allSatisfy { $0.person == "ana" && $0.pageId == "2f-1k/ana/1" && $0.channel == channel })
    #expect(
      posts.count { $0.contains("Somebody may be replaying") } == 2 && posts.count == (isLink ? 3 : 2), "\(posts)")
    #expect(posts.contains { $0.hasPrefix("#platform-alerts ") } && posts.contains { $0.hasPrefix("email ana") })
  }

  /// Whoever replays somebody's acknowledgement keeps nobody from what comes after it.
  @Test mutating func aReplayKeepsThePagesPersonFromNothing() throws {
    let ways = try page()
    try notifier.answer(text("\(ways.code) ack"))
    notifier.escalatorSays(.ok, "acknowledged; paging stops")
    notifier.now = notifier.now + .minutes(2)
    for _ in 1...50 { try notifier.answer(text("\(ways.code) ack")) }
    #expect(try notifier.answer(text("\(ways.code) resolve")).taken)
    #expect(notifier.answersOwed.map(\.deed) == [.resolve])
  }

  @Test mutating func aLinkIsUsedOnce() throws {
    let token = try page(.wanted("ana", .sev3, channels: ["email"])).token(.resolve)
    #expect(try notifier.answer(AnswerGiven(channel: "email", token: token)).taken)
    notifier.escalatorSays(.ok, "resolved")
    try notifier.answer(AnswerGiven(channel: "email", token: token))
    #expect(notifier.answersOwed.isEmpty)
  }
}
