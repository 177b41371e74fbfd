import Messages
import Scheduling
import Testing

/// Requirement S3: a published week changes only through override, swap or cover.
@Suite struct PublishedWeeksTests {
  private func scheduler() throws -> Scheduler { try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00")) }
  static let published = ["eli", "fay", "gus", "hal"]

  @Test func anEditedRotationHoldsAfterThePublishedWeeksAndTheAnswerSaysFromWhen() throws {
    var scheduler = try scheduler()
    var configuration = ScheduleConfiguration.platform()
    configuration.rotations[0].members = ["gus", "hal"]
    let reply = try scheduler.configure(configuration)
    #expect(
      reply.changes.contains(
        "team platform: primary is published until Mon 28 Dec 00:00 UTC and stays; the change holds from then"))
    #expect(try scheduler.weeks(4, from: "2026-11-30") == Self.published)
    #expect(try scheduler.weeks(4, from: "2026-12-28") == ["gus", "hal", "gus", "hal"])
    #expect(try scheduler.holder(at: .utc("2026-11-18")) == "", "nothing was configured then, and still isn't")
  }

  @Test func timeOffIsKnownToTheGeneratorAndNotToWhatIsPublished() throws {
    var scheduler = try scheduler()
    try scheduler.away("ana", from: .utc("2026-12-30"), until: .utc("2027-01-02"))
    #expect(try scheduler.weeks(4, from: "2026-11-30") == Self.published)
    #expect(try scheduler.weeks(3, from: "2026-12-28") == ["ben", "ana", "cai"])
  }

  @Test func whoIsPublishedIsTold() throws {
    var scheduler = try scheduler()
    #expect(
      scheduler.said.contains {
        $0.hasPrefix("eli: platform: published for you:") && $0.contains("primary from Mon 30 Nov 00:00 UTC")
      })
    let before = scheduler.said.count
    scheduler.wait(.days(5))
    let told = scheduler.said[before...].filter { $0.contains("published for you") }
    #expect(
      told == [
        "ana: platform: published for you: primary from Mon 28 Dec 00:00 UTC until Mon 4 Jan 00:00 UTC",
        "ben: platform: published for you: secondary from Mon 28 Dec 00:00 UTC until Mon 4 Jan 00:00 UTC",
        "tara: platform: published for you: tertiary from Mon 28 Dec 00:00 UTC until Mon 11 Jan 00:00 UTC",
      ])
  }

  @Test func fourWeeksArePromisedAtAnyTime() throws {
    var scheduler = try scheduler()
    scheduler.wait(.days(100))
    for day in 0..<14 {
      let show = try scheduler.rules.show(ShowRequest(team: "platform"), now: scheduler.now)
      #expect(show.publishedUntilAt - scheduler.now >= .days(28), "day \(day)")
      scheduler.wait(.days(1))
    }
  }

  /// S12: nobody leaves a hole behind.
  @Test func whoStillHoldsShiftsDoesNotLeave() throws {
    var scheduler = try scheduler()
    var configuration = ScheduleConfiguration.platform()
    configuration.people.removeAll { $0.id == "hal" }
    configuration.training.removeAll { $0.person == "hal" }
    configuration.rotations[0].members.removeAll { $0 == "hal" }
    let refusal = try #require(scheduler.refusal(.configure(configuration, by: "ops")))
    #expect(
      refusal.message.hasPrefix("hal can't leave yet (S12): still holds secondary of team platform from Mon 14 Dec"))
    #expect(refusal.message.contains("and 1 more. Arrange a swap, cover or an override for each first"))
    try scheduler.override("ana", tier: 2, from: .utc("2026-12-14"), until: .utc("2026-12-21"))
    try scheduler.override("ana", from: .utc("2026-12-21"), until: .utc("2026-12-28"))
    try scheduler.configure(configuration)
    #expect(try scheduler.weeks(60, from: "2026-11-23").contains("hal") == false)
  }
}
