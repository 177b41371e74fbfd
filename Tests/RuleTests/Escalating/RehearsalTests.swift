import CivilTime
import Escalating
import Machinery
import Messages
import Testing

/// Requirement E10: what an edited policy would have made of recorded alerts.
@Suite struct RehearsalTests {
  private let start = Escalator.start

  @Test func aSecondTierThatComesFiveMinutesEarlierIsPagedAndAnswersFiveMinutesEarlier() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    escalator.wait(.minutes(17))
    try escalator.acknowledge(by: "ben")
    escalator.wait(.minutes(10))
    try escalator.resolve(by: "ben")
    let reply = try escalator.rehearse([.shipped.changing(.sev2) { $0.secondaryAfter = .minutes(10) }])
    let incident = try #require(reply.differing.first)
    #expect(
      incident.present.map(told) == [
        "00:00:00 duty ana", "00:10:00 reminder ana", "00:10:00 headsUp ben", "00:15:00 duty ben",
        "00:25:00 reminder ben", "00:17:00 by ben",
      ])
    // At ten minutes the target is missed too: nobody is paged twice in one decision.
    #expect(
      incident.edited.map(told) == [
        "00:00:00 duty ana", "00:10:00 duty ben", "00:10:00 reminder ana", "00:25:00 reminder ben", "00:12:00 by ben",
      ])
    #expect(reply.differing.count == 1 && reply.differingLeftOut == 0)
    #expect(reply.present?.pages == 2 && reply.edited?.pages == 2)
  }

  @Test func aSeverityThatNoLongerComesByPhoneWakesNobody() throws {
    let loud = Policy.shipped.changing(.sev3) { $0.channels = [] }
    var escalator = Escalator(at: start + .hours(16), policies: [loud])
    escalator.alert(.sev3)
    escalator.wait(.minutes(2))
    try escalator.acknowledge(by: "ana")
    try escalator.resolve(by: "ana")
    let reply = try escalator.rehearse([.shipped])
    let ana = try #require(reply.people.first { $0.person == "ana" })
    #expect(ana.present == RehearsedLoad(pages: 1, nights: 1, interruptions: 1, wakings: 1))
    #expect(ana.edited == RehearsedLoad(pages: 1, nights: 1, interruptions: 1))
    #expect(reply.differing.first?.edited?.pages.first?.channels == ["push", "slack"])
  }

  @Test func whoeverIsPagedFirstAnswersForOneWhoWouldNotBe() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.wait(.minutes(3))
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(1))
    try escalator.resolve(by: "ana")
    let other = Timeline.platform(holders: [1: "cai", 2: "ben", 3: "tess"])
    let reply = try escalator.rehearse([], edited: other)
    #expect(reply.differing.first?.edited.map(told) == ["00:00:00 duty cai", "00:03:00 by cai"])
    #expect(reply.people.map(\.person) == ["ana", "cai"])
    #expect(reply.edited?.unanswered == 0)
  }

  @Test func aTierThatHasNobodyIsCounted() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.wait(.minutes(11))
    try escalator.acknowledge(by: "ben")
    try escalator.resolve(by: "ben")
    let reply = try escalator.rehearse([], edited: .platform(holders: [1: "ana", 3: "tess"]))
    #expect(reply.present?.unreached == [])
    #expect(reply.edited?.unreached == [UnreachedTier(tier: 2, times: 1)])
    #expect(reply.present?.escalated == 1 && reply.edited?.escalated == 1)
  }

  /// Half an hour in the record, ten minutes as edited: who answered answers again, as long after the page.
  @Test func anAcknowledgementThatLapsesOnlyHereIsGivenAgain() throws {
    var escalator = Escalator()
    escalator.alert(.sev4)
    escalator.wait(.minutes(2))
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(20))
    escalator.alert(.sev4, generation: 2, state: .resolved)
    let reply = try escalator.rehearse([
      .shipped.changing(.sev4) {
        $0.acknowledgementLapses = .minutes(5)
        $0.investigate = .zero
        $0.ages = []
      }
    ])
    let ana = try #require(reply.people.first { $0.person == "ana" })
    #expect(ana.present?.pages == 1)
    #expect(ana.edited?.pages == 4, "at 7, 14 and 21 minutes again: each is answered after two")
    #expect(reply.edited?.rounds == 0)
  }

  @Test func withoutGroupingEachAlertOfAStormPages() throws {
    var grouped = Policy.shipped
    grouped.grouping = Grouping(after: 2, within: .minutes(5), joinsFor: .hours(1))
    var escalator = Escalator(policies: [grouped])
    for number in 1...5 {
      escalator.alert(.sev1, "2f-\(number)")
      escalator.wait(.seconds(10))
    }
    escalator.wait(.minutes(1))
    try escalator.acknowledge(by: "ana", "2f-1")
    try escalator.acknowledge(by: "ana", "2f-2")
    escalator.wait(.minutes(2))
    for number in 1...5 { escalator.alert(.sev1, "2f-\(number)", generation: 2, state: .resolved) }
    let reply = try escalator.rehearse([.shipped])
    #expect(reply.present?.incidents == 2 && reply.edited?.incidents == 5)
    #expect(reply.present?.pages == 2 && reply.edited?.pages == 5)
    #expect(reply.differing.map(\.incidentId) == ["2f-3", "2f-4", "2f-5"])
    #expect(reply.differing.allSatisfy { $0.present?.partOf == "2f-2" && $0.edited?.acknowledgedBy == "ana" })
    let back = try escalator.rehearse([grouped])
    #expect(back.differing.isEmpty)
    let ana = try #require(reply.people.first { $0.person == "ana" })
    #expect(ana.present?.interruptions == 1 && ana.edited?.interruptions == 1)
  }

  @Test func onlyPagesWithinTheTimeAreCounted() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.wait(.minutes(12))
    let reply = try escalator.rehearse([], until: start + .minutes(4))
    #expect(reply.present?.pages == 1 && reply.people.map(\.person) == ["ana"])
    #expect(try escalator.rehearse([], until: start + .minutes(11)).present?.pages == 3, "the second and third tier")
  }

  // MARK: The present policies repeat what happened

  /// Whatever sources and people do: the run by the present policies is what really happened, page for page.
  @Test(arguments: Array(1...12) + [181] as [UInt64]) func thePresentPoliciesRepeatWhatHappened(seed: UInt64) throws {
    var dice = SplitMix(seed: seed)
    var policy = Policy.shipped
    policy.grouping = Grouping(after: 3, within: .minutes(5), joinsFor: .hours(1))
    var escalator = Escalator(policies: [policy])
    var generations: [String: UInt64] = [:]
    for step in 0..<60 {
      escalator.wait(.milliseconds(Int64(1 + dice.below(dice.below(3) == 0 ? 9_000_000 : 400_000))))
      let open = escalator.open
      let id = open.isEmpty ? "" : open[dice.below(open.count)]
      let severity = Severity(rawValue: UInt32(1 + dice.below(4))) ?? .sev1
      let person = ["ana", "ben", "cai", "tess"][dice.below(4)]
      func input(_ kind: Int) -> EscalationInput? {
        switch kind {
        case 0...3: .acknowledge(AcknowledgeRequest(incidentId: id, by: person))
        case 4: .resolve(ResolveRequest(incidentId: id, by: person))
        case 5: .update(UpdateRequest(incidentId: id, by: person, status: .investigating))
        case 6: .severity(SeverityRequest(incidentId: id, by: person, severity: severity, reason: "so it is"))
        case 7: .escalate(EscalateRequest(incidentId: id, by: person, tier: UInt32(dice.below(5)), reason: "help"))
        case 8: .reassign(ReassignRequest(incidentId: id, by: person, to: "cai"))
        case 9: .snooze(SnoozeRequest(incidentId: id, by: person, untilAt: escalator.now + .hours(1), reason: "vendor"))
        case 10: .responders(RespondersRequest(incidentId: id, by: person, people: ["cai"]))
        case 11:
          .merge(
            MergeRequest(incidentId: id, by: person, parts: [open[dice.below(open.count)]], reason: "one disk"))
        default:
          .reopen(
            ReopenRequest(
              incidentId: generations.keys.sorted()[dice.below(generations.count)], by: person, reason: "it is back"))
        }
      }
      switch dice.below(20) {
      case 0...6:
        let new = "2f-\(step)"
        generations[new] = 1
        escalator.alert(severity, new)
      case 7...8:
        guard !generations.isEmpty else { continue }
        let known = generations.keys.sorted()[dice.below(generations.count)]
        // What is history is reported anew, under another id.
        guard escalator.rules.incident(known) != nil else { continue }
        generations[known, default: 0] += 1
        escalator.alert(
          severity, known, generation: generations[known] ?? 1, state: dice.below(3) == 0 ? .open : .resolved)
      default:
        guard !id.isEmpty, let input = input(dice.below(13)) else { continue }
        _ = try? escalator.ask(input)
      }
    }
    escalator.wait(.hours(3))
    // All that can differ does, so that every incident is told.
    let slow = Severity.allCases.reduce(policy) { policy, severity in
      policy.changing(severity) {
        $0.channels = ["nowhere"]
        $0.ages = []
      }
    }
    let reply = try escalator.rehearse([slow])
    #expect(reply.present?.impossible == 0)
    let pages = escalator.pages
    #expect(reply.present?.pages == UInt64(pages.values.joined().count { $0.contains(" duty ") }))
    for incident in reply.differing {
      let told = incident.present?.pages.map { "\(Escalator.clock($0.at)) \($0.purpose) \($0.person)" } ?? []
      #expect(told == Array((pages[incident.incidentId] ?? []).prefix(12)), "\(incident.incidentId)")
    }
  }

  /// Seed 181: intake had lost that its source had called it over, and it became worse.
  @Test func whatFiresAfterItsEndBecomesWorseAsItDid() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    escalator.alert(.sev3, "2f-2")
    escalator.wait(.seconds(1))
    try escalator.ask(.merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: ["2f-2"], reason: "one disk")))
    escalator.wait(.seconds(1))
    escalator.alert(.sev3, generation: 2, state: .resolved)
    escalator.wait(.minutes(5))
    escalator.alert(.sev1, generation: 3)
    escalator.wait(.minutes(8))
    let reply = try escalator.rehearse([.shipped.changing(.sev1) { $0.channels = ["nowhere"] }])
    let told = reply.differing.first { $0.incidentId == "2f-1" }?.present?.pages ?? []
    #expect(told.map { "\(Escalator.clock($0.at)) \($0.purpose) \($0.person)" } == escalator.pages["2f-1"])
  }

  /// What is merged into it after it was reopened goes on until then.
  @Test func anEndEndsWhatWasPartOfItThen() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    escalator.alert(.sev2, "2f-2")
    escalator.wait(.minutes(1))
    try escalator.resolve(by: "ana")
    try escalator.ask(.reopen(ReopenRequest(incidentId: "2f-1", by: "ana", reason: "it is back")))
    escalator.wait(.minutes(20))
    try escalator.ask(.merge(MergeRequest(incidentId: "2f-1", by: "ana", parts: ["2f-2"], reason: "one disk")))
    let reply = try escalator.rehearse([.shipped.changing(.sev2) { $0.channels = ["nowhere"] }])
    let told = reply.differing.first { $0.incidentId == "2f-2" }?.present?.pages ?? []
    #expect(told.map { "\(Escalator.clock($0.at)) \($0.purpose) \($0.person)" } == escalator.pages["2f-2"])
  }

  // MARK: Bounds

  @Test func whatCannotBeMeantIsRefusedByField() {
    let now = start
    let from = start - .days(2)
    func timeline(_ team: String = "platform", from: Instant = Escalator.start - .days(9)) -> Timeline {
      Timeline(team: team, fromAt: from, untilAt: Escalator.start)
    }
    let many = Timeline(
      team: "platform", fromAt: from, untilAt: now, shifts: Array(repeating: Shift(tier: 1), count: 5_001))
    for (field, request) in [
      ("team", RehearsalRequest(fromAt: from)), ("from_at_ms", RehearsalRequest(team: "platform")),
      ("until_at_ms", RehearsalRequest(team: "platform", fromAt: now)),
      ("until_at_ms", RehearsalRequest(team: "platform", fromAt: now - .days(367))),
      ("timeline", RehearsalRequest(team: "platform", fromAt: from)),
      ("timeline.team", RehearsalRequest(team: "platform", fromAt: from, timeline: timeline("data"))),
      ("timeline.from_at_ms", RehearsalRequest(team: "platform", fromAt: from, timeline: timeline(from: now))),
      ("timeline.shifts", RehearsalRequest(team: "platform", fromAt: from, timeline: many)),
      ("from_at_ms", RehearsalRequest(team: "platform", fromAt: Instant(milliseconds: .min), timeline: timeline())),
      (
        "timeline.cycles",
        RehearsalRequest(
          team: "platform", fromAt: from,
          timeline: Timeline(
            team: "platform", fromAt: from, untilAt: now,
            cycles: [Cycle(tier: 1, every: .milliseconds(.max))]))
      ),
      (
        "timeline.from_at_ms",
        RehearsalRequest(team: "platform", fromAt: from, timeline: timeline(from: Instant(milliseconds: .min)))
      ),
      (
        "timeline.shifts[1].until_at_ms",
        RehearsalRequest(
          team: "platform", fromAt: from,
          timeline: Timeline(
            team: "platform", fromAt: from, untilAt: now,
            shifts: [Shift(tier: 1), Shift(tier: 2, fromAt: from, untilAt: Instant(milliseconds: .max))]))
      ),
      (
        "edited_timeline.shadows[0].from_at_ms",
        RehearsalRequest(
          team: "platform", fromAt: from, timeline: timeline(),
          editedTimeline: Timeline(
            team: "platform", fromAt: from, untilAt: now,
            shadows: [Shadow(tier: 1, fromAt: Instant(milliseconds: .min))]))
      ),
      (
        "edited_timeline.team",
        RehearsalRequest(team: "platform", fromAt: from, timeline: timeline(), editedTimeline: timeline("data"))
      ),
      (
        "policies[0].severities",
        RehearsalRequest(team: "platform", fromAt: from, policies: [Policy(name: "x")], timeline: timeline())
      ),
    ] {
      do throws(Refusal) {
        _ = try Escalations.checked(request, now: now)
        Issue.record("\(request) is taken")
      } catch { #expect(error.field == field) }
    }
  }

  @Test func whatIsTooMuchIsRefusedAndSaysWhatHelps() throws {
    let escalator = Escalator()
    func recorded(_ incidents: Int, _ severity: Severity = .sev1) -> [RecordedFacts] {
      (0..<incidents).map { number in
        let opened = IncidentOpened(
          id: "2f-\(number)", severity: severity, team: "platform", policy: "platform", openedAt: start,
          alertState: .open)
        return RecordedFacts(id: opened.id, facts: [(kind: .opened(opened), at: start)], firstPages: [:])
      }
    }
    let request = RehearsalRequest(
      team: "platform", fromAt: start, untilAt: start + .days(30), timeline: .platform(until: start + .days(60)))
    for incidents in [20_001, 3] {
      do throws(Refusal) {
        var rehearser = escalator.rules.rehearser(request)
        rehearser.factsAtMost = 5_000
        _ = try rehearser.rehearse(recorded(incidents), HistoryFigures())
        Issue.record("\(incidents) are rehearsed")
      } catch { #expect(error.status == .outOfRange && error.message.contains("shorter")) }
    }
  }

  /// Half a year of reviews that nobody holds would be many things that happen.
  @Test func whatIsRehearsedIsNotReviewed() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.wait(.minutes(1))
    try escalator.acknowledge(by: "ana")
    try escalator.resolve(by: "ana")
    let until = start + .days(200)
    let request = RehearsalRequest(
      team: "platform", fromAt: start - .days(1), untilAt: until, timeline: .platform(until: until))
    var rehearser = escalator.rules.rehearser(request)
    rehearser.factsAtMost = 30
    #expect(try rehearser.rehearse(escalator.recorded, HistoryFigures()).present?.pages == 1)
  }

  /// An answer has room for so many: the rest is counted.
  @Test func ofManyDifferencesTheRestIsCounted() throws {
    var escalator = Escalator()
    for number in 0..<400 { escalator.alert(.sev1, "2f-\(number)") }
    escalator.wait(.hours(2))
    let reply = try escalator.rehearse([.shipped.changing(.sev1) { $0.acknowledgeMaximum = .minutes(9) }])
    #expect(reply.differing.count == 200 && reply.differingLeftOut == 200)
    #expect(reply.differing.allSatisfy { $0.edited?.pages.count == 12 && ($0.edited?.pagesLeftOut ?? 0) > 0 })
  }

  private func told(_ course: RehearsedCourse) -> [String] {
    func clock(_ at: Instant) -> String {
      let seconds = (at - start).milliseconds / 1_000
      return [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { ($0 < 10 ? "0" : "") + "\($0)" }
        .joined(separator: ":")
    }
    return course.pages.map { "\(clock($0.at)) \($0.purpose) \($0.person)" }
      + (course.acknowledgedAt.isSet ? ["\(clock(course.acknowledgedAt)) by \(course.acknowledgedBy)"] : [])
  }
}

extension Timeline {
  /// As the scheduler tells it of a time that is over.
  fileprivate var ofThePast: Timeline {
    var timeline = self
    timeline.cycles = []
    return timeline
  }
}

extension Escalator {
  /// What history would have kept of what happened here.
  var recorded: [RecordedFacts] {
    var found: [RecordedFacts] = []
    for (fact, at) in facts {
      guard let id = fact.kind?.incidentID else { continue }
      if case .opened = fact.kind { found.append(RecordedFacts(id: id, facts: [], firstPages: [:])) }
      guard let index = found.firstIndex(where: { $0.id == id }) else { continue }
      if let kind = Deeds.of(fact)?.kind { found[index].facts.append((kind: kind, at: at)) }
      if case .paged(let paged) = fact.kind, paged.purpose == .duty, found[index].firstPages[paged.person] == nil {
        found[index].firstPages[paged.person] = at
      }
    }
    return found
  }

  /// "11-25 10:00:00 duty ana", by incident.
  var pages: [String: [String]] {
    var pages: [String: [String]] = [:]
    for (fact, at) in facts {
      guard case .paged(let paged) = fact.kind else { continue }
      pages[paged.incidentId, default: []].append("\(Self.clock(at)) \(paged.purpose) \(paged.person)")
    }
    return pages
  }

  var open: [String] {
    ((try? rules.list(ListIncidentsRequest(limit: 1_000)))?.incidents ?? []).map(\.id)
  }

  func rehearse(
    _ policies: [Policy], edited: Timeline? = nil, until: Instant? = nil
  ) throws(Refusal) -> RehearsalReply {
    let request = RehearsalRequest(
      team: "platform", fromAt: Escalator.start - .days(1), untilAt: until ?? now + .milliseconds(1),
      policies: policies,
      timeline: .platform().ofThePast, editedTimeline: edited?.ofThePast)
    let checked = try Escalations.checked(request, now: now + .milliseconds(1))
    return try rules.rehearser(checked).rehearse(recorded, HistoryFigures())
  }
}
