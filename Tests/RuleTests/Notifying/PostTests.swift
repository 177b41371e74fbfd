import Machinery
import Messages
import Notifying
import Testing

/// Words for team channels, the status page, a ticket, and quiet words for one person (requirement N6).
@Suite struct PostTests {
  @Test func aPostGoesToItsChannelOnceAndIsTriedAgain() throws {
    var notifier = Notifier(answering: { $0.number < 3 ? (.unavailable, "503", nil) : (.ok, "", nil) })
    let post = Post(
      id: "2f-1k#1", channel: "#incidents", text: "ESCALATION TO SECONDARY\nReason: x", incidentId: "2f-1k")
    try notifier.post(post)
    notifier.wait(.minutes(1))
    try notifier.post(post)
    #expect(notifier.attempts.map(\.number) == [1, 2, 3])
    #expect(notifier.attempts[0].address == "#incidents")
    #expect(notifier.attempts[0].text == "ESCALATION TO SECONDARY\nReason: x")
    #expect(notifier.attempts[0].title == "ESCALATION TO SECONDARY")
    #expect(notifier.states == ["#incidents handedOver"] && notifier.receipts.isEmpty)
  }

  @Test func channelsGoByTheirOwnRouteElseByTheOneForAllOthers() throws {
    var configuration = NotificationConfiguration.team
    configuration.channels = [
      ChannelRoute(channel: "ticket", provider: "webhook", url: "https://tickets.example", secretFile: "key"),
      ChannelRoute(channel: "*", provider: "console"),
    ]
    var notifier = Notifier(configuration)
    try notifier.post(Post(id: "a", channel: "ticket", text: "x"))
    try notifier.post(Post(id: "b", channel: "status-page", text: "x"))
    #expect(notifier.attempts.map(\.route.provider) == ["webhook", "console"])
  }

  @Test func wordsForOnePersonGoToAQuietChannelIfThereIsOne() throws {
    var notifier = Notifier()
    try notifier.post(Post(id: "a", text: "your shift begins in an hour", person: "ana"))
    try notifier.post(Post(id: "b", text: "your shift begins in an hour", person: "ben"))
    #expect(notifier.said == ["03:00:00 email -> ana", "03:00:00 email -> ben"])
  }

  @Test func aTeamChannelIsTriedForHours() throws {
    for status in [Status.unavailable, .failedPrecondition] {
      var notifier = Notifier(answering: { _ in (status, "out of order", nil) })
      try notifier.post(Post(id: "a", channel: "#incidents", text: "x"))
      notifier.wait(.hours(6))
      let waits = zip(notifier.attempts, notifier.attempts.dropFirst()).map { $1.at - $0.at }
      #expect(waits.allSatisfy { $0 <= .milliseconds(750_000) } && notifier.attempts.count < 60, "\(status)")
      if status == .unavailable { #expect(waits[0] < .seconds(3)) } else { #expect(waits[0] >= .minutes(10)) }
      notifier.answering = Notifier.taken
      notifier.wait(.minutes(15))
      #expect(notifier.states == ["#incidents handedOver"])
    }
  }

  @Test func aTeamChannelThatIsOutOfOrderForADayIsGivenUpAndListed() throws {
    var notifier = Notifier(answering: { _ in (.unavailable, "503", nil) })
    try notifier.post(Post(id: "a", channel: "#incidents", text: "x"))
    notifier.wait(.hours(12))
    #expect(notifier.states == ["#incidents failed"] && notifier.rules.openCount == 0)
    #expect(notifier.deliveries()[0].words == "given up after 56 tries: 503")
    #expect(notifier.attempts[55].at - notifier.attempts[0].at >= .hours(7))
  }

  @Test func wordsForOnePersonFallThroughTheirChannels() throws {
    var notifier = Notifier(answering: { $0.channel == "push" ? (.ok, "", nil) : (.notFound, "gone", nil) })
    try notifier.post(Post(id: "a", text: "nobody holds Monday", person: "ana"))
    notifier.wait(.minutes(1))
    #expect(notifier.said == ["email", "slack", "push"].map { "03:00:00 \($0) -> ana" })
    #expect(
      notifier.states == [
        "email failed", "slack failed", "push handedOver", "sms cancelled", "voice cancelled",
      ])
    #expect(notifier.rules.nextDeadline == Notifier.start + .hours(24))
  }

