import Escalating
import Messages
import Testing

/// What can't be run is refused, naming the field.
@Suite struct PolicyTests {
  private func refusal(_ severity: Severity, _ change: (inout SeverityRule) -> Void) -> String {
    var escalator = Escalator(policies: [])
    do {
      try escalator.configure([Policy.shipped.changing(severity, change)])
      return "accepted"
    } catch {
      return "\(error.field): \(error.message)"
    }
  }

  @Test func theShippedNumbersAreAccepted() {
    #expect(refusal(.sev1) { _ in } == "accepted")
  }

  @Test func aNextBusinessDayNeedsBusinessTime() {
    let needs = "needs business_time: only those clocks know a next business day"
    #expect(
      refusal(.sev3) { $0.maximumIsNextBusinessDay = true }
        == "policies[0].severities(SEV-3).maximum_is_next_business_day: \(needs)")
    #expect(
      refusal(.sev2) { $0.restartNextBusinessDay = true }
        == "policies[0].severities(SEV-2).restart_next_business_day: \(needs)")
  }

  @Test func everySpanHasAnEnd() {
    let endless = Span(milliseconds: 30_000_000_000_000)
    let spans: [(String, WritableKeyPath<SeverityRule, Span>)] = [
      ("acknowledge_target_ms", \.acknowledgeTarget), ("acknowledge_maximum_ms", \.acknowledgeMaximum),
      ("secondary_after_ms", \.secondaryAfter), ("tier_acknowledge_ms", \.tierAcknowledge),
      ("restart_after_ms", \.restartAfter), ("acknowledgement_lapses_ms", \.acknowledgementLapses),
      ("investigate_ms", \.investigate), ("first_update_ms", \.firstUpdate), ("next_updates_ms", \.nextUpdates),
      ("remind_before_ms", \.remindBefore),
    ]
    for (name, path) in spans {
      for wrong in [endless, .days(366) + .milliseconds(1), .milliseconds(-1)] {
        #expect(
          refusal(.sev1) { $0[keyPath: path] = wrong }
            == "policies[0].severities(SEV-1).\(name): must be from 0 to 366 days")
      }
    }
    #expect(
      refusal(.sev1) { $0.ages[0].after = endless }
        == "policies[0].severities(SEV-1).ages[0]: needs a time up to 366 days and an action")
    #expect(
      refusal(.sev1) { $0.ages[1].tiers = [5] } == "policies[0].severities(SEV-1).ages[1].tiers: must be 1 to 4")
  }
}
