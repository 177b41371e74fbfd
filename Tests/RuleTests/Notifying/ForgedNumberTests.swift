import Messages
import Notifying
import Testing

/// Anybody can write from anybody's number: whoever guesses so shuts nobody out (requirement N4).
@Suite struct ForgedNumberTests {
  private var notifier = Notifier(.team, terms: AnswerTests.terms)

  private mutating func page(_ page: Page = .wanted(channels: [])) throws -> AnswerWays {
    try notifier.page(page)
    return try #require(notifier.attempts.last?.ways)
  }

  private func text(_ words: String, from sender: String = "ana-sms") -> AnswerGiven {
    AnswerGiven(channel: "sms", sender: sender, text: words)
  }

  /// Somebody pretends to write from Ana's number. What is asked back goes to that number, which they don't have.
  @Test(arguments: ["ack", "resolve"]) mutating func aForgedNumberKeepsNobodyFromAnswering(word: String) throws {
    let code = try page().code
    for guess in 0..<5 { try notifier.answer(text("\(900_000 + guess) ack")) }
    let asked = try notifier.answer(text("\(code) \(word)"))
    #expect(!asked.taken && notifier.answersOwed.isEmpty)
    let found = try #require(asked.words.firstMatch(of: /reply within 30 min: (\d{12}) (\w+)/))
    let (whole, deed) = (String(found.1), String(found.2))
    #expect(whole.hasPrefix(code) && deed == word)
    for guess in 0..<2_000 {
      let six = String(1_000_000 + guess * 499).suffix(6)
      guard !whole.hasSuffix(six) else { continue }
      #expect(try !notifier.answer(text("\(code)\(six) \(word)")).taken)
    }
    #expect(try !notifier.answer(text("\(whole) not \(word)")).taken)
    #expect(try !notifier.answer(text("\(whole) \(word)", from: "ben-sms-1")).taken, "it is Ana's")
    notifier.takeOver()
    #expect(try notifier.answer(text("\(whole) \(word)")).taken)
    #expect(notifier.answersOwed.map(\.deed.word) == [word])
  }

  /// A code that was asked for is good as long as the number isn't believed.
  @Test mutating func whatWasAskedBackIsNoCodeLater() throws {
    let code = try page().code
    for guess in 0..<5 { try notifier.answer(text("\(900_000 + guess) ack")) }
    let words = try notifier.answer(text("\(code) ack")).words
    let whole = String(try #require(words.firstMatch(of: /within \d+ min: (\d{12})/)).1)
    notifier.now = notifier.now + .minutes(31)
    #expect(try !notifier.answer(text("\(whole) ack")).taken)
    #expect(try notifier.answer(text("\(code) ack")).taken)
  }
}

extension AnswerDeed {
  fileprivate var word: String { self == .acknowledge ? "ack" : self == .resolve ? "resolve" : "escalate" }
}
