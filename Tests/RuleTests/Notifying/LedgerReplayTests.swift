import Machinery
import Messages
import Notifying
import Testing

/// The same records make the same ledger, whatever happened in between.
@Suite struct LedgerReplayTests {
  /// A notifier to which anything happens, by seed.
  private struct Turmoil {
    var dice: SplitMix
    var rules = Notifications()
    var now = Notifier.start
    enum Event {
      case fact(NotificationFact)
      case restarted
      case stepped(Span)
    }
    var journal: [(event: Event, at: Instant)] = []
    var seen: Set<String> = []
    static let team: NotificationConfiguration = {
      var team = NotificationConfiguration.team
      team.watch = Watch(
        people: ["ana"], channel: "#x", missingAfter: .minutes(1), severities: [.sev1], syntheticLostAfter: .hours(1))
      team.channels = [
        ChannelRoute(
          channel: "*", provider: "console",
          second: SecondProvider(provider: "webhook", url: "http://b", secretFile: "k"))
      ]
      return team
    }()

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
      switch dice.below(15) {
      case 13:
        let alert = AcceptedAlert(id: "2f-\(dice.below(40))", severity: .sev1, summary: "x", age: .minutes(1))
        let over = ["2f-\(dice.below(40))"]
        keep(
          (try? rules.decide(.accepted(AcceptedList(alerts: [alert], through: 1, over: over)), at: now).facts) ?? [])
      case 14:
        let page = Page(
          id: "synthetic/\(dice.below(9))", generation: 1, wanted: true, incidentId: "synthetic", person: "synthetic",
          purpose: .synthetic, severity: .sev1, pagedAt: now)
        keep((try? rules.decide(.putPage(page), at: now).facts) ?? [])
      case 0...3: keep((try? rules.decide(.putPage(somePage()), at: now).facts) ?? [])
      case 4:
        let post = Post(
          id: "p\(dice.below(20))", channel: dice.below(2) == 0 ? "#incidents" : "", text: "x", person: "ben")
        keep((try? rules.decide(.putPost(post), at: now).facts) ?? [])
      case 5:
        rules.restarted(at: now)
        journal.append((.restarted, now))
        seen.insert("restart")
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

    private mutating func answerSome() {
      let statuses = [Status.ok, .ok, .unavailable, .unknown, .failedPrecondition, .resourceExhausted]
      for case .attempt(let attempt) in rules.owed(to: .provider, limit: 4) where dice.below(2) == 0 {
        let settlement = Settlement(
          peer: .provider, key: attempt.key, status: statuses[dice.below(6)], words: "to \(attempt.address)",
          retryAfter: dice.below(5) == 0 ? .seconds(20) : nil)
        keep(rules.settle(settlement, at: now))
        seen.insert(attempt.isRepeat ? "repeat" : "first")
        if attempt.route.provider == "webhook" { seen.insert("second") }
      }
    }
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>) func theSameRecordsMakeTheSameLedger(seed: UInt64) {
    var turmoil = Turmoil(seed: seed)
    var follower = Notifications()
    var read = 0
    for step in 1...400 {
      turmoil.step()
      for (event, at) in turmoil.journal[read...] {
        switch event {
        case .fact(let fact): follower.apply(fact, at: at)
        case .restarted: follower.restarted(at: at)
        case .stepped(let span): follower.clockStepped(by: span)
        }
      }
      read = turmoil.journal.count
      guard step % 20 == 0 else { continue }
      #expect(follower == turmoil.rules)
      check(follower, is: turmoil.rules, "replayed", at: turmoil.now)
      var restored = Notifications()
      for fact in turmoil.rules.condensed() { restored.apply(fact, at: turmoil.now) }
      check(restored, is: turmoil.rules, "from a checkpoint", at: turmoil.now)
      if step % 40 == 0 { follower = restored }
    }
    #expect(turmoil.seen.isSuperset(of: ["restart", "first", "repeat", "second", "step", "refused", "handed over"]))
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
    var (restarted, alike) = (one, other)
    restarted.restarted(at: now)
    alike.restarted(at: now)
    #expect(restarted == alike, "\(how), and restarted")
  }
}
