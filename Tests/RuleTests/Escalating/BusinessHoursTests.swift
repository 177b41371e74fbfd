import Escalating
import Messages
import Testing

/// SEV-4: everything in working hours, to the second (requirement E1).
@Suite struct BusinessHoursTests {
  private func escalator(at text: String, holidays: [String] = [], zone: String = "UTC") -> Escalator {
    Escalator(
      at: Instant(rfc3339: text) ?? .unset,
      timelines: [.platform(calendar: Calendar(timeZone: zone, holidays: holidays))])
  }

  @Test func anAlertHandedOverAfterClosingTimePagesOnceWhenTheNextHoursBegin() {
    var escalator = escalator(at: "2026-11-25T17:00:05Z")
    escalator.alert(.sev4, age: .seconds(7))
    #expect(escalator.said == [])
    escalator.wait(until: "2026-11-26T09:00:00Z")
    #expect(escalator.said == ["11-26 09:00:00 duty ana"])
  }

  @Test func anAlertHandedOverAfterOpeningTimePagesOnceAtOnce() {
    var escalator = escalator(at: "2026-11-25T09:00:03Z")
    escalator.alert(.sev4, age: .seconds(5))
    escalator.wait(.minutes(30))
    #expect(escalator.said == ["11-25 09:00:03 duty ana"])
  }

