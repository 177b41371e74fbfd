import Messages
import Notifying
import Testing

/// Whoever has no link tries to make one (requirement N4).
@Suite struct GuessingTests {
  private var notifier = Notifier(.team, terms: AnswerTests.terms)
  /// In the optimised build as many as somebody could try in a minute of having the machine to themselves.
  #if DEBUG
    private let tries = 20_000
  #else
    private let tries = 1_000_000
  #endif

  /// None of so many seals (a million in the optimised build) is the right one, what gets to the rules is alarmed of once, and the real link answers.
  @Test mutating func linksForgedByTheThousandSilenceNothing() throws {
    try notifier.page(.wanted("ana", .sev3, channels: ["email"]))
    let token = try #require(notifier.attempts.last?.ways).token(.acknowledge)
    let dot = try #require(token.lastIndex(of: "."))
    let body = String(token[...dot])
    let sealDigits = token.count - body.count
    #expect(sealDigits == 32, "128 bits")
    var state: UInt64 = 1
    var passed = 0
    for _ in 0..<tries {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let digits = [state, state &* 0x9E37_79B9_7F4A_7C15].map { String($0, radix: 16) }.joined()
      let guess = String(repeating: "0", count: sealDigits) + digits
      if AnswerTests.terms.isSealed(body + String(guess.suffix(sealDigits))) { passed += 1 }
    }
    #expect(passed == 0)
    for number in 0..<1_000 {
      let guess = String(repeating: String(number % 10), count: sealDigits)
      #expect(try !notifier.answer(AnswerGiven(channel: "email", token: body + guess)).taken)
    }
    #expect(notifier.answersOwed.isEmpty, "nothing is silenced")
    #expect(notifier.attempts.count { $0.tier == 0 } == 1, "people are told once")
    #expect(try notifier.answer(AnswerGiven(channel: "email", token: token)).taken)
  }
}
