import Escalating
import Machinery
import Messages
import Testing

/// Reviews of many incidents, of those that are several in one, and of those that need none (requirement E11).
@Suite struct ManyReviewsTests {
  private func posts(_ escalator: Escalator) -> [String] {
    escalator.paid.compactMap { debt in
      guard case .post(let post) = debt, !post.person.isEmpty else { return nil }
      return "\(Escalator.clock(post.postedAt)) \(post.person): \(post.text)"
    }
  }

  private func attend(_ id: String = "2f-1") -> EscalationInput {
    .review(.attend(AttendanceRequest(incidentId: id, by: "ana", people: ["ana"])))
  }

  private func change(_ id: String, _ summary: String, _ service: String, at now: Instant) -> EscalationInput {
    .change(
      ChangeReported(
        change: Change(id: id, source: "ci", summary: summary, service: service, team: "platform", happenedAt: now),
        handedOverAt: now))
  }

  private func alert(_ id: String, _ severity: Severity, of service: String, at now: Instant) -> EscalationInput {
    .alert(
      Alert(
        id: id, generation: 1, state: .open, source: "probe", severity: severity, summary: "down", service: service,
        team: "platform", policy: "platform", openedAt: now, handedOverAt: now))
  }

  // MARK: Words

  @Test func ofManyThatAreDueAtOnceEachPersonGetsOneWord() throws {
    var escalator = Escalator()
    for number in 10...21 {
      escalator.alert(.sev2, "2f-\(number)")
      try escalator.acknowledge(by: "ben", "2f-\(number)")
      try escalator.resolve(by: "ben", "2f-\(number)")
    }
    let list = (10...19).map { "2f-\($0)" }.joined(separator: ", ") + " and 2 more"
    escalator.wait(until: "2026-11-26T09:00:00Z")
    #expect(posts(escalator) == ["11-26 09:00:00 ben: 12 reviews are yours: \(list) (tocsinctl review list)"])
    #expect(escalator.lines("review").count { $0 == "said with the review of 2f-10" } == 11)
    #expect((escalator.restored == escalator.rules))
    escalator.wait(until: "2026-12-20T00:00:00Z")
    let late = "12 reviews are overdue: \(list) (tocsinctl review list --overdue)"
    #expect(
      posts(escalator).dropFirst() == [
        "12-02 09:00:00 ben: 12 reviews are due today: \(list) (tocsinctl review list)",
        "12-02 17:00:00 ben: \(late)", "12-02 17:00:00 lee: \(late)",
        "12-07 09:00:00 ben: \(late)", "12-07 09:00:00 lee: \(late)",
        "12-14 09:00:00 ben: \(late)", "12-14 09:00:00 lee: \(late)",
      ])
    #expect((escalator.restored == escalator.rules))
  }

  @Test func whatBecameOverdueOnSeveralDaysIsSaidInOneWordAWeek() throws {
    var escalator = Escalator()
    for number in 1...3 {
      escalator.alert(.sev2, "2f-\(number)")
      try escalator.acknowledge(by: "ben", "2f-\(number)")
      try escalator.resolve(by: "ben", "2f-\(number)")
      escalator.wait(.days(1))
    }
    escalator.wait(until: "2026-12-14T08:59:00Z")
    let before = posts(escalator).count
    escalator.wait(until: "2026-12-15T00:00:00Z")
    let late = "3 reviews are overdue: 2f-1, 2f-2, 2f-3 (tocsinctl review list --overdue)"
    #expect(posts(escalator).dropFirst(before) == ["12-14 09:00:00 ben: \(late)", "12-14 09:00:00 lee: \(late)"])
  }

  @Test func theLeadHearsInOneWordOfWhatSeveralPeopleOwe() throws {
    var escalator = Escalator()
    for (number, person) in ["ben", "ben", "cai"].enumerated() {
      escalator.alert(.sev2, "2f-\(number)")
      try escalator.acknowledge(by: person, "2f-\(number)")
      try escalator.resolve(by: person, "2f-\(number)")
    }
    escalator.wait(until: "2026-12-02T16:59:00Z")
    let before = posts(escalator).count
    escalator.wait(until: "2026-12-02T17:00:00Z")
    #expect(
      Set(posts(escalator).dropFirst(before)) == [
        "12-02 17:00:00 ben: 2 reviews are overdue: 2f-0, 2f-1 (tocsinctl review list --overdue)",
        "12-02 17:00:00 lee: 3 reviews are overdue: 2f-0, 2f-1, 2f-2 (tocsinctl review list --overdue)",
        "12-02 17:00:00 cai: Review of 2f-2 (SEV-2 redis: down) was due 2026-12-02 17:00 UTC and is not held "
          + "(tocsinctl review show 2f-2)",
      ])
    #expect((escalator.restored == escalator.rules))
  }

  @Test func thousandsAreSaidInDecisionsOfBoundedSize() throws {
    var escalator = Escalator()
    for number in 1_000..<2_200 {
      escalator.wait(.milliseconds(1))
      escalator.alert(.sev1, "2f-\(number)")
      try escalator.acknowledge(by: "ben", "2f-\(number)")
      try escalator.resolve(by: "ben", "2f-\(number)")
    }
    escalator.wait(until: "2026-11-26T09:00:00Z")
    #expect(posts(escalator).map { $0.dropFirst(20).prefix(8) } == ["500 revi", "500 revi", "200 revi"])
  }

  // MARK: None

  @Test func whatWasOverBeforeAnybodyWasPagedGetsNone() throws {
    var escalator = Escalator()
    escalator.alert(.sev1, state: .resolved)
    #expect(escalator.rules.review("2f-1") == nil)
    let said = "incident 2f-1 was over before anybody was paged: it gets no review"
    #expect(throws: Refusal(.failedPrecondition, said, field: "incident_id")) { try escalator.ask(attend()) }
    try escalator.ask(.reopen(ReopenRequest(incidentId: "2f-1", by: "ana", reason: "it is not over")))
    try escalator.resolve(by: "ana")
    #expect(escalator.rules.review("2f-1") != nil, "somebody took it up")
  }

  @Test func aLostTierThatCameBackByItselfGetsNoneAndOneThatSomebodyTookDoes() throws {
    var escalator = Escalator()
    try escalator.ask(.tier(TierNews(.intake, isLost: true, words: "intake is lost")))
    let id = try #require(try escalator.rules.list(ListIncidentsRequest()).incidents.first?.id)
    escalator.wait(.minutes(1))
    try escalator.ask(.tier(TierNews(.intake, isLost: false, words: "intake is back")))
    #expect(escalator.rules.review(id) == nil && escalator.incident(id).state == .resolved)
    let said = "incident \(id) was a tier's loss that ended before anybody acknowledged it: it gets no review"
    #expect(throws: Refusal(.failedPrecondition, said, field: "incident_id")) { try escalator.ask(attend(id)) }
    escalator.wait(.hours(2))
    try escalator.ask(.tier(TierNews(.intake, isLost: true, words: "intake is lost")))
    let other = try #require(try escalator.rules.list(ListIncidentsRequest()).incidents.first?.id)
    try escalator.acknowledge(by: "ben", other)
    try escalator.ask(.tier(TierNews(.intake, isLost: false, words: "intake is back")))
    #expect(escalator.rules.review(other)?.owner == "ben")
  }

  @Test func whatEndedBeforeReviewsWereKeptIsSaidToHaveNone() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    let decided = try escalator.rules.decide(.resolve(ResolveRequest(incidentId: "2f-1", by: "ben")), at: escalator.now)
    for fact in decided.facts {
      if case .reviewOpened = fact.kind { continue }
      escalator.rules.apply(fact, at: escalator.now)
    }
    let said = "incident 2f-1 ended before reviews were kept: it has none"
    #expect(throws: Refusal(.failedPrecondition, said, field: "incident_id")) { try escalator.ask(attend()) }
  }

  // MARK: Several in one

  @Test func theChangesOfAReopenedPartGoOnWithTheWhole() throws {
    var escalator = Escalator()
    try escalator.ask(change("2f-c1", "web v2", "web", at: escalator.now))
    try escalator.ask(alert("2f-1", .sev1, of: "web", at: escalator.now))
    escalator.wait(.minutes(1))
    try escalator.acknowledge(by: "ben")
    try escalator.resolve(by: "ben")
    try escalator.ask(.reopen(ReopenRequest(incidentId: "2f-1", by: "ana", reason: "it is back")))
    escalator.alert(.sev3, "2f-2")
    try escalator.ask(.merge(MergeRequest(incidentId: "2f-2", by: "ana", parts: ["2f-1"], reason: "one disk")))
    try escalator.ask(change("2f-c2", "web v3", "web", at: escalator.now))
    try escalator.ask(change("2f-c3", "redis 8", "redis", at: escalator.now))
    try escalator.ask(change("2f-c4", "another", "mail", at: escalator.now))
    #expect((escalator.restored == escalator.rules))
    escalator.wait(.minutes(1))
    try escalator.resolve(by: "ana", "2f-2")
    #expect(escalator.rules.review("2f-2")?.changes.map(\.summary) == ["web v2", "web v3", "redis 8"])
    #expect((escalator.restored == escalator.rules))
  }

  @Test func theServiceOfAPartIsKnownWhenThePartIsHistory() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try escalator.ask(alert("2f-2", .sev1, of: "web", at: escalator.now))
    try escalator.ask(.merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: ["2f-2"], reason: "one disk")))
    try escalator.ask(change("2f-c1", "web v3", "web", at: escalator.now))
    escalator.wait(.hours(3))
    #expect((escalator.restored == escalator.rules))
    escalator.rules = escalator.restored
    try escalator.resolve(by: "ana")
    let late = ChangeReported(
      change: Change(id: "2f-c2", summary: "late", service: "web", happenedAt: escalator.now - .hours(1)),
      handedOverAt: escalator.now)
    try escalator.ask(.change(late))
    #expect(escalator.rules.review("2f-1")?.changes.map(\.summary) == ["web v3", "late"])
  }

  // MARK: Room

  @Test func ofAChangeOnlyWhatIsToldIsKept() throws {
    var escalator = Escalator()
    let now = escalator.now
    func report(_ id: String, _ links: [Link]) -> EscalationInput {
      let change = Change(
        id: id, source: "ci", summary: String(repeating: "x", count: 500), service: "redis", team: "platform",
        links: links, details: "much", happenedAt: now)
      return .change(ChangeReported(change: change, handedOverAt: now))
    }
    let link = Link(href: "https://ci/7", text: "build")
    try escalator.ask(report("2f-c1", [link, link]))
    try escalator.ask(report("2f-c2", [Link(href: "https://ci/" + String(repeating: "7", count: 300)), link]))
    escalator.alert(.sev1)
    escalator.wait(.minutes(1))
    try escalator.resolve(by: "ben")
    let changes = try #require(escalator.rules.review("2f-1")).changes
    #expect(changes.map(\.summary.utf8.count) == [160, 160] && changes.allSatisfy { $0.details.isEmpty })
    #expect(changes.map(\.links) == [[Link(href: "https://ci/7")], []], "a part of one leads nowhere")
  }

  @Test func theDocumentOfALongIncidentFitsIntoAMessage() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    let lines = (0..<20_000 as Range<Int64>).map { number in
      TimelineLine(
        at: escalator.now + .seconds(number), incidentId: "2f-1", kind: number % 3 == 0 ? "update" : "paged",
        person: "ben", text: "line \(number)")
    }
    let document = TimelineDocument(of: escalator.incident(), lines: lines)
    let kept = document.lines.count - 1
    #expect(kept > 1_000 && document.markdown.utf8.count < 300 * 1_024)
    #expect(
      document.lines.last
        == TimelineLine(
          at: lines[kept].at, incidentId: "2f-1", kind: "left out",
          text: "\(20_000 - kept) more: tocsinctl incident timeline 2f-1"))
    #expect(document.lines.dropLast() == lines.prefix(kept))
  }
}
