import Messages
import Scheduling
import Testing

/// Requirements P2 to P4: who may be on call, what is missing, and the weeks on the way there.
@Suite struct EligibilityTests {
  /// Nora is new: she has done all but what is given.
  private func scheduler(
    newcomerLacks missing: [TrainingItem], tertiary: [String] = ["tara", "theo"]
  ) throws -> Scheduler {
    var configuration = ScheduleConfiguration.platform()
    configuration.rotations[2].members = tertiary
    configuration.people.append(ScheduleConfiguration.person("nora"))
    configuration.training += ScheduleConfiguration.trained("nora", but: missing)
    return try Scheduler(configuration, at: .utc("2026-11-25T12:00:00"))
  }

  private func withNora(_ scheduler: Scheduler) -> ScheduleConfiguration {
    var configuration = scheduler.rules.configuration
    configuration.rotations[0].members.append("nora")
    return configuration
  }

  @Test func nobodyEntersARotationWithoutTheProgrammeAndEveryMissingItemIsNamed() throws {
    var scheduler = try scheduler(newcomerLacks: [.shadowRotation2, .productionAccess, .pushDevice, .soloRotation])
    let refusal = try #require(scheduler.refusal(.configure(withNora(scheduler), by: "ops")))
    #expect(refusal.status == .failedPrecondition && refusal.field == "rotations[0].members[8]")
    #expect(
      refusal.message
        == "nora can't be on call (P3): is not eligible: needs shadow rotation 2 (1 week), production access, "
        + "a verified push device. It becomes possible when each is recorded (training record nora ITEM), or with somebody "
        + "who is eligible")
    for item in [TrainingItem.shadowRotation2, .productionAccess] { try scheduler.train("nora", item) }
    let trained = try scheduler.train("nora", .pushDevice)
    #expect(trained.words == "is eligible for a solo week with a team lead behind")
    #expect(scheduler.refusal(.configure(withNora(scheduler), by: "ops")) == nil)
  }

  @Test func nobodyElseTakesAnOverrideCoverOrSwap() throws {
    let scheduler = try scheduler(newcomerLacks: [.shadowRotation1])
    let until = scheduler.now + .hours(4)
    let request = OverrideRequest(team: "platform", tier: 1, person: "nora", untilAt: until, reason: "x", by: "tara")
    let swap = SwapRequest(
      team: "platform", tier: 1, takers: ["nora"], fromAt: scheduler.now + .hours(1), untilAt: until, by: "dee")
    for input in [ScheduleInput.addOverride(request), .assignCover(request), .requestSwap(swap)] {
      let refusal = try #require(scheduler.refusal(input))
      #expect(
        refusal.message.hasPrefix("nora can't be on call (P3): is not eligible: needs shadow rotation 1 (1 week)"))
    }
  }

  @Test func whoLosesEligibilityOnCallStaysUntilCoverAndTheLeadIsToldAtOnce() throws {
    var scheduler = try scheduler(newcomerLacks: [])
    let spoken = scheduler.said.count
    try scheduler.train("dee", .pushDevice, lost: true)
    #expect(try scheduler.holder(at: scheduler.now) == "dee")
    let told = scheduler.said[spoken...].filter { $0.hasPrefix("tara: ") }
    #expect(told.count == 1)
    #expect(
      told.first?.contains(
        "dee is not eligible: needs a verified push device (P3); stays primary from Wed 25 Nov 12:00 UTC until Mon 30 Nov"
      )
        == true)
    // What isn't promised yet is generated without her, and the same configuration is still taken.
    #expect(try scheduler.weeks(30, from: "2027-01-04").contains("dee") == false)
    var configuration = scheduler.rules.configuration
    configuration.teams[0].name = "Platform"
    #expect(scheduler.refusal(.configure(configuration, by: "ops")) == nil)
    try scheduler.train("dee", .pushDevice)
    #expect(try scheduler.weeks(30, from: "2027-01-04").contains("dee"))
  }

  @Test func aRecordInTheConfigurationIsTakenOnceAndDoesNotBringBackWhatWasLost() throws {
    var scheduler = try scheduler(newcomerLacks: [])
    try scheduler.train("dee", .productionAccess, lost: true)
    var configuration = scheduler.rules.configuration
    configuration.teams[0].name = "Platform"
    try scheduler.configure(configuration)
    let reply = try scheduler.rules.listEligibility(ListPeopleRequest(team: "platform"), now: scheduler.now)
    let dee = try #require(reply.people.first { $0.person == "dee" })
    #expect(dee.missing == [.productionAccess] && !dee.eligible)
    #expect(reply.people.first { $0.person == "eli" }?.fully == true)
  }

  @Test func continuingEducationWarnsAndDoesNotBar() throws {
    let scheduler = try scheduler(newcomerLacks: [])
    let ana = try #require(
      try scheduler.rules.listEligibility(ListPeopleRequest(), now: scheduler.now).people.first { $0.person == "ana" })
    #expect(ana.fully && ana.reminders.contains("quarterly runbook review: never recorded"))
  }

  // MARK: P4

  @Test func aShadowWeekGivesCopiesAndIsRecordedByItself() throws {
    var scheduler = try scheduler(newcomerLacks: [.shadowRotation1, .shadowRotation2, .soloRotation])
    let request = ShadowRequest(team: "platform", person: "nora", by: "tara")
    try scheduler.decide(.assignShadow(request))
    let shadow = try #require(scheduler.timelines.last?.shadows.first)
    #expect(shadow.person == "nora" && shadow.tier == 1)
    #expect(shadow.fromAt == .utc("2026-11-30") && shadow.untilAt == .utc("2026-12-07"))
    scheduler.wait(until: .utc("2026-12-06T23:59:59"))
    let during = try scheduler.rules.onCall(OnCallRequest(team: "platform", tier: 1), now: scheduler.now)
    #expect(
      during.shifts.map(\.person) == ["eli"] && during.shadows.filter(\.because.isEmpty).map(\.person) == ["nora"])
    func missing() throws -> [TrainingItem]? {
      try scheduler.rules.listEligibility(ListPeopleRequest(), now: scheduler.now).people.first { $0.person == "nora" }?
        .missing
    }
    #expect(try missing() == [.shadowRotation1, .shadowRotation2])
    scheduler.wait(.days(1))
    #expect(try missing() == [.shadowRotation2])
    #expect(scheduler.timelines.last?.shadows.filter(\.because.isEmpty) == [])
    try scheduler.decide(.assignShadow(ShadowRequest(team: "platform", tier: 2, person: "nora", by: "tara")))
    scheduler.wait(.days(14))
    #expect(try missing() == [])
  }

  @Test func theFirstSoloWeekHasATeamLeadBehindIt() throws {
    var scheduler = try scheduler(newcomerLacks: [.soloRotation])
    try scheduler.configure(withNora(scheduler))
    let monday = try #require(
      (0..<20).map { Instant.utc("2026-12-28") + .days(7 * $0) }.first { try scheduler.holder(at: $0) == "nora" })
    let secondary = try scheduler.shifts(2, at: monday)[0]
    #expect(
      ["tara", "theo"].contains(secondary.person) && secondary.explanation.contains("behind nora's first solo week"))
    #expect(try scheduler.holder(3, at: monday) != secondary.person)
    scheduler.wait(until: monday + .days(7))
    let nora = try #require(
      try scheduler.rules.listEligibility(ListPeopleRequest(), now: scheduler.now).people.first { $0.person == "nora" })
    #expect(nora.fully && nora.records.contains { $0.item == .soloRotation && $0.by == "tocsin" })
    scheduler.wait(.days(90))
    let next = try #require(
      (0..<20).map { scheduler.now + .days(7 * $0) }.first { try scheduler.holder(at: $0) == "nora" })
    #expect(!["tara", "theo"].contains(try scheduler.holder(2, at: next)))
  }

  /// Tara is in no rotation.
  @Test func aTeamLeadWhoIsAwayIsNotPromisedTheWeekBehindASoloWeek() throws {
    var scheduler = try scheduler(newcomerLacks: [.soloRotation], tertiary: ["theo"])
    try scheduler.configure(withNora(scheduler))
    let monday = Instant.utc("2026-12-28")
    #expect(try scheduler.holder(at: monday) == "nora")
    #expect(try scheduler.holder(2, at: monday) == "tara")
    try scheduler.away("tara", from: monday + .days(2), until: monday + .days(5))
    #expect(try scheduler.holder(2, at: monday) == "theo")
    #expect(scheduler.restored == scheduler.rules)
    scheduler.wait(until: .utc("2026-12-01"))
    #expect(try scheduler.holder(2, at: monday) == "theo", "promised on 30 November")
    #expect(try scheduler.holder(2, at: monday + .days(3)) == "theo")
  }

  @Test func aTeamLeadWhoLosesEligibilityIsNotPromisedTheWeekBehindASoloWeek() throws {
    var scheduler = try scheduler(newcomerLacks: [.soloRotation], tertiary: ["theo"])
    try scheduler.configure(withNora(scheduler))
    let monday = Instant.utc("2026-12-28")
    #expect(try scheduler.holder(2, at: monday) == "tara")
    try scheduler.train("tara", .pushDevice, lost: true)
    #expect(try scheduler.holder(2, at: monday) == "theo")
    #expect(scheduler.restored == scheduler.rules)
  }

  /// A team's new lead is the first to stand behind, though no rotation changed.
  @Test func aNewLeadStandsBehindTheFirstSoloWeek() throws {
    var scheduler = try scheduler(newcomerLacks: [.soloRotation], tertiary: ["ana"])
    try scheduler.configure(withNora(scheduler))
    let monday = Instant.utc("2026-12-28")
    #expect(try scheduler.holder(2, at: monday) == "tara")
    var configuration = scheduler.rules.configuration
    configuration.teams[0].lead = "theo"
    try scheduler.configure(configuration)
    #expect(try scheduler.holder(2, at: monday) == "theo")
    #expect(scheduler.restored == scheduler.rules)
  }
}
