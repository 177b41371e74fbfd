import Messages
import Notifying
import Testing

/// Answers that were good once are counted apart from guesses: neither keeps the other from being recorded and told of (N4).
@Suite struct UsedUpAnswerTests {
  private var notifier = Notifier(.team, terms: AnswerTests.terms)

  private var posts: [String] {
    notifier.attempts.filter { $0.tier == 0 }.map { "\($0.channel) \($0.person): \($0.text)" }
  }

  private var refusals: [AnswerRefused] {
    notifier.facts.compactMap { if case .answerRefused(let refused) = $0.fact.kind { refused } else { nil } }
  }

  /// A button that its person used long ago.
  private mutating func usedUp(_ incident: String = "2f-1k") throws -> AnswerGiven {
    try notifier.page(.wanted("ana", id: incident, .sev3, channels: ["slack"], at: notifier.now))
    let token = try #require(notifier.attempts.last { $0.incidentId == incident }?.ways).token(.acknowledge)
    let given = AnswerGiven(channel: "slack", sender: "ana-slack", token: token)
    #expect(try notifier.answer(given).taken)
    notifier.escalatorSays(.ok, "acknowledged; paging stops")
    notifier.now = notifier.now + .minutes(2)
    return given
  }

  @Test mutating func strangersThatTakeAllTheirPlacesKeepNoReplayFromBeingRecorded() throws {
    let given = try usedUp()
    for number in 0..<1_100 {
      try notifier.answer(AnswerGiven(channel: "slack", sender: "U\(number)", token: given.token))
    }
    #expect(refusals.count == 1_000, "their places are taken")
    for _ in 1...9 { #expect(try !notifier.answer(given).taken) }
    let replays = refusals.dropFirst(1_000)
    #expect(replays.count == 5 && replays.allSatisfy { $0.sender == "used-up/ana" && $0.pageId == "2f-1k/ana/1" })
    #expect(posts.count { $0.contains("Somebody may be replaying") } == 2)
    #expect(posts.count == 3, "and Ana of the first press by somebody else, once: \(posts)")
  }

  /// The first that is proven is told to the person whose page it was, and not the next within half an hour.
  @Test mutating func whosePageItWasHearsOfTheFirstPress() throws {
    let given = try usedUp()
    for stranger in ["U1", "U2", "U3"] {
      try notifier.answer(AnswerGiven(channel: "slack", sender: stranger, token: given.token))
    }
    let told =
      "email ana: Tocsin: an answer to your page 2f-1k/ana/1, by slack, was refused: it is somebody else's page. Nothing is changed. "
      + "If that wasn't you, somebody has what isn't theirs; \"tocsinctl page show 2f-1k/ana/1\" has each. More of the kind is not "
      + "told of for 30 min."
    #expect(posts == [told])
    #expect(refusals.map(\.told) == [true, false, false])
    notifier.takeOver()
    try notifier.answer(AnswerGiven(channel: "slack", sender: "U4", token: given.token))
    #expect(posts.count == 1, "a checkpoint forgets nobody who was told")
    let shown = try notifier.rules.showPage(ShowPageRequest(pageId: "2f-1k/ana/1"))
    #expect(shown.refused.map(\.reason) == Array(repeating: "it is somebody else's page", count: 4))
    #expect(shown.refused.allSatisfy { $0.channel == "slack" && $0.at == notifier.now })
    notifier.now = notifier.now + .minutes(31)
    try notifier.answer(AnswerGiven(channel: "slack", sender: "U1", token: given.token))
    #expect(posts.count == 2)
  }

  /// However many there were.
  @Test mutating func aPageShowsTheLastAnswersToItThatWereRefused() throws {
    try notifier.page(.wanted("ana", .sev3, channels: ["email"]))
    let token = try #require(notifier.attempts.last?.ways).token(.acknowledge)
    notifier.now = notifier.now + .hours(24)
    for _ in 1...7 {
      for _ in 1...3 { try notifier.answer(AnswerGiven(channel: "email", token: token)) }
      notifier.now = notifier.now + .minutes(11)
    }
    let shown = try notifier.rules.showPage(ShowPageRequest(pageId: "2f-1k/ana/1"))
    #expect(shown.refused.count == 16 && Set(shown.refused.map(\.reason)) == ["its token has expired"])
    #expect(shown.refused.map(\.at) == shown.refused.map(\.at).sorted())
  }

  /// As many people as there are places, and one more: nobody is kept from being recorded but of the same kind.
  @Test mutating func replaysThatTakeAllTheirPlacesKeepNoStrangerFromBeingRecorded() throws {
    let given = try usedUp()
    for number in 0..<10_000 {
      notifier.rules.apply(
        NotificationFact(
          kind: .answerRefused(
            AnswerRefused(
              channel: "email", sender: "used-up/p\(number)", person: "p\(number)", pageId: "2f-1/p\(number)/1",
              reason: "its token has expired", guess: true))), at: notifier.now)
    }
    try notifier.answer(given)
    #expect(refusals.isEmpty, "there is no place for one more")
    for _ in 1...9 { try notifier.answer(AnswerGiven(channel: "slack", sender: "U1", token: given.token)) }
    #expect(refusals.count == 5 && Set(refusals.map(\.reason)) == ["it is somebody else's page"])
    #expect(posts.contains { $0.contains("Somebody may be guessing") }, "\(posts)")
    notifier.now = notifier.now + .minutes(11)
    try notifier.answer(given)
    #expect(refusals.last?.sender == "used-up/ana", "whose time is over is in nobody's way")
    let kept = notifier.rules.condensed().flatMap { fact -> [Guesser] in
      if case .answers(let kept) = fact.kind { kept.guessers } else { [] }
    }
    #expect(Set(kept.map(\.sender)).contains("used-up/ana") && kept.count == 2, "and is forgotten")
  }

  /// However many of their pages are shown again.
  @Test mutating func oneAlarmPerPersonAndHalfHour() throws {
    let all = try ["2f-1", "2f-2", "2f-3"].map { try usedUp($0) }
    for _ in 1...7 { for given in all { #expect(try !notifier.answer(given).taken) } }
    #expect(refusals.count == 5 && Set(refusals.map(\.pageId)).count == 3)
    #expect(posts.count == 2, "\(posts)")
    notifier.now = notifier.now + .minutes(29)
    for _ in 1...7 { try notifier.answer(all[0]) }
    #expect(posts.count == 2)
    notifier.now = notifier.now + .minutes(2)
    notifier.takeOver()
    for _ in 1...7 { try notifier.answer(all[0]) }
    #expect(refusals.count == 10 && posts.count == 4, "\(posts)")
  }
}
