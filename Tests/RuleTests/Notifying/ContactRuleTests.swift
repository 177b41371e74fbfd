import Machinery
import Messages
import Notifying
import Testing

/// Channels that are kept for some severities (requirement P5): the person's next one is used instead, and nobody is skipped.
@Suite struct ContactRuleTests {
  /// Vera's phone is for a SEV-1 only, Mia's for emergencies, as in the procedure's list.
  private static let list = team([
    contact("vera", ["push", "sms", "voice", "email", "slack"], ["sms": [.sev1], "voice": [.sev1]]),
    contact("mia", ["push", "sms", "voice", "email", "slack"], ["sms": [.sev1, .sev2], "voice": [.sev1, .sev2]]),
  ])

  private static func team(_ contacts: [Contact]) -> NotificationConfiguration {
    NotificationConfiguration(contacts: contacts)
  }

  private static func contact(
    _ person: String, _ channels: [String], _ only: [String: [Severity]], rules: [PersonalRule] = []
  ) -> Contact {
    Contact(
      person: person, methods: channels.map { ContactMethod(channel: $0, address: "\(person)-\($0)") }, rules: rules,
      onlyFor: channels.compactMap { channel in only[channel].map { ContactRule(channel: channel, severities: $0) } })
  }

  @Test func aSev1RingsThePhoneThatIsKeptForIt() throws {
    var notifier = Notifier(Self.list)
    try notifier.page(.wanted("vera", .sev1))
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:00 push -> vera", "03:02:00 sms -> vera", "03:05:00 voice -> vera"])
    #expect(notifier.deliveries().allSatisfy { $0.remark.isEmpty })
  }

  @Test func aSev2GoesByTheNextChannelsAtTheirTimes() throws {
    var notifier = Notifier(Self.list)
    try notifier.page(.wanted("vera", .sev2))
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:00 push -> vera", "03:02:00 email -> vera", "03:05:00 slack -> vera"])
    let remark = "sms and voice are for SEV-1 only: by email and slack instead"
    #expect(notifier.receipts.map(\.words) == ["accepted; \(remark)"])
    #expect(notifier.deliveries().map(\.remark) == [remark, remark, remark])
  }

  @Test(arguments: [(Severity.sev2, ["push", "sms", "voice"]), (.sev3, ["push", "email", "slack"])])
  func theManagersPhoneRingsInEmergencies(severity: Severity, channels: [String]) throws {
    var notifier = Notifier(Self.list)
    try notifier.page(.wanted("mia", severity))
    notifier.wait(.minutes(10))
    #expect(notifier.attempts.map(\.channel) == channels)
  }

  /// Another channel would say nothing of the one that is tested (S10).
  @Test func aTestPageGoesByTheChannelItNamesOrNotAtAll() throws {
    var notifier = Notifier(Self.list)
    var page = Page.wanted("vera", .sev4)
    (page.purpose, page.channels) = (.test, ["voice"])
    try notifier.page(page)
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:00 voice -> vera"])
    (page.id, page.channels) = ("ready-test-2", ["pigeon"])
    let known = notifier.rules
    let refusal = #expect(throws: Refusal.self) { try notifier.page(page) }
    #expect(refusal?.status == .failedPrecondition && refusal?.field == "channels")
    #expect(refusal?.message == "vera has no pigeon at the notifier" && (notifier.rules == known))
  }

  @Test func aTestPageThatWasTakenIsTakenAgainWithoutWords() throws {
    var notifier = Notifier(Self.list)
    var page = Page.wanted("vera", .sev4)
    (page.purpose, page.channels) = (.test, ["voice"])
    try notifier.page(page)
    try notifier.configure(Self.team([Self.contact("vera", ["sms"], [:])]))
    try notifier.page(page)
    #expect(notifier.said == ["03:00:00 voice -> vera"])
  }

  @Test func theNextRungTakesTheTimeOfOneThatIsClosed() throws {
    var notifier = Notifier(
      Self.team([Self.contact("vera", ["push", "sms", "voice", "email"], ["push": [.sev1, .sev4]])]))
    try notifier.page(.wanted("vera", .sev2))
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:00 sms -> vera", "03:05:00 voice -> vera"])
    #expect(notifier.deliveries().first?.remark == "push is for SEV-1 and SEV-4 only: by sms instead")
  }

