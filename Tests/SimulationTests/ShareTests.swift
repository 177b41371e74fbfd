import Messages
import Testing
import Tiers

/// Requirement I5: a resolve, an acknowledgement or a SEV-1 is never refused because of the flood around it, and a source's own flood of
/// them has an end.
@Suite struct ShareTests {
  private let intake = Tier.intake()

  /// Whose share of what an event uses up, at an intake with this limit of each source.
  private func asks(_ limit: RateLimit?) throws -> (Event) -> Share? {
    var rules = intake.rules
    let wanted = IntakeConfiguration(defaultTeam: "platform", defaultPolicy: "platform", rateLimit: limit)
    for fact in try rules.decide(.configure(wanted), at: Instant(milliseconds: 1)).facts {
      rules.apply(fact, at: Instant(milliseconds: 1))
    }
    let configured = rules
    return { self.intake.share?(configured, .publish($0, traceparent: [])) }
  }

  private func event(_ action: Action, _ severity: Severity = .unspecified, source: String = "prometheus") -> Event {
    Event(action: action, source: source, dedupKey: "key", severity: severity, summary: "it is gone")
  }

  @Test func whatIsUrgentHasAShareOfItsOwnThatIsTenTimesAsGreat() throws {
    let share = try asks(RateLimit(perSecond: 1_000, burst: 10_000))
    for urgent in [event(.trigger, .sev1), event(.resolve), event(.acknowledge)] {
      let found = try #require(share(urgent))
      #expect(found.isUrgent && found.limit == RateLimit(perSecond: 10_000, burst: 100_000))
    }
    for other in [event(.trigger, .sev2), event(.trigger, .sev4), event(.change)] {
      let found = try #require(share(other))
      #expect(!found.isUrgent && found.limit == RateLimit(perSecond: 1_000, burst: 10_000))
    }
    #expect(try asks(nil)(event(.trigger, .sev1)) == nil, "without a limit there is none of urgent ones")
  }

  @Test func aTightLimitLeavesRoomForAClusterThatFailsAndAWideOneDoesNotOverflow() throws {
    let urgent = event(.trigger, .sev1)
    #expect(try asks(RateLimit(perSecond: 1, burst: 1))(urgent)?.limit == RateLimit(perSecond: 100, burst: 1_000))
    #expect(
      try asks(RateLimit(perSecond: .max, burst: .max))(urgent)?.limit == RateLimit(perSecond: .max, burst: .max))
  }

  @Test func aSourcesOwnFloodOfUrgentOnesIsToldWhenToComeAgainAndNobodyElseNotices() throws {
    let share = try asks(RateLimit(perSecond: 10, burst: 10))
    var shares = Shares()
    func refusal(_ event: Event, at now: Span) throws -> Refusal? {
      shares.take(try #require(share(event)), at: now)
    }
    for _ in 0..<1_000 {
      #expect(try refusal(event(.trigger, .sev1), at: .zero) == nil)
    }
    let refused = try #require(try refusal(event(.resolve), at: .zero))
    #expect(refused.status == .resourceExhausted && refused.field == "source")
    #expect(refused.retryAfter == .milliseconds(10))
    #expect(refused.message.contains("prometheus sends more than 100 SEV-1, resolves and acknowledgements a second"))
    #expect(try refusal(event(.resolve), at: .milliseconds(20)) == nil, "it comes when it was told to")
    #expect(try refusal(event(.trigger, .sev1, source: "grafana"), at: .zero) == nil)
    #expect(try refusal(event(.trigger, .sev3), at: .zero) == nil)
  }

  @Test func aFloodOfWhatCanWaitHoldsBackNoneOfItsOwnSourceThatIsUrgent() throws {
    let share = try asks(RateLimit(perSecond: 10, burst: 10))
    var shares = Shares()
    let told = try (0..<10_000).map { _ in shares.take(try #require(share(event(.trigger, .sev3))), at: .zero) }
    #expect(told.count { $0 == nil } == 10)
    for urgent in [event(.trigger, .sev1), event(.resolve), event(.acknowledge)] {
      #expect(shares.take(try #require(share(urgent)), at: .zero) == nil)
    }
  }
}
