import Machinery
import Messages

/// What the silence of a source that tells its alerts again means.
extension Alerts {
  /// The one that is due is over, as if its source had said so; when, nobody knows.
  func lapsed(at now: Instant) -> [AlertFact] {
    guard let next = lapses.next, next.due <= now, let held = one(next.key) else { return [] }
    return [
      AlertFact(
        kind: .moved(
          AlertMoved(
            id: held.alert.id, generation: held.alert.generation + 1, state: .resolved, severity: held.alert.severity,
            by: held.alert.source, lapsed: true)))
    ]
  }

  /// Nobody could tell anything while there was nobody to listen.
  mutating func giveTimeToTellAgain(at instant: Instant) {
    guard lapses.next != nil else { return }
    updateAll { alerts, one in
      guard one.isOpen, one.lapseAt.isSet else { return }
      one.lapseAt = max(one.lapseAt, instant + one.alert.lapseAfter)
      alerts.lapses.set(one)
    }
  }
}
