import Escalating
import Messages
import Testing

/// What follows when nothing follows: lapses, missed duties and ages, to the second (requirements E2-E4).
@Suite struct DutyTests {
  @Test(arguments: [(Severity.sev1, 30), (.sev2, 30), (.sev3, 240)])
  func anAcknowledgementThatNothingFollowsLapses(_ severity: Severity, minutes: Int) throws {
    var escalator = Escalator()
    escalator.alert(severity)
    escalator.wait(.minutes(1))
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(Int64(minutes)) - .seconds(1))
    #expect(escalator.incident().state == .acknowledged)
    _ = escalator.news()
    escalator.wait(.seconds(1))
    #expect(escalator.incident().state == .triggered)
    #expect(escalator.said.contains("\(Escalator.clock(escalator.now)) duty ana"))
  }

  @Test func aSev1IsRaisedWithItsAge() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    try keepQuiet(&escalator, hours: 4)
    #expect(
      escalator.said.filter { !$0.contains("reminder") } == [
        "11-25 10:00:00 duty ana", "11-25 11:00:00 duty ben", "11-25 11:00:00 duty tess", "11-25 11:00:00 duty mia",
        "11-25 14:00:00 duty vera",
      ])
  }

  @Test func aSev2IsRaisedWithItsAge() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    try keepQuiet(&escalator, hours: 4)
    #expect(
      escalator.said.filter { !$0.contains("reminder") } == [
        "11-25 10:00:00 duty ana", "11-25 11:00:00 tell tess", "11-25 12:00:00 duty ben", "11-25 12:00:00 duty tess",
        "11-25 14:00:00 duty vera",
      ])
  }

  @Test func aSev3IsRaisedWithItsAge() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try keepQuiet(&escalator, hours: 4)
    #expect(
      escalator.said == ["11-25 10:00:00 duty ana", "11-25 11:00:00 reminder ana", "11-25 14:00:00 duty tess"])
  }

  /// Acknowledged, and an update every 20 minutes.
  private func keepQuiet(_ escalator: inout Escalator, hours: Int64) throws {
    try escalator.acknowledge(by: "ana")
    for _ in 1...(hours * 3) {
      try escalator.update(by: "ana", .identified)
      escalator.wait(.minutes(20))
    }
  }

  @Test func aMissedFirstUpdateGoesToTheNextTier() throws {
    var escalator = Escalator()
    let later = Policy.shipped.changing(.sev2) { $0.investigate = .zero }
    try escalator.configure([later])
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(29))
    #expect(escalator.news() == ["11-25 10:00:00 duty ana", "11-25 10:25:00 reminder ana"])
    escalator.wait(.minutes(1))
    #expect(escalator.said == ["11-25 10:30:00 duty ben", "11-25 10:30:00 duty ana"])
    #expect(escalator.lines("breach") == ["first status update was due 10:30 UTC"])
  }

  @Test func aMissedRecurringUpdateGoesToTheNextTierAndSaysSinceWhen() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(5))
    try escalator.update(by: "ana")
    escalator.wait(.minutes(10))
    try escalator.update(by: "ana")
    try escalator.escalate(by: "ana", to: 2)
    try escalator.acknowledge(by: "ben")
    _ = escalator.news()
    escalator.wait(.minutes(29))
    #expect(escalator.news() == ["11-25 10:40:00 reminder ana"])
    escalator.wait(.minutes(1))
    #expect(escalator.lines("breach") == ["status update was due 10:45 UTC"])
    #expect(escalator.lines("escalated").contains { $0.hasSuffix("no status update since 10:15 UTC") })
  }

  @Test func aSev2ThatIsNotInvestigatedGoesToTheNextTierAfterTenMinutes() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(10))
    #expect(
      escalator.said == ["11-25 10:00:00 duty ana", "11-25 10:05:00 reminder ana", "11-25 10:10:00 duty ben"])
  }

  @Test func aSev3IsRemindedOfWhatItMissed() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    escalator.wait(.minutes(20))
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(41))
    #expect(
      escalator.said == [
        "11-25 10:00:00 duty ana", "11-25 10:25:00 reminder ana", "11-25 10:30:00 reminder ana",
        "11-25 10:55:00 reminder ana", "11-25 11:00:00 reminder ana",
      ])
    #expect(escalator.lines("breach") == ["investigation was due 10:30 UTC", "first status update was due 11:00 UTC"])
  }

  @Test func whatIsDueTogetherIsSaidTogether() throws {
    var escalator = Escalator()
    escalator.alert(.sev3)
    try escalator.acknowledge(by: "ana")
    escalator.wait(.hours(1))
    #expect(escalator.said.filter { $0.hasPrefix("11-25 11:00:00") } == ["11-25 11:00:00 reminder ana"])
    #expect(
      escalator.lines("paged").last
        == "reminder to ana, tier 1: no first status update since 10:00 UTC; unresolved for 1 h: escalate if you are stuck"
    )
  }
}
