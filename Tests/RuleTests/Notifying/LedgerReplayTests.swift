import Machinery
import Messages
import Notifying
import Testing

/// The same records make the same ledger, whatever happened in between.
@Suite struct LedgerReplayTests {
  /// A notifier to which anything happens, by seed.
  private struct Turmoil {
    var dice: SplitMix
    static let terms = AnsweringTerms(secret: Array(repeating: 7, count: 32), url: "https://t.example")
    var rules = Notifications(answering: Self.terms)
    var now = Notifier.start
    enum Event {
      case fact(NotificationFact)
      case restarted
      case stepped(Span)
      case lost
    }
    var journal: [(event: Event, at: Instant)] = []
    var seen: Set<String> = []
    static let team: NotificationConfiguration = {
      var team = NotificationConfiguration.team
      for index in team.contacts.indices {
        for place in team.contacts[index].methods.indices where team.contacts[index].methods[place].channel == "voice" {
          team.contacts[index].methods[place].address = "+12025550101"
        }
      }
      team.watch = Watch(
        people: ["ana"], channel: "#x", missingAfter: .minutes(1), severities: [.sev1], syntheticLostAfter: .hours(1))
      team.channels = [
        ChannelRoute(
          channel: "voice", provider: "twilio", secretFile: "k", account: "AC" + String(repeating: "0", count: 32),
          from: "+12025550100"),
        ChannelRoute(
          channel: "*", provider: "console",
          second: SecondProvider(provider: "webhook", url: "http://b", secretFile: "k")),
      ]
      return team
    }()

    /// The file says something else of Ben.
    static let other: NotificationConfiguration = {
      var team = Self.team
      if let ben = team.contacts.firstIndex(where: { $0.person == "ben" }) { team.contacts[ben].methods.removeLast() }
      return team
    }()
    private let salt = Array(repeating: UInt8(1), count: 16)

    init(seed: UInt64) {
      dice = SplitMix(seed: seed)
      keep((try? rules.decide(.configure(Self.team, by: "ops"), at: now).facts) ?? [])
    }

    mutating func keep(_ facts: [NotificationFact]) {
      for fact in facts {
        rules.apply(fact, at: now)
        journal.append((.fact(fact), now))
      }
    }

    mutating func step() {
      switch dice.below(18) {
      case 17: keep((try? rules.decide(.answer(someAnswer()), at: now).facts) ?? [])
      case 16:
        for case .answer(let answer) in rules.owed(to: .escalator, limit: 3) {
          seen.insert("answered")
          let status = dice.below(3) == 0 ? Status.failedPrecondition : .ok
          keep(
            rules.settle(
              Settlement(
                peer: .escalator, key: DebtKey(id: answer.id, generation: 1), status: status, words: "so it is"),
              at: now))
        }
      case 13:
        let alert = AcceptedAlert(id: "2f-\(dice.below(40))", severity: .sev1, summary: "x", age: .minutes(1))
        let over = ["2f-\(dice.below(40))"]
        keep(
          (try? rules.decide(
            .accepted(
              AcceptedList(alerts: [alert], through: 1, over: over), from: .intake(number: UInt32(1 + dice.below(2)))),
            at: now
          ).facts) ?? [])
      case 14:
        let page = Page(
          id: "synthetic/\(dice.below(9))", generation: 1, wanted: true, incidentId: "synthetic", person: "synthetic",
          purpose: .synthetic, severity: .sev1, pagedAt: now)
        keep((try? rules.decide(.putPage(page), at: now).facts) ?? [])
      case 15:
        let erase = NotificationInput.eraseContact(EraseContactRequest(person: "ben"), by: "ops")
        let night = QuietHours(fromMinute: 1_320, untilMinute: 420)
        let inputs: [NotificationInput] = [
          erase, .configure(Self.team, by: "ops"), .configure(Self.other, by: "ops"),
          .putMethod(.init(person: "ben", channel: "sms", address: "ben-sms-\(dice.below(3))", by: "ben", salt: salt)),
          .removeMethod(.init(person: "ben", channel: "sms", number: 1, by: "ben")),
          .putRules(.init(person: "ana", rules: [PersonalRule(channel: "voice")], by: "ana")),
          .putQuietHours(.init(person: "ana", hours: [night], by: "ana")),
        ]
        let facts = (try? rules.decide(inputs[dice.below(inputs.count)], at: now).facts) ?? []
        if case .contactChanged? = facts.first?.kind { seen.insert("own") }
        keep(facts)
      case 0...3: keep((try? rules.decide(.putPage(somePage()), at: now).facts) ?? [])
      case 4:
        let post = Post(
          id: "p\(dice.below(20))", channel: dice.below(2) == 0 ? "#incidents" : "", text: "x", person: "ben")
        keep((try? rules.decide(.putPost(post), at: now).facts) ?? [])
      case 5:
        rules.restarted(at: now)
        journal.append((.restarted, now))
        seen.insert("restart")
        guard journal.count.isMultiple(of: 3) else { break }
        rules.peerLost(.escalator, at: now)
        journal.append((.lost, now))
        seen.insert("lost")
      case 12 where dice.below(3) == 0:
        let span = Span.seconds(Int64(dice.below(20_000)) - 10_000)
        now = now + span
        rules.clockStepped(by: span)
        journal.append((.stepped(span), now))
        seen.insert("step")
      case 6...8: answerSome()
      case 9:
        for case .receipt(let receipt) in rules.owed(to: .escalator, limit: 3) {
          let key = DebtKey(id: receipt.pageId, generation: receipt.generation)
          keep(rules.settle(Settlement(peer: .escalator, key: key, status: .ok), at: now))
          seen.insert(receipt.outcome)
        }
      default: now = now + .seconds(Int64(dice.below(dice.below(20) == 0 ? 200_000 : 90)))
      }
      while rules.nextDeadline.map({ $0 <= now }) ?? false { keep(rules.lapse(at: now)) }
    }

