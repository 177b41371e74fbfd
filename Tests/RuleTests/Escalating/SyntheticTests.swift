import Escalating
import Machinery
import Messages
import Testing

/// The synthetic alert on its way through the escalator: by a timer, and as no incident (requirement I6).
@Suite struct SyntheticTests {
  private func sent(_ number: UInt64 = 7, age: Span = .seconds(2)) -> SyntheticAlert {
    // Intake's clock is an hour behind.
    let sentAt = Escalator.start - .hours(1)
    return SyntheticAlert(number: number, sentAt: sentAt, handedOverAt: sentAt + age)
  }

  private func owed(_ escalator: Escalator) -> Page? {
    escalator.rules.owed(to: .notifier, limit: 10).compactMap { if case .page(let page) = $0 { page } else { nil } }
      .first
  }

  @Test func itsPageLeavesWhenATimerSaysSo() throws {
    var escalator = Escalator()
    escalator.isNotifierUp = false
    try escalator.ask(.synthetic(sent()))
    #expect(owed(escalator) == nil && escalator.rules.nextDeadline == Escalator.start + .seconds(1))
    escalator.wait(.seconds(1))
    let page = try #require(owed(escalator))
    #expect(page.purpose == .synthetic && page.id == "synthetic/7" && page.wanted)
    #expect(page.pagedAt == Escalator.start - .seconds(2), "its age counts from intake's timer, by intake's clock")
    #expect(escalator.rules.openCount == 0)
    #expect(try escalator.rules.list(ListIncidentsRequest()).incidents == [])
  }

  @Test func itIsOwedUntilItIsTakenAndOnlyTheLatest() throws {
    var escalator = Escalator()
    escalator.isNotifierUp = false
    try escalator.ask(.synthetic(sent()))
    escalator.wait(.minutes(1))
    try escalator.ask(.synthetic(sent()))
    #expect(escalator.rules.nextDeadline == nil, "a copy changes nothing")
    try escalator.ask(.synthetic(sent(8)))
    #expect(owed(escalator) == nil)
    escalator.wait(.seconds(1))
    #expect(owed(escalator)?.id == "synthetic/8")
    #expect(escalator.rules.debtSummary(to: .notifier).count == 1)
    escalator.isNotifierUp = true
    try escalator.ask(.synthetic(sent(8)))
    #expect(owed(escalator) == nil && escalator.rules.debtSummary(to: .notifier).count == 0)
  }

  @Test func whatIsNoneIsRefused() {
    var escalator = Escalator()
    #expect(throws: Refusal.self) { try escalator.ask(.synthetic(SyntheticAlert(sentAt: Escalator.start))) }
    #expect(throws: Refusal.self) { try escalator.ask(.synthetic(SyntheticAlert(number: 1))) }
  }
}
