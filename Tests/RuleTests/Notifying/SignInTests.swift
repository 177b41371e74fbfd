import Machinery
import Messages
import Notifying
import Testing

/// A code for signing in goes to the person's own channel, and is used once.
@Suite struct SignInTests {
  private static let ask = String(repeating: "0f", count: 16)
  private static let other = String(repeating: "0e", count: 16)

  private static func request(_ person: String = "ana", _ channel: String = "", ask: String = ask) -> SignInRequest {
    SignInRequest(
      person: person, channel: channel, ask: ask, code: "12345678", link: "https://tocsin.example.com/sign-in/link/a/b",
      from: "203.0.113.7")
  }

  private static func enter(
    _ notifier: inout Notifier, _ code: String = "12345678", ask: String = ask
  ) throws -> SignInReply {
    guard case .signedIn(let reply) = try notifier.decided(.signIn(.enter(SignInEntry(ask: ask, code: code)))) else {
      return SignInReply(person: "no reply")
    }
    return reply
  }

  @Test func theCodeGoesByTheOwnChannelAndIsUsedOnce() throws {
    var notifier = Notifier()
    _ = try notifier.decided(.signIn(.ask(Self.request())))
    let attempt = try #require(notifier.attempts.last)
    #expect(attempt.person == "ana" && attempt.channel == "push")
    #expect(
      attempt.text.contains("1234 5678") && attempt.text.contains("203.0.113.7")
        && attempt.text.contains("/sign-in/link/a/b"))
    #expect(try Self.enter(&notifier, "12345679").person == "")
    let reply = try Self.enter(&notifier)
    #expect(reply.person == "ana" && reply.generation == 1 && !reply.name.isEmpty)
    #expect(try Self.enter(&notifier).person == "", "a code is used once")
  }

  @Test func itGoesByTheChannelThatWasWished() throws {
    var notifier = Notifier()
    _ = try notifier.decided(.signIn(.ask(Self.request("ana", "email"))))
    #expect(notifier.attempts.last?.channel == "email")
    _ = try notifier.decided(.signIn(.ask(Self.request("ana", "pigeon", ask: Self.other))))
    #expect(notifier.attempts.last?.channel == "push")
  }

  /// Whoever knows a name can ask: nobody's phone rings for that while there is another way.
  @Test func noPhoneRingsForIt() throws {
    var notifier = Notifier()
    for (number, channel) in ["sms", "voice"].enumerated() {
      let ask = String(repeating: "b\(number)", count: 16)
      _ = try notifier.decided(.signIn(.ask(Self.request("ana", channel, ask: ask))))
      #expect(notifier.attempts.last?.channel == "push")
    }
    var phoneOnly = NotificationConfiguration.team
    phoneOnly.contacts = [Contact(person: "ana", methods: [ContactMethod(channel: "sms", address: "ana-sms")])]
    notifier = Notifier(phoneOnly)
    _ = try notifier.decided(.signIn(.ask(Self.request())))
    let attempt = try #require(notifier.attempts.last)
    #expect(
      attempt.channel == "sms" && !attempt.text.contains("https") && attempt.text.utf8.count <= 160, "\(attempt.text)")
  }

  /// Readers of the ledger must not sign in as somebody.
  @Test func noReaderOfTheLedgerSeesTheCode() throws {
    var notifier = Notifier()
    _ = try notifier.decided(.signIn(.ask(Self.request())))
    let pages = try notifier.rules.listPages(ListPagesRequest())
    let id = try #require(pages.deliveries.first?.pageId)
    let shown = try notifier.rules.showPage(ShowPageRequest(pageId: id))
    let title = try #require(notifier.attempts.last?.title)
    for words in [
      "\(pages)", "\(shown)", title, "\(notifier.rules.channelStatus(ChannelStatusRequest(), at: notifier.now))",
    ] {
      for secret in ["1234 5678", "12345678", Self.ask, "/sign-in/link"] {
        #expect(!words.contains(secret), "\(words)")
      }
    }
    #expect(shown.about.contains("sign in"))
  }

  @Test func fiveWrongOnesUseTheRightOneUp() throws {
    var notifier = Notifier()
    _ = try notifier.decided(.signIn(.ask(Self.request())))
    for _ in 0..<5 { #expect(try Self.enter(&notifier, "00000000").person == "") }
    #expect(try Self.enter(&notifier).person == "")
  }

  /// Five at a time for as long as anybody asks: after twenty of a day no code is sent, and that is all that ends.
  @Test func twentyWrongOnesADayAreAllThatAnybodyHas() throws {
    var notifier = Notifier()
    var asks = 0
    func guess(_ notifier: inout Notifier, wrong: Int) throws {
      asks += 1
      notifier.now = notifier.now + .minutes(16)
      let ask = String(repeating: "\(10 + asks)", count: 16)
      _ = try notifier.decided(.signIn(.ask(Self.request(ask: ask))))
      for _ in 0..<wrong { #expect(try Self.enter(&notifier, "00000000", ask: ask).person == "") }
    }
    func sent() -> Int { notifier.attempts.count { $0.text.contains("is your code") } }
    for _ in 0..<3 { try guess(&notifier, wrong: 5) }
    // What is entered for no code that was sent counts for nobody.
    for _ in 0..<50 { _ = try Self.enter(&notifier, "00000000", ask: Self.other) }
    try guess(&notifier, wrong: 4)
    // A code that is on its way is its person's still, whoever guesses meanwhile.
    let last = String(repeating: "77", count: 16)
    _ = try notifier.decided(.signIn(.ask(Self.request(ask: last))))
    #expect(!notifier.attempts.contains { $0.text.contains("wrong codes") })
    #expect(try Self.enter(&notifier, "00000000", ask: String(repeating: "14", count: 16)).person == "")
    let told = notifier.attempts.filter { $0.text.contains("20 wrong codes") }
    #expect(Set(told.map(\.person)).contains("ana") && told.contains { $0.person.isEmpty })
    for words in ["No more codes are sent for 2", "pages come and are answered as ever"] {
      #expect(told.allSatisfy { $0.text.contains(words) }, "\(told.map(\.text))")
    }
    let before = sent()
    try guess(&notifier, wrong: 0)
    #expect(sent() == before, "no code is sent any more")
    // Others are, and so is this one when the day is over.
    _ = try notifier.decided(.signIn(.ask(Self.request("ben", ask: String(repeating: "b0", count: 16)))))
    #expect(sent() == before + 1)
    notifier.now = notifier.now + .hours(24)
    try guess(&notifier, wrong: 1)
    #expect(sent() == before + 2)
  }

  @Test func theRightCodeForgivesWhatWasMistyped() throws {
    var notifier = Notifier()
    for number in 10..<20 {
      notifier.now = notifier.now + .minutes(16)
      let ask = String(repeating: "\(number)", count: 16)
      _ = try notifier.decided(.signIn(.ask(Self.request(ask: ask))))
      for _ in 0..<4 { _ = try Self.enter(&notifier, "00000000", ask: ask) }
      #expect(try Self.enter(&notifier, ask: ask).person == "ana")
    }
    #expect(!notifier.attempts.contains { $0.text.contains("wrong codes") })
  }

  /// Whoever has signed in, or their lead, opens again what strangers have shut.
  @Test func whoSignsOutEverywhereGetsCodesAgain() throws {
    var notifier = Notifier()
    for number in 10..<14 {
      notifier.now = notifier.now + .minutes(16)
      let ask = String(repeating: "\(number)", count: 16)
      _ = try notifier.decided(.signIn(.ask(Self.request(ask: ask))))
      for _ in 0..<5 { _ = try Self.enter(&notifier, "00000000", ask: ask) }
    }
    var restored = Notifications()
    for fact in notifier.rules.condensed() { restored.apply(fact, at: notifier.now) }
    let later = notifier.now + .minutes(20)
    #expect(try restored.decide(.signIn(.ask(Self.request())), at: later).facts.isEmpty, "a checkpoint forgets nothing")
    notifier.rules.clockStepped(by: .days(3))
    notifier.now = notifier.now + .days(3) + .minutes(20)
    #expect(
      try notifier.rules.decide(.signIn(.ask(Self.request())), at: notifier.now).facts.isEmpty,
      "a clock that is set is no day")
    _ = try notifier.decided(.signIn(.signOut(SignOutRequest(by: "ana"))))
    #expect(try !notifier.rules.decide(.signIn(.ask(Self.request())), at: notifier.now).facts.isEmpty)
  }

  private static func session(_ number: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: 32 - text.count) + text
  }

  @Test func aSessionThatIsEndedIsToldUntilItsTimeIsOver() throws {
    var notifier = Notifier()
    func ended() -> [String] { notifier.rules.checkSignIn(SignInCheck(person: "ana")).ended }
    func end(_ number: Int, for span: Span = .days(14)) throws {
      _ = try notifier.decided(
        .signIn(.signOut(SignOutRequest(by: "ana", session: Self.session(number), untilAt: notifier.now + span))))
    }
    try end(1, for: .hours(1))
    try end(2)
    try end(2)
    #expect(ended() == [Self.session(1), Self.session(2)])
    #expect(notifier.rules.checkSignIn(SignInCheck(person: "ana")).generation == 1)
    #expect(notifier.rules.checkSignIn(SignInCheck(person: "ben")).ended.isEmpty)
    var restored = Notifications()
    for fact in notifier.rules.condensed() { restored.apply(fact, at: notifier.now) }
    #expect(restored == notifier.rules && restored.checkSignIn(SignInCheck(person: "ana")).ended == ended())
    // A clock that was set makes no session of the past hold.
    notifier.rules.clockStepped(by: .days(2))
    notifier.now = notifier.now + .days(2)
    try end(3)
    #expect(ended() == [Self.session(2), Self.session(3)])
    _ = try notifier.decided(.signIn(.signOut(SignOutRequest(by: "ana"))))
    #expect(ended().isEmpty && notifier.rules.checkSignIn(SignInCheck(person: "ana")).generation == 2)
    for wrong in [
      SignOutRequest(by: "ana", session: "x", untilAt: notifier.now + .days(1)),
      SignOutRequest(by: "ana", session: Self.session(4), untilAt: notifier.now),
      SignOutRequest(by: "ana", session: Self.session(4), untilAt: notifier.now + .days(32)),
    ] { #expect(throws: Refusal.self) { try notifier.rules.decide(.signIn(.signOut(wrong)), at: notifier.now) } }
  }

  /// None comes to life again for want of room.
  @Test func whoEndsVeryManyEndsAll() throws {
    var notifier = Notifier()
    for number in 1...50 {
      _ = try notifier.decided(
        .signIn(
          .signOut(SignOutRequest(by: "ana", session: Self.session(number), untilAt: notifier.now + .days(14)))))
    }
    #expect(notifier.rules.checkSignIn(SignInCheck(person: "ana")).ended.count == 50)
    _ = try notifier.decided(
      .signIn(.signOut(SignOutRequest(by: "ana", session: Self.session(51), untilAt: notifier.now + .days(14)))))
    let reply = notifier.rules.checkSignIn(SignInCheck(person: "ana"))
    #expect(reply.ended.isEmpty && reply.generation == 2)
  }

  @Test func itHoldsForTenMinutesWhateverTheClockOnTheWallDoes() throws {
    var notifier = Notifier()
    _ = try notifier.decided(.signIn(.ask(Self.request())))
    notifier.rules.clockStepped(by: .hours(1))
    notifier.now = notifier.now + .hours(1) + .minutes(9)
    #expect(try Self.enter(&notifier).person == "ana")
    _ = try notifier.decided(.signIn(.ask(Self.request(ask: Self.other))))
    notifier.now = notifier.now + .minutes(10)
    #expect(try Self.enter(&notifier, ask: Self.other).person == "")
  }

  @Test func nobodyGetsMoreThanFiveInAQuarterOfAnHour() throws {
    var notifier = Notifier()
    for number in 0..<7 {
      notifier.now = notifier.now + .minutes(1)
      let ask = String(repeating: "a\(number)", count: 16)
      _ = try notifier.decided(.signIn(.ask(Self.request(ask: ask))))
    }
    #expect(notifier.attempts.count == 5)
    notifier.now = notifier.now + .minutes(15)
    _ = try notifier.decided(.signIn(.ask(Self.request())))
    #expect(notifier.attempts.count == 6)
  }

  @Test func whoeverIsNotKnownGetsTheSameAnswerAndNothingElse() throws {
    var notifier = Notifier()
    let (known, unknown) = (
      try notifier.decided(.signIn(.ask(Self.request()))),
      try notifier.decided(.signIn(.ask(Self.request("mallory", ask: Self.other))))
    )
    #expect(known == unknown && notifier.attempts.count == 1)
    #expect(try Self.enter(&notifier, ask: Self.other).person == "")
    #expect(notifier.rules.checkSignIn(SignInCheck(person: "mallory")) == SignInReply())
  }

  @Test func whoSignsOutIsOutEverywhereAndSoIsACodeOnItsWay() throws {
    var notifier = Notifier()
    _ = try notifier.decided(.signIn(.ask(Self.request())))
    #expect(notifier.rules.checkSignIn(SignInCheck(person: "ana")).generation == 1)
    _ = try notifier.decided(.signIn(.signOut(SignOutRequest(by: "ana"))))
    #expect(notifier.rules.checkSignIn(SignInCheck(person: "ana")).generation == 2)
    #expect(try Self.enter(&notifier).person == "")
    #expect(throws: Refusal.self) { try notifier.decided(.signIn(.signOut(SignOutRequest(by: "mallory")))) }
  }

  @Test func whatIsUsedUpStaysSoInACheckpoint() throws {
    var notifier = Notifier()
    _ = try notifier.decided(.signIn(.ask(Self.request())))
    _ = try notifier.decided(.signIn(.ask(Self.request(ask: Self.other))))
    _ = try Self.enter(&notifier)
    _ = try notifier.decided(.signIn(.signOut(SignOutRequest(by: "ben"))))
    var restored = Notifications()
    for fact in notifier.rules.condensed() { restored.apply(fact, at: notifier.now) }
    #expect(restored == notifier.rules)
    #expect(restored.checkSignIn(SignInCheck(person: "ben")).generation == 2)
    let again = try restored.decide(.signIn(.enter(SignInEntry(ask: Self.ask, code: "12345678"))), at: notifier.now)
    #expect(again.facts.isEmpty)
  }

  @Test(arguments: [
    SignInRequest(person: "ana", ask: "00", code: "12345678"),
    SignInRequest(person: "ana", ask: ask, code: "1234567"), SignInRequest(person: "ana", ask: ask, code: "1234567a"),
    SignInRequest(person: "ana", ask: ask, code: "12345678", link: "javascript:x"),
  ])
  func whatIsNoRequestIsRefused(request: SignInRequest) {
    let notifier = Notifier()
    #expect(throws: Refusal.self) { try notifier.rules.decide(.signIn(.ask(request)), at: notifier.now) }
  }
}
