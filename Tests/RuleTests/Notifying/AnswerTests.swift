import Messages
import Notifying
import Testing

/// Pages are answered by their own channels, by the person who was paged and nobody else (requirement N4).
@Suite struct AnswerTests {
  static let terms = AnsweringTerms(
    secret: (0..<32).map { UInt8($0) }, url: "https://tocsin.example.com/")
  private var notifier = Notifier(.team, terms: Self.terms)

  private mutating func page(_ page: Page = .wanted(channels: [])) throws -> AnswerWays {
    try notifier.page(page)
    return try #require(notifier.attempts.last?.ways)
  }

  private func text(_ words: String, from sender: String = "ana-sms") -> AnswerGiven {
    AnswerGiven(channel: "sms", sender: sender, text: words)
  }

  private var posts: [String] {
    notifier.attempts.filter { $0.tier == 0 }.map { "\($0.channel) \($0.person): \($0.text)" }
  }

  // MARK: What is taken

  @Test(arguments: [
    ("ack", AnswerDeed.acknowledge), ("", .acknowledge), ("Ack!", .acknowledge), ("4", .acknowledge),
    ("escalate", .escalate), ("5", .escalate), ("RESOLVE", .resolve), ("close", .resolve), ("6", .resolve),
  ])
  mutating func aTextMessageWithTheCodeAnswersFromItsPersonsNumber(word: String, deed: AnswerDeed) throws {
    let code = try page().code
    let told = try notifier.answer(text("\(code) \(word)"))
    #expect(told.taken && !told.answerId.isEmpty)
    let owed = try #require(notifier.answersOwed.first)
    #expect(owed.deed == deed && owed.person == "ana" && owed.incidentId == "2f-1k" && owed.channel == "sms")
    #expect(owed.pageId == "2f-1k/ana/1" && notifier.answersOwed.count == 1)
  }

  /// Written half asleep, quoted by a phone, or about something else: what isn't one deed and nothing else changes nothing.
  @Test(arguments: [
    ("2f-6 CODE", AnswerDeed.acknowledge), ("(2F-6); CODE ack", .acknowledge), ("ack CODE 2f-6", .acknowledge),
    ("CODE resolve 2f-6", .resolve), ("CODE-ack", .acknowledge), ("CODE 6", .resolve), ("CODE a", .acknowledge),
    ("CODE ack, ack!", .acknowledge), ("CODE resolved done", .resolve), ("  code:CODE ", .unspecified),
    ("2f CODE", .unspecified), ("2f 6 CODE", .unspecified), ("2f-66 CODE", .unspecified), ("2f-6-6 CODE", .unspecified),
    ("12f-6 CODE", .unspecified), ("2f-7 CODE", .unspecified), ("CODE 4 6", .unspecified), ("CODE ack 4", .unspecified),
    ("CODE not resolved", .unspecified), ("CODE I need a backup", .unspecified), ("CODE not ok", .unspecified),
    ("CODE don't close", .unspecified), ("CODE don’t close", .unspecified), ("no CODE", .unspecified),
    ("CODE ack or resolve?", .unspecified), ("CODE resolve later", .unspecified), ("CODE 👎", .unspecified),
    ("CODE is a resolved b", .unspecified), ("CODE 111111", .unspecified), ("CODE ack 111111", .unspecified),
  ])
  mutating func aSentenceIsOneDeedOrNone(sentence: String, deed: AnswerDeed) throws {
    let code = try page(.wanted(id: "2f-6")).code
    let told = try notifier.answer(text(sentence.replacing("CODE", with: code)))
    #expect(told.taken == (deed != .unspecified))
    #expect(notifier.answersOwed.map(\.deed) == (deed == .unspecified ? [] : [deed]))
    guard deed == .unspecified else { return }
    #expect(told.words.contains("reply with the code") && told.words.contains("Nothing is changed"))
    #expect(refusals(notifier).isEmpty, "they have the code: it is no guess")
    #expect(try notifier.answer(text("\(code) ack")).taken)
  }

