import Messages
import Scheduling
import Testing

/// Requirement S10: a test page on each channel, its code, and who gets copies until one is confirmed.
@Suite struct TestPageTests {
  private let handoff = Instant.utc("2026-11-30")

  /// Friday of a week whose primary is `out`; `next` takes over on Monday.
  private func friday() throws -> (scheduler: Scheduler, out: String, next: String) {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-20"))
    scheduler.wait(until: .utc("2026-11-27T12:00:00"))
    return (scheduler, try scheduler.holder(at: handoff - .hours(1)), try scheduler.holder(at: handoff))
  }

  private func test(_ person: String, _ channels: [String] = [], by: String? = nil) -> ScheduleInput {
    .readiness(.test(ReadinessTestRequest(person: person, channels: channels, by: by ?? person)))
  }

  private func confirm(_ code: String, by: String) -> ScheduleInput {
    .readiness(.confirm(ReadinessConfirmation(code: code, by: by)))
  }

  private func copies(_ scheduler: Scheduler) -> [Shadow] {
    scheduler.timelines.last { $0.team == "platform" }?.shadows ?? []
  }

  private func show(_ scheduler: Scheduler, _ person: String) throws -> ReadinessRecord {
    try scheduler.rules.showReadiness(ReadinessRequest(team: "platform", person: person), now: scheduler.now)
  }