  @Test(arguments: ["2026-11-27T20:00:00Z", "2026-11-28T12:00:00Z", "2026-11-29T23:00:00Z"])
  func overTheWeekendTheSecondaryHasUntilMondaysHoursEnd(_ begin: String) {
    var escalator = escalator(at: begin)
    escalator.alert(.sev4)
    escalator.wait(until: "2026-12-01T09:00:00Z")
    #expect(
      escalator.said == [
        "11-30 09:00:00 duty ana", "11-30 10:00:00 reminder ana", "11-30 11:00:00 reminder ana",
        "11-30 11:00:00 headsUp ben", "12-01 09:00:00 duty ben",
      ])
  }

  @Test func theChainStartsAgainABusinessDayAfterItsEnd() {
    var escalator = escalator(at: "2026-11-25T10:00:00Z")
    escalator.alert(.sev4)
    escalator.wait(until: "2026-12-01T16:59:59Z")
    #expect(escalator.said.suffix(2) == ["11-27 09:00:00 duty ben", "11-30 11:00:00 duty ana"])
    #expect(escalator.lines("chain-ended").count == 1)
  }

  @Test func aPauseUntilTheNextBusinessDayLastsUntilThatHasEnded() {
    var escalator = escalator(at: "2026-11-25T10:00:00Z")
    let patient = Policy.shipped.changing(.sev4) {
      $0.restartAfter = .zero
      $0.restartNextBusinessDay = true
    }
    #expect(throws: Never.self) { try escalator.configure([patient]) }
    escalator.alert(.sev4)
    escalator.wait(until: "2026-12-01T16:59:59Z")
    #expect(
      escalator.said == [
        "11-25 10:00:00 duty ana", "11-25 11:00:00 reminder ana", "11-25 12:00:00 reminder ana",
        "11-25 12:00:00 headsUp ben", "11-27 09:00:00 duty ben", "12-01 09:00:00 duty ana",
      ])
  }

  @Test func holidaysAndTheYearsEndAreNoBusinessDays() {
    var escalator = escalator(
      at: "2026-12-23T16:30:00Z", holidays: ["2026-12-24", "2026-12-25", "2026-12-31", "2027-01-01"])
    escalator.alert(.sev4)
    escalator.wait(until: "2026-12-29T09:00:00Z")
    #expect(
      escalator.said == [
        "12-23 16:30:00 duty ana", "12-28 09:30:00 reminder ana", "12-28 10:30:00 reminder ana",
        "12-28 10:30:00 headsUp ben", "12-29 09:00:00 duty ben",
      ])
  }

  @Test func theHoursAreLocalOnBothSidesOfAClockChange() {
    var escalator = Escalator(
      at: Instant(rfc3339: "2026-10-23T14:30:00Z") ?? .unset,
      timelines: [.platform(calendar: Calendar(timeZone: "Europe/Berlin"))])
    escalator.alert(.sev4)
    escalator.wait(until: "2026-10-27T08:00:00Z")
    #expect(
      escalator.said == [
        "10-23 14:30:00 duty ana", "10-26 08:30:00 reminder ana", "10-26 09:30:00 reminder ana",
        "10-26 09:30:00 headsUp ben", "10-27 08:00:00 duty ben",
      ])
  }

  @Test func remindersAreCountedBackInBusinessTimeToo() throws {
    var escalator = escalator(at: "2026-11-25T12:58:00Z")
    escalator.alert(.sev4)
    try escalator.acknowledge(by: "ana")
    try escalator.update(by: "ana")
    var second = self.escalator(at: "2026-11-25T13:02:00Z")
    second.alert(.sev4)
    try second.acknowledge(by: "ana")
    second.wait(until: "2026-11-26T09:02:00Z")
    #expect(
      second.said == [
        "11-25 13:02:00 duty ana", "11-25 13:07:00 reminder ana", "11-25 13:12:00 reminder ana",
        "11-25 14:02:00 reminder ana", "11-25 16:57:00 reminder ana", "11-26 09:02:00 reminder ana",
      ])
  }

  @Test func whatComesDueDuringAnOutageWaitsForWorkingHours() {
    var escalator = escalator(at: "2026-11-25T14:30:00Z")
    escalator.alert(.sev4)
    _ = escalator.news()
    escalator.outage(.hours(5))
    #expect(escalator.said == [])
    #expect(escalator.lines("postponed") == ["waits for working hours: 2026-11-26 09:00 UTC"])
    escalator.wait(until: "2026-11-26T09:00:00Z")
    #expect(escalator.said.contains("11-26 09:00:00 reminder ana"))
  }

  @Test func whoTurnsOutToBeOutOfReachAfterClosingTimeIsWaitedForUntilOpening() throws {
    var escalator = escalator(at: "2026-11-25T16:59:00Z")
    escalator.alert(.sev4)
    escalator.wait(until: "2026-11-25T17:10:00Z")
    _ = escalator.news()
    try escalator.cannotReach("ana")
    #expect(escalator.said == [], "neither the next tier nor the lead hears of a SEV-4 in the evening")
    #expect(
      escalator.lines("postponed") == ["ana can't be reached; tier 2 waits for working hours: 2026-11-26 09:00 UTC"])
    escalator.wait(until: "2026-11-26T09:00:00Z")
    #expect(escalator.said == ["11-26 09:00:00 duty ben", "11-26 09:00:00 tell lee"])
    #expect(escalator.lines("escalated").last == "tier 1 -> tier 2: ana can't be reached")
  }

  @Test func withinWorkingHoursTheNextTierIsPagedAtOnce() throws {
    var escalator = escalator(at: "2026-11-25T16:50:00Z")
    escalator.alert(.sev4)
    _ = escalator.news()
    try escalator.cannotReach("ana")
    #expect(escalator.said == ["11-25 16:50:00 duty ben", "11-25 16:50:00 tell lee"])
  }

  @Test func whoeverAsksForHelpInTheEveningIsNotLeftWaiting() throws {
    var escalator = escalator(at: "2026-11-25T16:59:00Z")
    escalator.alert(.sev4)
    escalator.wait(until: "2026-11-25T18:00:00Z")
    _ = escalator.news()
    try escalator.escalate(by: "ana", to: 1)
    try escalator.cannotReach("ana")
    #expect(
      escalator.said == ["11-25 18:00:00 duty ana", "11-25 18:00:00 duty ben", "11-25 18:00:00 tell lee"])
  }

  @Test func anAcknowledgedSev4NeverLapses() throws {
    var escalator = escalator(at: "2026-11-25T10:00:00Z")
    escalator.alert(.sev4)
    try escalator.acknowledge(by: "ana")
    try escalator.update(by: "ana")
    escalator.wait(.days(30))
    #expect(escalator.incident().state == .acknowledged)
    #expect(escalator.lines("lapsed") == [])
  }
}