  @Test func wordsForOnePersonWhoNoChannelReachesAreTriedForHours() throws {
    var notifier = Notifier(answering: { _ in (.unavailable, "503", nil) })
    try notifier.post(Post(id: "a", text: "nobody holds Monday", person: "ben"))
    notifier.wait(.hours(4))
    notifier.answering = Notifier.taken
    notifier.wait(.minutes(15))
    #expect(notifier.states == ["email failed", "sms handedOver"])
  }

  @Test func aPostWhoseOutcomeNobodyKnowsIsRepeatedOnce() throws {
    var notifier = Notifier(answering: { _ in (.unknown, "no answer", nil) })
    try notifier.post(Post(id: "a", channel: "#incidents", text: "x"))
    notifier.wait(.days(1))
    #expect(notifier.attempts.map(\.text) == ["x", "(possible repeat) x"])
  }

  @Test func wordsForSomebodyWhoCannotBeReachedAreRefused() throws {
    var notifier = Notifier()
    #expect(throws: Refusal(.failedPrecondition, "eli has no contact method", field: "person")) {
      try notifier.post(Post(id: "a", text: "x", person: "eli"))
    }
    #expect(notifier.facts.count == 1)
  }

  @Test func afterACrashAPostIsSentAgainAndSaysSo() throws {
    var notifier = Notifier(answering: { _ in nil })
    try notifier.post(Post(id: "a", channel: "#incidents", text: "x"))
    notifier.restart()
    #expect(notifier.attempts.map(\.text) == ["x", "(possible repeat) x"])
  }

  @Test func theLedgerOfOneIncidentIsListed() throws {
    var notifier = Notifier()
    try notifier.page(.wanted())
    try notifier.page(.wanted("ana", id: "2f-2"))
    try notifier.post(Post(id: "2f-2#1", channel: "#incidents", text: "x", incidentId: "2f-2"))
    #expect(notifier.deliveries("2f-2").map(\.channel) == ["#incidents", "push", "sms", "voice"])
    #expect(notifier.deliveries("2f-2").allSatisfy { $0.incidentId == "2f-2" })
    #expect(try notifier.rules.listPages(ListPagesRequest(openOnly: true)).open == 2)
    #expect(throws: Refusal.self) { try notifier.rules.listPages(ListPagesRequest(limit: 10_001)) }
  }

  @Test func laterPostsOfAnIncidentKnowTheFirstInTheirChannel() throws {
    var notifier = Notifier()
    func post(_ id: String, _ channel: String = "#incidents", _ incident: String = "2f-1k") -> Post {
      Post(id: id, channel: channel, text: "words of \(id)", incidentId: incident, postedAt: notifier.now)
    }
    for one in [post("p1"), post("p2"), post("p3", "#platform"), post("p4", "#incidents", "2f-2k"), post("p5")] {
      try notifier.post(one)
    }
    let head = Notifier.start == notifier.now ? "#incidents-1" : ""
    #expect(notifier.attempts.map { $0.thread?.headID ?? "-" } == ["-", head, "-", "-", head])
    #expect(notifier.attempts[1].thread?.text == "words of p1")
    var restored = Notifications()
    for fact in notifier.rules.condensed() { restored.apply(fact, at: notifier.now) }
    notifier.rules = restored
    try notifier.post(post("p6"))
    #expect(notifier.attempts.last?.thread?.headID == head)
    notifier.wait(.hours(25))
    try notifier.post(post("p7"))
    #expect(notifier.attempts.last?.thread == nil)
  }

  @Test func aFirstPostThatIsFoundByAskingBeginsTheConversation() throws {
    var team = NotificationConfiguration.team
    team.channels = [ChannelRoute(channel: "#incidents", provider: "slack", secretFile: "key")]
    var notifier = Notifier(team, answering: { _ in (.unknown, "504", nil) })
    notifier.telling = { _, _ in .init(.ok, "posted", id: "T1") }
    try notifier.post(Post(id: "p1", channel: "#incidents", text: "x", incidentId: "2f-1k", postedAt: notifier.now))
    notifier.answering = Notifier.taken
    try notifier.post(Post(id: "p2", channel: "#incidents", text: "y", incidentId: "2f-1k", postedAt: notifier.now))
    // Slack takes a message a second.
    notifier.wait(.seconds(2))
    #expect(notifier.said == ["03:00:00 #incidents -> ", "03:00:00 #incidents? ", "03:00:01 #incidents -> "])
    #expect(notifier.attempts.last?.thread?.headID == "T1")
  }
}