  @Test mutating func whatTheEscalatorSaysIsWhatTheyAreTold() throws {
    let code = try page().code
    let told = try notifier.answer(text("\(code) ack"))
    #expect(notifier.rules.outcome(ofAnswer: told.answerId) == nil)
    notifier.escalatorSays(.ok, "acknowledged; paging stops")
    let outcome = try #require(notifier.rules.outcome(ofAnswer: told.answerId))
    #expect(outcome.taken && outcome.words == "2f-1k: acknowledged; paging stops")
    #expect(notifier.answersOwed.isEmpty && posts.isEmpty)
  }

  @Test mutating func aRefusalGetsBackInWords() throws {
    let code = try page().code
    let told = try notifier.answer(text("\(code) ack"))
    notifier.escalatorSays(.failedPrecondition, "incident 2f-1k was resolved at 03:01")
    let outcome = try #require(notifier.rules.outcome(ofAnswer: told.answerId))
    #expect(!outcome.taken && outcome.words == "2f-1k is not acknowledged by you: incident 2f-1k was resolved at 03:01")
  }

  @Test mutating func whoCouldNotBeToldAtOnceIsToldByAMessage() throws {
    let code = try page().code
    try notifier.answer(text("\(code) ack"))
    notifier.wait(.minutes(5))
    notifier.escalatorSays(.ok, "acknowledged; paging stops")
    #expect(posts == ["email ana: 2f-1k: acknowledged; paging stops"])
  }

  // MARK: The ladder

  @Test mutating func whoHasAnsweredIsNotRungAgainWhileTheEscalatorIsDown() throws {
    let code = try page().code
    try notifier.answer(text("\(code) ack"))
    notifier.wait(.hours(2))
    #expect(notifier.said == ["03:00:00 push -> ana"])
    #expect(notifier.states == ["push handedOver", "sms planned", "voice planned"])
  }

  @Test mutating func norByWhatWasUnderWayAndFails() throws {
    notifier.answering = { $0.channel == "push" ? nil : (.ok, "accepted", nil) }
    let code = try page(.wanted(channels: ["sms", "push"])).code
    let push = try #require(notifier.attempts.first { $0.channel == "push" })
    try notifier.answer(text("\(code) ack"))
    notifier.settle(push, .unavailable, "503")
    notifier.wait(.hours(1))
    #expect(notifier.said.count == 2, "\(notifier.said)")
    notifier.escalatorSays(.failedPrecondition, "no")
    #expect(notifier.attempts.count { $0.id == "2f-1k/ana/1" && $0.channel == "push" } == 2)
  }

  @Test mutating func wordsThatWaitedForTheAnswerGoOnceItIsAgreed() throws {
    let code = try page().code
    try notifier.answer(text("\(code) ack"))
    var words = Page.wanted("ana", .sev1, .tell, channels: ["push"], at: notifier.now)
    words.id = "2f-1k/ana/2"
    try notifier.page(words)
    #expect(!notifier.attempts.contains { $0.id == words.id })
    notifier.escalatorSays(.ok, "acknowledged; paging stops")
    #expect(notifier.attempts.contains { $0.id == words.id } && !notifier.said.contains { $0.contains("sms") })
  }

  @Test mutating func norByWhatTheEscalatorDecidedBeforeItHeard() throws {
    let code = try page().code
    try notifier.answer(text("\(code) ack"))
    notifier.wait(.minutes(20))
    var late = Page.wanted(at: notifier.now)
    late.id = "2f-1k/ana/2"
    try notifier.page(late)
    notifier.wait(.minutes(1))
    #expect(notifier.said == ["03:00:00 push -> ana"])
    notifier.escalatorSays(.failedPrecondition, "no")
    #expect(notifier.attempts.contains { $0.id == "2f-1k/ana/2" })
  }