  /// Three that are kept for a SEV-1 or SEV-2 leave a SEV-3 the fourth, at the time of the first.
  @Test func ofThreeThatAreClosedOneRemainsAtTheFirstTime() throws {
    let rules = ["push", "sms", "voice"].enumerated().map {
      PersonalRule(after: .minutes(Int64($0.offset) + 1), channel: $0.element)
    }
    let worst: [Severity] = [.sev1, .sev2]
    let phone: [String: [Severity]] = ["push": worst, "sms": worst, "voice": worst]
    var notifier = Notifier(
      Self.team([Self.contact("vera", ["push", "sms", "voice", "email"], phone, rules: rules)]))
    try notifier.page(.wanted("vera", .sev3))
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:01:00 email -> vera"])
    #expect(
      notifier.deliveries().first?.remark == "push, sms and voice are for SEV-1 and SEV-2 only: by email instead")
  }

  @Test func channelsThatAPolicyNamesAreHeldToTheRulesToo() throws {
    var notifier = Notifier(Self.list)
    try notifier.page(.wanted("vera", .sev3, channels: ["sms", "slack"]))
    #expect(notifier.said == ["03:00:00 slack -> vera"])
    try notifier.page(.wanted("vera", id: "2f-2", .sev3, channels: ["sms", "voice"]))
    #expect(notifier.said.suffix(2) == ["03:00:00 push -> vera", "03:00:00 email -> vera"])
  }

  @Test func aSev2ThatAPolicyKeepsQuietIsHeardByWhatIsOpen() throws {
    var notifier = Notifier(Self.list)
    try notifier.page(.wanted("vera", .sev2, channels: ["email", "slack"]))
    #expect(notifier.said == ["03:00:00 email -> vera", "03:00:00 slack -> vera", "03:00:00 push -> vera"])
  }

  @Test func aReminderUsesEveryOpenChannel() throws {
    var notifier = Notifier(Self.list)
    try notifier.page(.wanted("vera", .sev2, .reminder))
    #expect(notifier.said == ["push", "email", "slack"].map { "03:00:00 \($0) -> vera" })
    #expect(notifier.deliveries().first?.remark == "sms and voice are for SEV-1 only: by email and slack instead")
  }

  @Test(arguments: [PagePurpose.headsUp, .tell]) func wordsWithoutDutyUseTheFirstOpenChannel(purpose: PagePurpose)
    throws
  {
    var notifier = Notifier(Self.team([Self.contact("vera", ["sms", "email"], ["sms": [.sev1, .sev2]])]))
    try notifier.page(.wanted("vera", .sev3, purpose))
    try notifier.page(.wanted("vera", id: "2f-2", .sev1, purpose))
    #expect(notifier.said == ["03:00:00 email -> vera", "03:00:00 sms -> vera"])
  }

  @Test func wordsAboutNoIncidentCountAsTheMildest() throws {
    var notifier = Notifier(
      Self.team([Self.contact("vera", ["push", "sms", "email"], ["sms": [.sev1], "email": [.sev3]])]),
      answering: Notifier.broken("push", .notFound))
    try notifier.post(Post(id: "a", text: "your shift begins in an hour", person: "vera"))
    notifier.wait(.minutes(1))
    #expect(notifier.said == ["03:00:00 push -> vera"])
  }

  @Test func aChannelThatFailsBringsTheNextOpenOneForward() throws {
    var notifier = Notifier(Self.list, answering: Notifier.broken("push", .notFound))
    try notifier.page(.wanted("vera", .sev2))
    notifier.wait(.minutes(1))
    #expect(notifier.said == ["03:00:00 push -> vera", "03:00:00 email -> vera"])
  }

  /// Each way to keep some of five channels for one severity, which leaves some for the others.
  @Test func whateverIsClosedSomethingIsUsedAndNothingThatIsClosed() throws {
    let all = ["push", "sms", "voice", "email", "slack"]
    var pages = 0
    for kept in 0..<UInt8(1 << all.count) {
      let closed = all.indices.filter { kept & (1 << $0) != 0 }.map { all[$0] }
      for severity in [Severity.sev1, .sev2, .sev3, .sev4] {
        let only = Dictionary(uniqueKeysWithValues: closed.map { ($0, [severity]) })
        var notifier = Notifier()
        guard (try? notifier.configure(Self.team([Self.contact("vera", all, only)]))) != nil else {
          let leavesNothing = closed.count == 5
          // Whichever it is kept for, a SEV-1 or a SEV-2 is another.
          let isUnheard = Set(closed).isSuperset(of: ["push", "sms", "voice"])
          #expect(leavesNothing || isUnheard, "\(closed) for \(severity)")
          continue
        }
        for asked in [Severity.sev1, .sev2, .sev3, .sev4] {
          for (number, purpose) in [PagePurpose.duty, .reminder, .headsUp].enumerated() {
            for channels in [[], ["push", "slack"], ["voice"]] {
              let before = notifier.attempts.count
              try notifier.page(
                .wanted("vera", id: "\(asked)-\(number)-\(channels.count)", asked, purpose, channels: channels))
              notifier.wait(.minutes(6))
              let used = notifier.attempts[before...].map(\.channel)
              #expect(!used.isEmpty && (asked == severity || Set(used).isDisjoint(with: closed)))
              pages += 1
            }
          }
        }
      }
    }
    #expect(pages > 3_000)
  }

  @Test func aPageThatIsUnderWayKeepsItsLadderWhenRulesChange() throws {
    var open = Self.list
    open.contacts[0].onlyFor = []
    var notifier = Notifier(open)
    try notifier.page(.wanted("vera", .sev2))
    try notifier.configure(Self.list)
    try notifier.page(.wanted("vera", id: "2f-2", .sev2))
    notifier.wait(.minutes(10))
    let channels = Dictionary(grouping: notifier.attempts, by: \.incidentId).mapValues { $0.map(\.channel) }
    #expect(channels == ["2f-1k": ["push", "sms", "voice"], "2f-2": ["push", "email", "slack"]])
    try notifier.configure(open)
    try notifier.page(.wanted("vera", id: "2f-3", .sev2, at: notifier.now))
    notifier.wait(.minutes(10))
    #expect(notifier.attempts.suffix(3).map(\.channel) == ["push", "sms", "voice"])
  }

  @Test func rulesAndTheReasonsAreKeptInACheckpoint() throws {
    var notifier = Notifier(Self.list)
    try notifier.page(.wanted("vera", .sev2))
    let restored = notifier.rules.condensed().reduce(into: Notifications()) { $0.apply($1, at: notifier.now) }
    #expect(restored == notifier.rules)
    notifier.rules = restored
    #expect(notifier.deliveries().first?.remark.isEmpty == false)
    try notifier.page(.wanted("vera", id: "2f-2", .sev2))
    notifier.wait(.minutes(2))
    #expect(!notifier.attempts.map(\.channel).contains("sms"))
  }
}
