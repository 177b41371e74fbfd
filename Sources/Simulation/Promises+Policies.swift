import Messages

/// A policy that somebody applied.
struct AppliedPolicy {
  var times: PolicyTimes
  /// Before this no incident was opened by it.
  var begun: Instant
  /// What opened after this was opened by it, or by a later one; nil while nobody knows.
  var certain: Instant?
}

/// By which policy an incident runs, as far as the outside can know: that which was in force when it was opened, whatever is
/// applied later (E6).
extension Promises {
  func policyChangeBegan(_ times: PolicyTimes, at now: Instant) {
    applied.append(AppliedPolicy(times: times, begun: now))
  }

  func policyChanged(at now: Instant) { applied[applied.count - 1].certain = now }

  /// Usually one; more where it was opened while one was applied, and all where it may have got another since: by a change of
  /// its team, or because the escalator has lost rows.
  func policies(of id: String, at now: Instant) -> [PolicyTimes] {
    guard applied.count > 1 else { return [.shipped] }
    guard let story = stories[id], let alert = story.accepted, !story.isTouched, !hasLostRows(of: .escalator) else {
      return PolicyTimes.allCases
    }
    let openedBy = story.firstAttempt ?? now
    return applied.indices.filter { index in
      guard applied[index].begun <= openedBy else { return false }
      guard index + 1 < applied.count, let next = applied[index + 1].certain else { return true }
      return next >= alert.toldAt
    }.map { applied[$0].times }
  }

  /// Until when tier 2 of an incident that nobody answers must have been paged.
  func latestSecondTier(of id: String, _ severity: Severity, at now: Instant) -> Span {
    policies(of: id, at: now).map { $0.secondTier(severity) }.max() ?? .zero
  }

  /// Whoever applies a policy hears which incidents go on by an older one.
  ///
  /// - Parameter older: those that the escalator says do, by now.
  func checkKept(_ keeps: [String], older: [String]) {
    report.judgements += 1
    if !keeps.isEmpty { report.reached.insert("policy-kept") }
    guard keeps.isEmpty, !hasLostRows(of: .escalator) else { return }
    for id in older where stories[id]?.wasReopened != true && stories[id]?.mayFireAgain != true {
      violate(id, "runs by an older policy than was applied, and nobody said so")
    }
  }
}