  @Test mutating func anAnswerThatIsRefusedLetsTheLadderGoOnAtOnce() throws {
    let code = try page().code
    try notifier.answer(text("\(code) ack"))
    notifier.wait(.minutes(3))
    notifier.escalatorSays(.notFound, "no team knows a person \"ana\"")
    #expect(notifier.said.contains("03:03:00 sms -> ana"))
  }

  @Test mutating func anAgreementWithoutAWithdrawalHoldsForTwoMinutes() throws {
    let code = try page().code
    try notifier.answer(text("\(code) ack"))
    notifier.wait(.minutes(3))
    notifier.escalatorSays(.ok, "acknowledged; paging stops")
    notifier.wait(.seconds(119))
    #expect(!notifier.said.contains { $0.contains("sms") })
    notifier.wait(.seconds(1))
    #expect(notifier.said.contains("03:05:00 sms -> ana"))
  }

  @Test mutating func whoAsksForMorePeopleGoesOnBeingAsked() throws {
    let code = try page().code
    try notifier.answer(text("\(code) escalate"))
    notifier.wait(.minutes(2))
    #expect(notifier.said.contains("03:02:00 sms -> ana"))
  }

  @Test mutating func othersGoOnBeingPaged() throws {
    try notifier.page(.wanted("ben"))
    let code = try page().code
    try notifier.answer(text("\(code) ack"))
    notifier.wait(.minutes(10))
    #expect(notifier.said.filter { $0.contains("ben") }.count > 1)
  }

  @Test mutating func anotherIncidentOfTheirsGoesOn() throws {
    try notifier.page(.wanted(id: "2f-2"))
    let code = try page().code
    try notifier.answer(text("\(code) ack"))
    notifier.wait(.minutes(2))
    #expect(notifier.attempts.filter { $0.channel == "sms" }.map(\.incidentId) == ["2f-2"])
  }

  @Test mutating func anEscalatorThatLostTheAnswerIsTold() throws {
    let code = try page().code
    try notifier.answer(text("\(code) ack"))
    notifier.escalatorSays(.ok, "acknowledged; paging stops")
    notifier.wait(.minutes(1))
    notifier.rules.peerLost(.escalator, at: notifier.now)
    #expect(notifier.answersOwed.map(\.deed) == [.acknowledge])
    var late = Page.wanted(at: notifier.now)
    late.id = "2f-1k/ana/2"
    try notifier.page(late)
    let restored = notifier.rules.condensed().reduce(into: Notifications(answering: Self.terms)) {
      $0.apply($1, at: notifier.now)
    }
    #expect(restored == notifier.rules && restored.owed(to: .escalator, limit: 9).count == 2)
    notifier.escalatorSays(.ok, "acknowledged; paging stops")
    #expect(notifier.answersOwed.isEmpty && notifier.said == ["03:00:00 push -> ana"], "nobody is told twice")
    let again = try notifier.answer(text("\(code) ack"))
    #expect(notifier.answersOwed.isEmpty && again.words.contains("answered before"))
  }

  @Test mutating func whatWasAnsweredADayAgoIsNotDoneAnew() throws {
    let code = try page().code
    try notifier.answer(text("\(code) ack"))
    notifier.escalatorSays(.ok, "acknowledged; paging stops")
    notifier.now = notifier.now + .hours(24)
    notifier.rules.peerLost(.escalator, at: notifier.now)
    #expect(notifier.answersOwed.isEmpty)
  }

  /// It had not heard of the incident or of the person.
  @Test mutating func whatWasRefusedForNowCanBeGivenAgain() throws {
    let code = try page().code
    var ids: Set<String> = []
    for _ in 1...20 {
      ids.insert(try notifier.answer(text("\(code) ack")).answerId)
      #expect(notifier.answersOwed.count == 1)
      notifier.escalatorSays(.notFound, "not yet")
    }
    #expect(ids.count == 20 && !ids.contains(""))
    #expect(try !notifier.answer(text("\(code) ack")).taken)
    #expect(notifier.answersOwed.isEmpty, "twenty times are enough")
  }

