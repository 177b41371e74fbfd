import Messages
import Wire

/// In some runs somebody changes the policy, once or several times, while incidents are open (requirement E6): each keeps the
/// clocks that it was opened with. It draws for itself, so that the rest of a seed stays what it was.
final class PolicyChanges {
  private let world: World
  private let shipped: EscalationConfiguration?
  private var random: SeededRandom
  private var current = PolicyTimes.shipped
  private var isUnderWay = false

  init(_ world: World) {
    self.world = world
    shipped = try? EscalationConfiguration(decoding: world.slices.escalation)
    random = SeededRandom(seed: ~world.seed &+ 9)
  }

  /// In one run of four.
  func plan(over span: Span) {
    guard random.oneIn(4) else { return }
    for _ in 0..<random.number(1...4) {
      world.agenda.plan(after: Span(milliseconds: random.number(0...span.milliseconds - 1))) { [self] in apply() }
    }
  }

  /// One at a time: which of two that are tried at once is heard last, nobody knows.
  private func apply() {
    let others = PolicyTimes.allCases.filter { $0 != current }
    guard !isUnderWay, let times = others.randomElement(using: &random), let configuration = edited(times) else {
      return
    }
    isUnderWay = true
    current = times
    world.promises.policyChangeBegan(times, at: world.agenda.now)
    world.apply(configuration) { [self] reply in
      isUnderWay = false
      world.promises.policyChanged(at: world.agenda.now)
      world.promises.checkKept(reply.keeps, older: world.incidentsOfOlderPolicies())
    }
  }

  private func edited(_ times: PolicyTimes) -> EscalationConfiguration? {
    guard var wanted = shipped, times != .shipped else { return shipped }
    for policy in wanted.policies.indices {
      for index in wanted.policies[policy].severities.indices
      where wanted.policies[policy].severities[index].severity != .sev4 {
        wanted.policies[policy].severities[index].become(times)
      }
    }
    return wanted
  }
}

extension SeverityRule {
  fileprivate mutating func become(_ times: PolicyTimes) {
    acknowledgeMaximum = times.secondTier(severity)
    if secondaryAfter > .zero { secondaryAfter = max(secondaryAfter, acknowledgeMaximum) }
    acknowledgementLapses = times.lapse(severity)
  }
}

extension World {
  fileprivate func incidentsOfOlderPolicies() -> [String] {
    let list = try? escalator.rules?.list(ListIncidentsRequest(limit: 1_000))
    return (list?.incidents ?? []).filter { $0.newerPolicyVersion > 0 }.map(\.id)
  }
}
