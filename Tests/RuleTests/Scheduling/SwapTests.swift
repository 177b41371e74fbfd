import Messages
import Scheduling
import Testing

/// Requirement S6: two consents, one atomic change.
@Suite struct SwapTests {
  private func scheduler() throws -> Scheduler { try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00")) }
  private let week = (from: Instant.utc("2026-12-07"), until: Instant.utc("2026-12-14"))

  /// Fay gives her primary week of 7 December.
  private func ask(_ takers: [String] = ["ana"], by: String = "fay", part: Span? = nil) -> SwapRequest {
    SwapRequest(
      team: "platform", tier: 1, giver: "fay", takers: takers, fromAt: week.from,
      untilAt: part.map { week.from + $0 } ?? week.until, reason: "concert", by: by)
  }

  @Test func bothAgreeEachAsThemselvesAndItIsDoneAtOnce() throws {
    var scheduler = try scheduler()
    let swap = try scheduler.swap(ask())
    #expect(swap.state == .open && swap.rotation == "primary" && swap.shiftNumber == 61)
    #expect(
      scheduler.said.contains {
        $0.hasPrefix("#on-call-swaps: platform: swap-1: fay gives primary from Mon 7 Dec 00:00 UTC until Mon 14 Dec")
      })
    #expect(try scheduler.holder(at: week.from) == "fay")
    #expect(
      scheduler.refusal(.answerSwap(SwapAnswer(swapId: swap.id, by: "ben", agrees: true)))?.status == .permissionDenied)
    let reply = try scheduler.answer(swap, "ana")
    #expect(reply.swap?.state == .agreed && reply.swap?.overrideIds == ["override-1"])
    #expect(scheduler.said.contains { $0.hasPrefix("#platform-alerts: platform: swap-1: fay gives primary") })
    let shift = try scheduler.shifts(1, at: week.from)[0]
    #expect(shift.person == "ana" && shift.because == .swap && shift.fromAt == week.from && shift.untilAt == week.until)
    #expect(shift.explanation == "rotation primary, week 50, swapped with fay on 25 Nov, agreed by both")
    #expect(scheduler.timelines.last?.shifts.contains { $0.person == "ana" && $0.because == .swap } == true)
    let balances = scheduler.rules.listSwaps(ListSwapsRequest(team: "platform")).balances
    #expect(balances.map(\.person) == ["ana", "fay"])
    #expect(balances.map(\.given) == [.zero, .days(7)] && balances.map(\.taken) == [.days(7), .zero])
  }

  @Test func aLeadMayProposeAndThenBothAgree() throws {
    var scheduler = try scheduler()
    let swap = try scheduler.swap(ask(by: "tara"))
    try scheduler.answer(swap, "ana")
    #expect(try scheduler.holder(at: week.from) == "fay")
    try scheduler.answer(swap, "fay")
    #expect(try scheduler.holder(at: week.from) == "ana")
    #expect(scheduler.refusal(.requestSwap(ask(by: "ben")))?.status == .permissionDenied)
  }

  @Test func aTradeIsWholeOrNotAtAll() throws {
    var scheduler = try scheduler()
    var request = ask(["ben"])
    request.returnTier = 1
    request.returnFromAt = .utc("2027-01-04")
    request.returnUntilAt = .utc("2027-01-11")
    let swap = try scheduler.swap(request)
    // Ben falls ill for the week that he would take: nothing of it happens.
    try scheduler.away("ben", .sick, from: .utc("2026-12-08"), until: .utc("2026-12-10"))
    let refusal = try #require(scheduler.refusal(.answerSwap(SwapAnswer(swapId: swap.id, by: "ben", agrees: true))))
    #expect(refusal.message.hasPrefix("ben is on sick leave until Thu 10 Dec 00:00 UTC (absence-1) and time off beats"))
    #expect(try scheduler.holder(at: .utc("2027-01-05")) == "ben" && scheduler.holder(at: week.from) == "fay")
    try scheduler.decide(.endAbsence(AbsenceEnd(absenceId: "absence-1", by: "ben")))
    try scheduler.answer(swap, "ben")
    #expect(try scheduler.holder(at: week.from) == "ben" && scheduler.holder(at: .utc("2027-01-05")) == "fay")
  }

  @Test func partOfAShiftCanBeGiven() throws {
    var scheduler = try scheduler()
    let swap = try scheduler.swap(ask(part: .hours(8)))
    try scheduler.answer(swap, "ana")
    #expect(
      try scheduler.holder(at: week.from + .hours(7)) == "ana" && scheduler.holder(at: week.from + .hours(8)) == "fay")
  }

  @Test func theFirstOfAGroupToAgreeTakesIt() throws {
    var scheduler = try scheduler()
    let swap = try scheduler.swap(ask(["ana", "ben", "cai"]))
    try scheduler.answer(swap, "ana", agrees: false)
    try scheduler.answer(swap, "cai")
    #expect(try scheduler.holder(at: week.from) == "cai")
    #expect(scheduler.said.contains { $0 == "ben: platform: swap-1 went to cai" })
    let late = try #require(scheduler.refusal(.answerSwap(SwapAnswer(swapId: swap.id, by: "ben", agrees: true))))
    #expect(late.message == "swap-1 is agreed (agreed by both): ask for a new one")
  }

  @Test func whatEverybodyDeclinesOrTheGiverTakesBackIsOver() throws {
    var scheduler = try scheduler()
    let one = try scheduler.swap(ask(["ana", "ben"]))
    try scheduler.answer(one, "ana", agrees: false)
    #expect(scheduler.rules.listSwaps(ListSwapsRequest(openOnly: true)).swaps.count == 1)
    let declined = try scheduler.answer(one, "ben", agrees: false)
    #expect(declined.swap?.state == .declined && declined.swap?.words == "declined by ana, ben")
    let two = try scheduler.swap(ask())
    let withdrawn = try scheduler.answer(two, "fay", agrees: false)
    #expect(withdrawn.swap?.state == .withdrawn)
    #expect(try scheduler.holder(at: week.from) == "fay")
  }

  @Test func itLapsesWhenItsShiftBegins() throws {
    var scheduler = try scheduler()
    let swap = try scheduler.swap(ask())
    scheduler.wait(until: week.from - .milliseconds(1))
    #expect(scheduler.rules.listSwaps(ListSwapsRequest(openOnly: true)).swaps.count == 1)
    scheduler.wait(.milliseconds(1))
    #expect(scheduler.rules.listSwaps(ListSwapsRequest()).swaps.map(\.state) == [.lapsed])
    #expect(
      scheduler.said.contains {
        $0.hasSuffix("its shift began before both had agreed") && $0.hasPrefix("#on-call-swaps")
      })
    #expect(scheduler.refusal(.answerSwap(SwapAnswer(swapId: swap.id, by: "ana", agrees: true)))?.field == "swap_id")
    #expect(scheduler.refusal(.requestSwap(ask()))?.message.hasPrefix("the shift has begun (S6)") == true)
  }

  @Test func nobodyIsTradedIntoTwoPrimaryWeeksRunning() throws {
    var scheduler = try scheduler()
    for neighbour in ["eli", "gus"] {
      let refusal = try #require(scheduler.refusal(.requestSwap(ask([neighbour]))))
      #expect(refusal.message.hasPrefix("\(neighbour) would be primary two weeks running (S4), from Mon"))
    }
    #expect(scheduler.refusal(.requestSwap(ask(["gus"], part: .hours(8)))) == nil, "a part is allowed")
    // Cover is only warned of: somebody must.
    let cover = OverrideRequest(
      team: "platform", tier: 1, person: "gus", fromAt: week.from, untilAt: week.until, reason: "nobody else",
      by: "tara")
    guard case .overridden(let reply) = try scheduler.decide(.assignCover(cover)) else { return }
    #expect(reply.warnings.first?.hasPrefix("gus would be primary two weeks running (S4)") == true)
  }

  @Test func onlyWhatIsOnesOwnCanBeGiven() throws {
    let scheduler = try scheduler()
    var request = ask()
    request.giver = "hal"
    request.by = "hal"
    let refusal = try #require(scheduler.refusal(.requestSwap(request)))
    #expect(
      refusal.message == "hal can't give what isn't theirs (S6): primary at Mon 7 Dec 00:00 UTC is fay's "
        + "(rotation primary, week 50)")
  }

  @Test func aShiftThatIsNotPublishedYetIsPromisedByTheSwapSoThatItStays() throws {
    var scheduler = try scheduler()
    let monday = Instant.utc("2027-02-08")
    let giver = try scheduler.holder(at: monday)
    let request = SwapRequest(
      team: "platform", tier: 1, giver: giver, takers: ["ben"], fromAt: monday, untilAt: monday + .days(7),
      reason: "ski",
      by: giver)
    #expect(giver != "ben")
    try scheduler.answer(try scheduler.swap(request), "ben")
    var configuration = ScheduleConfiguration.platform()
    configuration.rotations[0].members = ["ana", "cai"]
    configuration.rotations[0].handoffMinute = 540
    try scheduler.configure(configuration)
    let shift = try scheduler.shifts(1, at: monday)[0]
    #expect(shift.person == "ben" && shift.fromAt == monday && shift.untilAt == monday + .days(7))
  }
}