    private mutating func somePage() -> Page {
      let people = ["ana", "ben", "cai", "dee", "eli", "zoe"]
      let purposes = [PagePurpose.duty, .duty, .headsUp, .reminder, .tell]
      var page = Page.wanted(
        people[dice.below(6)], id: "2f-\(dice.below(30))", Severity(rawValue: UInt32(1 + dice.below(4))) ?? .sev1,
        purposes[dice.below(5)], channels: dice.below(4) == 0 ? ["email", "push"] : [], at: now)
      page.generation = UInt64(1 + dice.below(4))
      page.wanted = page.generation % 2 == 1
      return page
    }

    private mutating func report(_ attempt: Attempt) {
      let states = [DeliveryState.accepted, .failed, .delivered, .acknowledged]
      let report = DeliveryReported(
        pageId: attempt.id, delivery: attempt.delivery, providerId: dice.below(2) == 0 ? "" : "c\(dice.below(50))",
        state: states[dice.below(4)], words: "by itself", attempt: UInt32(dice.below(Int(attempt.number) + 1)))
      let facts = (try? rules.decide(.reported(report), at: now).facts) ?? []
      if !facts.isEmpty { seen.insert("report") }
      keep(facts)
    }

    /// What was sent out lately, by which somebody may answer.
    private var sent: [(person: String, channel: String, ways: AnswerWays)] = []

    /// Often right: a code or token that was sent out.
    private mutating func someAnswer() -> AnswerGiven {
      guard !sent.isEmpty, dice.below(4) > 0 else {
        let sender = ["ana-sms", "ben-sms-1", "nobody"][dice.below(3)]
        return AnswerGiven(channel: "sms", sender: sender, text: "\(100_000 + dice.below(9)) ack")
      }
      let one = sent[dice.below(sent.count)]
      let deed = [AnswerDeed.resolve, .escalate, .acknowledge][dice.below(3)]
      return ["email", "push"].contains(one.channel)
        ? AnswerGiven(channel: one.channel, token: one.ways.token(deed))
        : AnswerGiven(channel: "sms", sender: "\(one.person)-sms", text: "\(one.ways.code) ack")
    }

    private mutating func answerSome() {
      let statuses = [Status.ok, .ok, .unavailable, .unknown, .failedPrecondition, .resourceExhausted]
      let reports = [DeliveryState.unspecified, .accepted, .failed, .delivered, .seen]
      for case .attempt(let attempt) in rules.owed(to: .provider, limit: 4) where dice.below(2) == 0 {
        if let ways = attempt.ways { sent = sent.suffix(20) + [(attempt.person, attempt.channel, ways)] }
        let settlement = Settlement(
          peer: .provider, key: attempt.key, status: statuses[dice.below(6)], words: "to \(attempt.address)",
          retryAfter: dice.below(5) == 0 ? .seconds(20) : nil, reference: "c\(dice.below(50))",
          reached: attempt.question == nil ? .unspecified : reports[dice.below(5)])
        if attempt.question != nil { seen.insert("question") }
        if dice.below(4) == 0 { report(attempt) }
        keep(rules.settle(settlement, at: now))
        seen.insert(attempt.isRepeat ? "repeat" : "first")
        if attempt.route.provider == "webhook" { seen.insert("second") }
      }
    }
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>) func theSameRecordsMakeTheSameLedger(seed: UInt64) {
    var turmoil = Turmoil(seed: seed)
    var follower = Notifications(answering: Turmoil.terms)
    var read = 0
    for step in 1...400 {
      turmoil.step()
      for (event, at) in turmoil.journal[read...] {
        switch event {
        case .fact(let fact): follower.apply(fact, at: at)
        case .restarted: follower.restarted(at: at)
        case .stepped(let span): follower.clockStepped(by: span)
        case .lost: follower.peerLost(.escalator, at: at)
        }
      }
      read = turmoil.journal.count
      guard step % 20 == 0 else { continue }
      #expect(follower == turmoil.rules)
      check(follower, is: turmoil.rules, "replayed", at: turmoil.now)
      var restored = Notifications(answering: Turmoil.terms)
      for fact in turmoil.rules.condensed() { restored.apply(fact, at: turmoil.now) }
      check(restored, is: turmoil.rules, "from a checkpoint", at: turmoil.now)
      if step % 40 == 0 { follower = restored }
    }
  }

