import Escalating
import Messages
import Testing

/// Reminders and words for information: what is over is taken back, and nothing else is.
@Suite struct WordsTests {
  @Test(arguments: [true, false])
  func aReminderThatTheNextOneReplacesIsTakenBackWhileTheNotifierIsStillTryingIt(isTrying: Bool) throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    escalator.wait(.minutes(20))
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(5))
    let earlier = try #require(escalator.incident().pages.last { $0.purpose == .reminder })
    try escalator.fares(earlier.pageId, of: "ana", .reminder, isTrying: isTrying)
    escalator.wait(.minutes(5))
    #expect(escalator.said.last == "11-25 10:30:00 reminder ana")
    #expect(escalator.takenBack.contains(earlier.pageId) == isTrying)
  }

  @Test func wordsForInformationTakeNoReminderBack() throws {
    var escalator = Escalator(timelines: [.platform(holders: [1: "lee", 2: "ben"], executives: [])])
    escalator.alert(.sev3)
    escalator.wait(.minutes(20))
    try escalator.acknowledge(by: "lee")
    escalator.wait(.minutes(5))
    let reminder = try #require(escalator.incident().pages.last { $0.purpose == .reminder })
    try escalator.escalate(by: "lee", to: 2)
    try escalator.cannotReach("ben")
    #expect(escalator.said.contains("11-25 10:25:00 tell lee"))
    #expect(!escalator.takenBack.contains(reminder.pageId))
  }

  @Test func aHeadsUpThatIsStillTriedIsTakenBackHoweverManyPagesCameSince() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.wait(.minutes(5))
    let headsUp = try #require(escalator.incident().pages.last { $0.purpose == .headsUp })
    try escalator.fares(headsUp.pageId, of: headsUp.person, .headsUp, isTrying: true)
    escalator.wait(.hours(1))
    try escalator.resolve(by: "ana")
    #expect(escalator.takenBack.contains(headsUp.pageId))
  }
}

extension Escalator {
  /// The ids of pages that the notifier was told to give up.
  var takenBack: Set<String> {
    Set(paid.compactMap { if case .page(let page) = $0, !page.wanted { page.id } else { nil } })
  }

  fileprivate mutating func fares(
    _ page: String, of person: String, _ purpose: PagePurpose, isTrying: Bool
  ) throws(Refusal) {
    try ask(
      .receipt(
        PageReceipt(
          pageId: page, incidentId: "2f-1", generation: 1, channel: "slack",
          outcome: isTrying ? "being tried again" : "handed over", happenedAt: now, person: person, wanted: isTrying,
          purpose: purpose)))
  }
}
