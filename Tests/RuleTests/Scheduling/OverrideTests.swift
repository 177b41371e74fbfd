import Messages
import Testing

/// Requirement S1: a person on a tier for a span, and back again.
@Suite struct OverrideTests {
  private func scheduler() throws -> Scheduler { try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00")) }

  @Test func withoutABeginningItBeginsWhenItIsAccepted() throws {
    var scheduler = try scheduler()
    let reply = try scheduler.override("hal", until: scheduler.now + .hours(4))
    #expect(reply.replaced.map(\.person) == ["dee"])
    #expect(reply.replaced[0].fromAt == scheduler.now && reply.replaced[0].untilAt == scheduler.now + .hours(4))
    #expect(try scheduler.holder(at: scheduler.now - .milliseconds(1)) == "")
    #expect(try scheduler.holder(at: scheduler.now) == "hal")
    #expect(try scheduler.holder(at: scheduler.now + .hours(4)) == "dee")
    #expect(scheduler.timelines.last?.shifts.first { $0.tier == 1 }?.person == "hal")
    #expect(scheduler.said.last?.contains("hal is primary from") == true)
  }

  @Test func theLatestAcceptedWinsWhereTwoOverlap() throws {
    var scheduler = try scheduler()
    let noon = scheduler.now
    try scheduler.override("hal", until: noon + .hours(8))
    let second = try scheduler.override("gus", from: noon + .hours(2), until: noon + .hours(4))
    #expect(try [1, 3, 5, 9].map { try scheduler.holder(at: noon + .hours($0)) } == ["hal", "gus", "hal", "dee"])
    try scheduler.removeOverride(second.overrideId)
    #expect(try [1, 3, 5, 9].map { try scheduler.holder(at: noon + .hours($0)) } == ["hal", "hal", "hal", "dee"])
  }

  @Test func removedBeforeItBeganItNeverWas() throws {
    var scheduler = try scheduler()
    let reply = try scheduler.override("hal", from: scheduler.now + .days(2), until: scheduler.now + .days(3))
    try scheduler.removeOverride(reply.overrideId)
    #expect(try scheduler.holder(at: scheduler.now + .days(2)) == "dee")
    #expect(scheduler.timelines.last?.shifts.contains { $0.because == .override } == false)
  }

  @Test func whatCannotBeIsRefusedByField() throws {
    let now = Instant.utc("2026-11-25T12:00:00")
    func field(_ person: String = "hal", tier: UInt32 = 1, from: Instant = .unset, until: Instant) throws -> String? {
      var scheduler = try scheduler()
      do {
        try scheduler.override(person, tier: tier, from: from, until: until)
        return nil
      } catch let refusal as Refusal { return refusal.field }
    }
    #expect(try field("zoe", until: now + .hours(1)) == "person")
    #expect(try field(tier: 4, until: now + .hours(1)) == "tier")
    #expect(try field(until: now) == "until_at_ms")
    #expect(try field(from: now + .hours(2), until: now + .hours(1)) == "until_at_ms")
    #expect(try field(until: now + .days(400)) == "until_at_ms")
    #expect(try field(until: now + .hours(1)) == nil)
  }

  @Test func anOverrideIsALeadsToMake() throws {
    let scheduler = try scheduler()
    let request = OverrideRequest(
      team: "platform", tier: 1, person: "hal", untilAt: scheduler.now + .hours(4), reason: "because", by: "ben")
    let refusal = try #require(scheduler.refusal(.addOverride(request)))
    #expect(refusal.status == .permissionDenied && refusal.message.contains("ben isn't a lead of team platform (S1)"))
    #expect(refusal.message.contains("ben can ask for a swap"))
  }

  @Test func thoseWhoseShiftChangesAreTold() throws {
    var scheduler = try scheduler()
    try scheduler.override("hal", until: scheduler.now + .hours(4))
    #expect(scheduler.said.contains { $0.hasPrefix("hal: platform: hal is primary from") })
    #expect(scheduler.said.contains { $0.hasPrefix("dee: platform: hal is primary from") })
  }
}
