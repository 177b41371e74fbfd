import Messages
import Notifying

/// What providers do by their whims (`ProviderWhims`).
extension SimulatedProviders {
  /// Too many at once: 429, with Retry-After.
  func limit() -> Outcome? {
    guard whims?.limits() == true else { return nil }
    world.report.count(.providerLimited)
    let wait = Span.seconds(whims?.random.number(1...400) ?? 1)
    return Outcome(status: .resourceExhausted, words: "429", retryAfter: wait)
  }

  /// It takes nothing, and says nothing either.
  func hangs() -> Bool {
    guard whims?.hangs() == true else { return false }
    world.report.count(.providerHung)
    return true
  }

  /// It takes what will never arrive.
  func loses(_ attempt: Attempt) -> Bool {
    guard ProviderWhims.reporting.contains(attempt.channel), whims?.loses() == true else { return false }
    world.report.count(.messageUndelivered)
    return true
  }

  /// It calls back, if it is one that does: whoever is down then is not called again.
  func report(on attempt: Attempt, as name: String, arrives: Bool) {
    guard ProviderWhims.reporting.contains(attempt.channel),
      let receipts = whims?.receipts(arrives: arrives)
    else { return }
    receipts.faults.forEach(world.report.count)
    for report in receipts.reports {
      world.agenda.plan(after: report.after) { [weak self] in
        guard let self else { return }
        let news = DeliveryReported(
          pageId: attempt.id, delivery: attempt.delivery, providerId: name, state: report.state,
          words: "\(name) \(report.state)", attempt: attempt.number)
        if report.state == .failed { self.world.promises.undelivered(attempt, at: self.world.agenda.now) }
        self.world.notifier.hear(.reported(news)) { words in
          if words != nil { self.heard(report.state, of: attempt) }
        }
      }
    }
  }

  /// Its list lags behind what it has taken.
  func lags() -> Bool {
    guard whims?.lags() == true else { return false }
    world.report.count(.listLagged)
    return true
  }

  /// The notifier has it on disk. What is reported before it is answered waits for the answer.
  private func heard(_ state: DeliveryState, of attempt: Attempt) {
    let fate = fates[attempt.place, default: Fate()]
    let isMore = fate.reported.map { $0.weight < state.weight } ?? true
    if isMore { fates[attempt.place, default: Fate()].reported = state }
    if state == .failed, fate.isAnswered {
      world.promises.troubled(attempt, isKnown: true, begun: world.agenda.now, at: world.agenda.now)
    }
  }

  /// Whether an answer tells of trouble: what was reported before it counts more.
  func isTrouble(_ attempt: Attempt, _ status: Status) -> Bool {
    fates[attempt.place, default: Fate()].isAnswered = true
    let reported = fates[attempt.place]?.reported
    switch status {
    case .ok: return reported == .failed
    case .unknown: return reported == nil || reported == .failed
    default: return true
    }
  }
}

extension Attempt {
  fileprivate var place: String { "\(key.id)/\(number)" }
}

extension DeliveryState {
  /// How much a report says, of those that are made here: that somebody has it outweighs a failure.
  fileprivate var weight: Int { self == .delivered ? 3 : self == .failed ? 2 : 1 }
}