  @Test func aTestPageGoesByEachChannelWithACodeOfItsOwn() throws {
    var (scheduler, _, next) = try friday()
    try scheduler.decide(test(next))
    let codes = scheduler.testCodes(of: next)
    #expect(codes.keys.sorted() == ["push", "sms", "voice"] && Set(codes.values).count == 3)
    #expect(try show(scheduler, next).tests.map(\.channel) == ["push", "sms", "voice"])
    #expect(try show(scheduler, next).tests.allSatisfy { $0.askedAt == scheduler.now && !$0.confirmedAt.isSet })
    try scheduler.decide(confirm(try #require(codes["sms"]), by: next))
    #expect(try show(scheduler, next).tests.map(\.confirmedAt.isSet) == [false, true, false])
    #expect((scheduler.restored == scheduler.rules))
    let late = scheduler.refusal(confirm(try #require(codes["sms"]), by: next))
    #expect(late?.field == "code" && late?.message.contains("push, voice") == true)
  }

  @Test func onlyWhoGotTheCodeConfirmsIt() throws {
    var (scheduler, out, next) = try friday()
    #expect(scheduler.refusal(test(next, by: out))?.message.contains("can't speak for \(next)") == true)
    #expect(scheduler.refusal(test(next, ["pigeon"]))?.message.contains("\"pigeon\" is none of push") == true)
    try scheduler.decide(test(next, by: "tara"))
    #expect(scheduler.refusal(confirm("000000", by: next))?.field == "code")
    let push = try #require(scheduler.testCodes(of: next)["push"])
    #expect(scheduler.refusal(confirm(push, by: out))?.message.contains("no test page of \(out) waits") == true)
    #expect(scheduler.refusal(test(next))?.status == .resourceExhausted)
    scheduler.wait(.days(1))
    #expect(scheduler.refusal(confirm(push, by: next))?.message.contains("codes hold for a day") == true)
    try scheduler.decide(test(next))
    try scheduler.decide(confirm(try #require(scheduler.testCodes(of: next)["push"]), by: next))
  }

  @Test func aTestPageAskedForByAClockThatWasWrongHoldsUpNone() throws {
    var (scheduler, _, next) = try friday()
    try scheduler.decide(test(next))
    scheduler.stepClock(by: .zero - .minutes(40))
    try scheduler.decide(test(next))
    #expect(scheduler.refusal(test(next))?.status == .resourceExhausted)
  }

  @Test func testPagesThatAreStillOwedOutliveACheckpoint() throws {
    var (scheduler, _, next) = try friday()
    let asked = try scheduler.rules.decide(test(next), at: scheduler.now).facts
    for fact in asked { scheduler.rules.apply(fact, at: scheduler.now) }
    #expect(scheduler.rules.owed(to: .notifier, limit: 9).count == 3)
    #expect((scheduler.restored == scheduler.rules))
  }

  /// What waits for its code, or to be withdrawn, is kept after it was taken: offering it again would never end.
  @Test func whatWasTakenIsNotOwedAnyMore() throws {
    var (scheduler, out, next) = try friday()
    let sick = AbsenceRequest(person: out, kind: .sick, reason: "flu", by: out)
    var made = try scheduler.rules.decide(test(next), at: scheduler.now).facts
    for fact in made { scheduler.rules.apply(fact, at: scheduler.now) }
    made = try scheduler.rules.decide(.requestAbsence(sick), at: scheduler.now).facts
    for fact in made { scheduler.rules.apply(fact, at: scheduler.now) }
    let pages = scheduler.rules.owed(to: .notifier, limit: 9).map(\.key.id)
    #expect(pages.count > 3 && pages.allSatisfy { scheduler.rules.owed($0, to: .notifier) != nil })
    try scheduler.override("hal", until: scheduler.now + .hours(1))
    #expect(pages.allSatisfy { scheduler.rules.owed($0, to: .notifier) == nil })
  }

  @Test func whoConfirmsPushHasAVerifiedPushDevice() throws {
    var (scheduler, _, next) = try friday()
    try scheduler.train(next, .pushDevice, lost: true)
    try scheduler.decide(test(next, ["push"]))
    try scheduler.decide(confirm(try #require(scheduler.testCodes(of: next)["push"]), by: next))
    let known = try scheduler.rules.listEligibility(ListPeopleRequest(team: "platform"), now: scheduler.now)
    #expect(known.people.first { $0.person == next }?.eligible == true)
    #expect((scheduler.restored == scheduler.rules))
  }

  @Test func untilATestPageIsConfirmedWhoWasPrimaryGetsCopies() throws {
    var (scheduler, out, next) = try friday()
    scheduler.wait(until: handoff)
    let copy = try #require(copies(scheduler).first { $0.fromAt == handoff })
    #expect(copy.because == "until \(next) confirms a test page")
    #expect(copy.person == out && copy.tier == 1 && copy.untilAt == handoff + .days(7))
    #expect(
      scheduler.said.contains { $0.hasPrefix("\(out): ") && $0.contains("you get copies of the pages, without duty") })
    #expect(try show(scheduler, next).copiesTo == out)
    #expect(
      try scheduler.rules.onCall(OnCallRequest(team: "platform", tier: 1), now: scheduler.now).shadows.map(\.person)
        == [out])
    scheduler.wait(.hours(2))
    try scheduler.decide(test(next))
    try scheduler.decide(confirm(try #require(scheduler.testCodes(of: next)["voice"]), by: next))
    #expect(!copies(scheduler).contains { $0.untilAt > scheduler.now && $0.fromAt <= scheduler.now })
    #expect(try show(scheduler, next).copiesTo.isEmpty)
    #expect(scheduler.said.contains { $0.hasPrefix("\(out): ") && $0.contains("you get no more copies") })
    #expect((scheduler.restored == scheduler.rules))
  }

  @Test func copiesGoToWhoeverIsThereForPartOfTheShift() throws {
    var scheduler = try Scheduler(.platform(), at: handoff - .days(20))
    let (out, next) = (try scheduler.holder(at: handoff - .hours(1)), try scheduler.holder(at: handoff))
    let away = handoff + .days(2)
    try scheduler.away(out, from: away, until: away + .days(1))
    scheduler.wait(until: handoff + .hours(1))
    #expect(copies(scheduler).first { $0.fromAt == handoff }?.untilAt == away)
    #expect(try show(scheduler, next).copiesTo == out)
    scheduler.wait(until: away)
    #expect(try show(scheduler, next).copiesTo.isEmpty)
  }

  @Test func whoConfirmsBeforehandNeedsNobodyBehindThem() throws {
    var (scheduler, _, next) = try friday()
    try scheduler.confirmTestPages(of: next)
    scheduler.wait(until: handoff + .hours(1))
    #expect(!copies(scheduler).contains { $0.fromAt <= scheduler.now && scheduler.now < $0.untilAt })
  }

  @Test func aChannelThatCannotBeSentToIsShownAndIsNotMissingOnceAnotherIsConfirmed() throws {
    var (scheduler, _, next) = try friday()
    scheduler.brokenChannel = "voice"
    try scheduler.decide(test(next))
    #expect(try show(scheduler, next).tests.map(\.words) == ["", "", "no voice"])
    for (channel, code) in scheduler.testCodes(of: next) where channel != "voice" {
      try scheduler.decide(confirm(code, by: next))
    }
    for item in try show(scheduler, next).items {
      try scheduler.decide(
        .readiness(.tick(ReadinessTick(team: "platform", person: next, item: item.id, by: next))))
    }
    let record = try show(scheduler, next)
    #expect(record.complete, "\(record.tests) \(record.items.filter { $0.by.isEmpty }.map(\.id))")
  }
}