  /// What it said of the incident as it was then: whoever shows the same again must not be heard of an incident that was opened again.
  @Test(arguments: [Status.failedPrecondition, .permissionDenied, .invalidArgument, .outOfRange, .alreadyExists])
  mutating func whatWasRefusedForGoodIsNotAskedAgain(why: Status) throws {
    let code = try page().code
    try notifier.answer(text("\(code) ack"))
    notifier.escalatorSays(why, "incident 2f-1k was resolved at 03:01")
    notifier.takeOver()
    for _ in 1...3 {
      let told = try notifier.answer(text("\(code) ack"))
      #expect(
        !told.taken
          && told.words == "2f-1k: answered before (ack): incident 2f-1k was resolved at 03:01; nothing is changed")
      #expect(notifier.answersOwed.isEmpty)
    }
    #expect(try notifier.answer(text("\(code) resolve")).taken, "another deed is another answer")
  }

  @Test mutating func theAnswerSurvivesARestart() throws {
    let code = try page().code
    try notifier.answer(text("\(code) ack"))
    notifier.restart()
    notifier.wait(.hours(1))
    #expect(notifier.answersOwed.count == 1 && !notifier.said.contains { $0.contains("voice") })
  }

  // MARK: Abuse

  private func refusals(_ notifier: Notifier) -> [AnswerRefused] {
    notifier.facts.compactMap { if case .answerRefused(let refused) = $0.fact.kind { refused } else { nil } }
  }

  @Test mutating func anExpiredLinkIsRefused() throws {
    let token = try page(.wanted("ana", .sev3, channels: ["email"])).token(.acknowledge)
    notifier.now = notifier.now + .hours(24)
    #expect(try !notifier.answer(AnswerGiven(channel: "email", token: token)).taken)
    #expect(notifier.answersOwed.isEmpty && refusals(notifier).map(\.reason) == ["its token has expired"])
  }

  @Test mutating func anExpiredCodeIsRefused() throws {
    let code = try page().code
    notifier.now = notifier.now + .hours(24)
    let told = try notifier.answer(text("\(code) ack"))
    #expect(!told.taken && told.words.contains("too old to be answered here") && notifier.answersOwed.isEmpty)
    #expect(refusals(notifier).map(\.pageId) == ["2f-1k/ana/1"])
  }

  @Test mutating func anExpiredCodeIsOnRecordAndBlocksNobodysNumber() throws {
    let expired = try page(.wanted(id: "2f-2", channels: ["sms"])).code
    notifier.now = notifier.now + .hours(24)
    let code = try page(.wanted(at: notifier.now)).code
    for _ in 1...6 { try notifier.answer(text("\(expired) ack")) }
    #expect(refusals(notifier).map(\.reason) == Array(repeating: "its code has expired", count: 5))
    #expect(posts.allSatisfy { $0.contains("to pages of ana") || $0.contains("from the number of ana") })
    #expect(try notifier.answer(text("\(code) ack")).taken)
  }

  /// Quiet hours hold a page for up to a day.
  @Test mutating func aCodeCountsFromWhenItsTextWentOut() throws {
    var team = NotificationConfiguration.team
    team.contacts[0].quietHours = [QuietHours(untilMinute: 420)]
    notifier = Notifier(team, terms: Self.terms)
    try notifier.page(.wanted("ana", .sev3, channels: ["sms"]))
    notifier.wait(.hours(5))
    let code = try #require(notifier.attempts.last?.ways?.code)
    #expect(notifier.said == ["07:00:00 sms -> ana"])
    notifier.now = Notifier.start + .hours(27)
    #expect(try notifier.answer(text("\(code) ack")).taken)
    notifier.now = notifier.now + .hours(1)
    let told = try notifier.answer(text("\(code) resolve"))
    #expect(!told.taken && told.words.contains("too old"))
  }

  @Test mutating func aForgedOrAlteredTokenIsRefused() throws {
    let token = try page(.wanted("ana", .sev3, channels: ["email"])).token(.acknowledge)
    let others = AnsweringTerms(secret: Array(repeating: 1, count: 32), url: "https://evil.example")
    var elsewhere = Notifier(.team, terms: others)
    try elsewhere.page(.wanted("ana", .sev3, channels: ["email"]))
    let forged = try #require(elsewhere.attempts.last?.ways?.token(.acknowledge))
    let last = token.last == "0" ? "1" : "0"
    for wrong in [
      forged, String(token.dropLast()) + last, token.replacing("ana", with: "ben"),
      "3" + token.dropFirst(), token + "0", "", ".", "....", String(repeating: "a", count: 5_000),
    ] {
      #expect(try !notifier.answer(AnswerGiven(channel: "email", token: wrong)).taken, "\(wrong)")
    }
    #expect(notifier.answersOwed.isEmpty && notifier.states.contains("email handedOver"))
  }

  @Test mutating func aTokenOfOneChannelIsNoneForAnother() throws {
    let token = try page(.wanted("ana", .sev3, channels: ["email"])).token(.acknowledge)
    #expect(try !notifier.answer(AnswerGiven(channel: "slack", sender: "ana-slack", token: token)).taken)
    #expect(try !notifier.answer(AnswerGiven(channel: "push", token: token)).taken)
    #expect(notifier.answersOwed.isEmpty)
  }

  @Test mutating func somebodyElseCannotPressTheButton() throws {
    let token = try page(.wanted("ana", .sev3, channels: ["slack"])).token(.acknowledge)
    let told = try notifier.answer(AnswerGiven(channel: "slack", sender: "cai-slack", token: token))
    #expect(!told.taken && told.words.contains("Ana Alvarez's"))
    #expect(try notifier.answer(AnswerGiven(channel: "slack", sender: "ana-slack", token: token)).taken)
    #expect(refusals(notifier).map(\.reason) == ["it is somebody else's page"])
  }

  @Test mutating func aKeyCountsOnlyFromTheNumberThatWasCalled() throws {
    let token = try page(.wanted("ana", .sev3, channels: ["voice"])).token(.unspecified)
    let stranger = AnswerGiven(channel: "voice", sender: "dee-voice", token: token, text: "4")
    #expect(try !notifier.answer(stranger).taken)
    let nothing = try notifier.answer(AnswerGiven(channel: "voice", sender: "ana-voice", token: token, text: "9"))
    #expect(!nothing.taken && nothing.words.hasPrefix("Press 4"))
    #expect(try notifier.answer(AnswerGiven(channel: "voice", sender: "ana-voice", token: token, text: "6")).taken)
    #expect(notifier.answersOwed.map(\.deed) == [.resolve])
  }

  @Test mutating func theCodeOfSomebodyElsesPageIsWrong() throws {
    let code = try page().code
    #expect(try !notifier.answer(text("\(code) ack", from: "ben-sms-1")).taken)
    #expect(notifier.answersOwed.isEmpty && refusals(notifier).map(\.person) == ["ben"])
  }

  @Test mutating func aStrangersNumberHearsNothing() throws {
    let code = try page().code
    let told = try notifier.answer(text("\(code) ack", from: "+15550000000"))
    #expect(!told.taken && told.words.isEmpty && notifier.answersOwed.isEmpty)
    #expect(refusals(notifier).map(\.sender) == ["strangers"])
  }

  @Test mutating func whoAsksSomethingElseIsNotTakenForAGuesser() throws {
    let code = try page().code
    for _ in 1...50 {
      let told = try notifier.answer(text("who has this?"))
      #expect(!told.taken && told.words.contains("reply with the code"))
      #expect(try notifier.answer(text("who has this?", from: "+15550000000")).words.isEmpty)
    }
    #expect(refusals(notifier).isEmpty && posts.isEmpty)
    #expect(try notifier.answer(text("\(code) ack")).taken)
  }

  @Test mutating func thousandsOfStrangersDoNotHideWhoGuesses() throws {
    let code = try page().code
    for number in 0..<1_500 { try notifier.answer(text("000000 ack", from: "+1555\(1_000_000 + number)")) }
    #expect(refusals(notifier).count == 5 && posts.count == 1, "they are alarmed of once")
    for guess in 0..<5 { try notifier.answer(text("\(900_000 + guess) ack")) }
    let told = try notifier.answer(text("\(code) ack"))
    #expect(!told.taken && told.words.contains("too many wrong answers"))
  }

  /// Pages that were answered too late, of which there can be as many as there are pages.
  @Test mutating func aFullTableOfGuessersHidesNobodyAndEmptiesItself() throws {
    let code = try page().code
    for number in 0..<1_200 {
      notifier.rules.apply(
        NotificationFact(
          kind: .answerRefused(
            AnswerRefused(
              channel: "email", sender: "expired/2f-\(number)/ana/1", person: "ana", pageId: "2f-\(number)/ana/1",
              reason: "its token has expired", guess: true))), at: notifier.now)
    }
    for guess in 0..<5 { try notifier.answer(text("\(900_000 + guess) ack")) }
    #expect(try !notifier.answer(text("\(code) ack")).taken)
    func guessers() -> Int {
      notifier.rules.condensed().reduce(0) { if case .answers(let kept) = $1.kind { kept.guessers.count } else { $0 } }
    }
    #expect(guessers() == 1_201)
    notifier.now = notifier.now + .minutes(11)
    try notifier.answer(AnswerGiven(channel: "email", token: "1.email.9.x.0"))
    #expect(refusals(notifier).last?.sender == "forged/link" && guessers() == 2, "whose time is over is forgotten")
  }

  @Test mutating func whoGuessesIsNotListenedToAndPeopleAreTold() throws {
    let code = try page().code
    for guess in 0..<5 {
      #expect(try !notifier.answer(text("\(900_000 + guess) ack")).taken)
      notifier.now = notifier.now + .seconds(20)
    }
    let told = try notifier.answer(text("\(code) ack"))
    #expect(!told.taken && told.words.contains("too many wrong answers") && notifier.answersOwed.isEmpty)
    #expect(
      posts.count == 2 && posts.allSatisfy { $0.contains("from the number of ana were wrong") }, "\(posts)")
    #expect(posts.contains { $0.hasPrefix("#platform-alerts ") } && posts.contains { $0.hasPrefix("email ana") })
    #expect(notifier.said.contains("03:00:00 push -> ana") && notifier.states.contains("sms planned"))
    let records = refusals(notifier).count
    for guess in 0..<1_000 { try notifier.answer(text("\(900_000 + guess) ack")) }
    #expect(refusals(notifier).count == records && records == 5)
    notifier.now = notifier.now + .minutes(31)
    #expect(try notifier.answer(text("\(code) ack")).taken)
  }

  @Test mutating func forgedTokensAreAlarmedOnceAndBlockNobody() throws {
    let token = try page(.wanted("ana", .sev3, channels: ["email"])).token(.acknowledge)
    for number in 0..<500 { try notifier.answer(AnswerGiven(channel: "email", token: "1.email.9.x.\(number)")) }
    #expect(refusals(notifier).count == 5 && posts.count == 1)
    #expect(try notifier.answer(AnswerGiven(channel: "email", token: token)).taken)
  }

  @Test mutating func whatAsksForNoAnswerTakesNone() throws {
    try notifier.page(.wanted("ana", id: "2f-9", .sev1, .headsUp))
    #expect(notifier.attempts.allSatisfy { $0.ways == nil })
    var other = Page.wanted(id: "cover-1")
    other.answeredBy = "tocsinctl cover assign"
    try notifier.page(other)
    #expect(notifier.attempts.allSatisfy { $0.ways == nil })
  }

  @Test mutating func withoutCallbacksPagesSayWhatTheyAlwaysSaid() throws {
    var plain = Notifier()
    try plain.page(.wanted(channels: ["sms"]))
    #expect(plain.attempts[0].text.hasSuffix("; ack 2f-1k") && plain.attempts[0].ways == nil)
    #expect(throws: Refusal.self) { try plain.answer(text("123456 ack")) }
  }

  @Test mutating func pagesSayHowTheyAreAnswered() throws {
    try notifier.page(.wanted(channels: ["sms", "voice", "email"]))
    let texts = Dictionary(notifier.attempts.map { ($0.channel, $0.text) }, uniquingKeysWith: { first, _ in first })
    let code = try #require(notifier.attempts[0].ways?.code)
    #expect(texts["sms"] == "[SEV-1] aion-ai-inference: no ready pods (2f-1k); reply \(code) ack")
    #expect(texts["voice"]?.hasSuffix("Press 4 to acknowledge, 5 to escalate, 6 to resolve.") == true)
    #expect(texts["email"]?.contains("\nResolve: https://tocsin.example.com/answer/3.email.") == true)
  }

  // MARK: Digests

  /// What reaches Ana by one channel of nine incidents within a minute: the last message tells of three.
  private mutating func digest(by channel: String) throws -> Attempt {
    for number in 1...9 {
      try notifier.page(.wanted("ana", id: "2f-\(number)", number == 8 ? .sev2 : .sev3, channels: [channel]))
    }
    notifier.wait(.minutes(1))
    return try #require(notifier.attempts.last { $0.channel == channel && $0.count == 3 })
  }

  @Test mutating func aDigestByTextHasACodeForEachAndOneAnswersOneAlone() throws {
    let digest = try digest(by: "sms")
    let codes = digest.waysOfEach.map(\.ways.code)
    #expect(digest.waysOfEach.map(\.incident) == ["2f-8", "2f-7", "2f-9"] && Set(codes).count == 3)
    #expect(
      digest.text == """
        [SEV-2] 3 incidents: aion-ai-inference 3 (2f-8 \(codes[0]), 2f-7 \(codes[1]), 2f-9 \(codes[2])); \
        reply a code to ack that one
        """)
    #expect(digest.text.count <= 160)
    #expect(try notifier.answer(text("\(codes[1])")).taken)
    #expect(notifier.answersOwed.map(\.incidentId) == ["2f-7"])
    #expect(try notifier.answer(text("\(codes[2]) ack")).taken)
    #expect(notifier.answersOwed.map(\.incidentId) == ["2f-7", "2f-9"])
  }

  @Test mutating func aDigestByMailHasALinkForEach() throws {
    let digest = try digest(by: "email")
    let links = digest.text.matches(of: /Acknowledge: https:\/\/tocsin\.example\.com\/answer\/(\S+)/).map {
      String($0.1)
    }
    #expect(links.count == 3 && !digest.text.contains("tocsinctl"))
    for (link, incident) in zip(links, ["2f-8", "2f-7", "2f-9"]) {
      let told = try notifier.answer(AnswerGiven(channel: "email", token: link))
      #expect(told.taken && told.incidentId == incident)
    }
  }

  @Test mutating func aCallAboutSeveralIsAnsweredForTheWorst() throws {
    let digest = try digest(by: "voice")
    #expect(digest.text.hasSuffix("Incident 2f-8. For that one, press 4 to acknowledge, 5 to escalate, 6 to resolve."))
    let keys = try #require(digest.waysOfEach.first?.ways.token(.unspecified))
    let told = try notifier.answer(AnswerGiven(channel: "voice", sender: "ana-voice", token: keys, text: "4"))
    #expect(told.taken && told.incidentId == "2f-8")
  }

  @Test mutating func noCheckpointHoldsTheSecretOrANumber() throws {
    let code = try page().code
    try notifier.answer(text("\(code) ack"))
    try notifier.answer(text("123456 ack", from: "+15550000000"))
    let kept = "\(notifier.rules.condensed())"
    #expect(!kept.contains("+1555") && !kept.contains(code))
    #expect("\(Self.terms)".contains("a sealing secret"))
  }
}