  @Test func theTurmoilReachesWhatItIsFor() {
    let wanted: Set = ["answered", "question", "report", "delivered", "seen", "unknown", "lost"]
    var seen: Set<String> = []
    for seed in 1...60 as ClosedRange<UInt64> where !seen.isSuperset(of: wanted) {
      var turmoil = Turmoil(seed: seed)
      for _ in 1...400 { turmoil.step() }
      seen.formUnion(turmoil.seen)
    }
    #expect(seen.isSuperset(of: wanted))
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>) func whatIsOwedIsSettledOnceFaultsStop(seed: UInt64) {
    var turmoil = Turmoil(seed: seed)
    for _ in 1...300 { turmoil.step() }
    // Alerts of this turmoil never get their pages, and the watch would tell of them for ever.
    var unwatched = Turmoil.team
    unwatched.watch = nil
    turmoil.keep((try? turmoil.rules.decide(.configure(unwatched, by: "ops"), at: turmoil.now).facts) ?? [])
    var rounds = 0
    while rounds < 100_000, turmoil.rules.openCount > 0 || turmoil.rules.nextDeadline != nil {
      rounds += 1
      for debt in turmoil.rules.owed(to: .provider, limit: 100) + turmoil.rules.owed(to: .escalator, limit: 100) {
        let peer: Peer = if case .attempt = debt { .provider } else { .escalator }
        turmoil.keep(turmoil.rules.settle(Settlement(peer: peer, key: debt.key, status: .ok), at: turmoil.now))
      }
      if let next = turmoil.rules.nextDeadline { turmoil.now = max(turmoil.now, next) }
      turmoil.keep(turmoil.rules.lapse(at: turmoil.now))
    }
    #expect(turmoil.rules.openCount == 0)
    #expect((try? turmoil.rules.listPages(ListPagesRequest()).deliveries.isEmpty) ?? false)
  }

  private func check(_ one: Notifications, is other: Notifications, _ how: String, at now: Instant) {
    #expect(one == other, "\(how)")
    #expect(one.nextDeadline == other.nextDeadline && one.openCount == other.openCount, "\(how)")
    for peer in [Peer.provider, .escalator] {
      let debts = [one, other].map { Set($0.owed(to: peer, limit: 10_000)) }
      #expect(debts[0] == debts[1], "\(how)")
      #expect(one.debtSummary(to: peer).count == other.debtSummary(to: peer).count, "\(how)")
    }
    #expect(one.lapse(at: now + .days(2)) == other.lapse(at: now + .days(2)), "\(how)")
    #expect(one.condensed() == other.condensed(), "\(how)")
    #expect(one.channelStatus(ChannelStatusRequest(), at: now) == other.channelStatus(ChannelStatusRequest(), at: now))
    let paces = [one, other].map { try? $0.paces(PacesRequest(), at: now) }
    #expect(paces[0] == paces[1], "\(how)")
    let lists = [one, other].map { try? $0.listPages(ListPagesRequest(limit: 10_000)) }
    #expect(lists[0] == lists[1], "\(how)")
    for id in Set((lists[0]?.deliveries ?? []).prefix(40).map(\.pageId)) {
      for state in [DeliveryState.failed, .delivered] {
        let report = NotificationInput.reported(DeliveryReported(pageId: id, state: state))
        #expect((try? one.decide(report, at: now).facts) == (try? other.decide(report, at: now).facts), "\(how)")
      }
    }
    var (restarted, alike) = (one, other)
    restarted.restarted(at: now)
    alike.restarted(at: now)
    #expect(restarted == alike, "\(how), and restarted")
  }
}
