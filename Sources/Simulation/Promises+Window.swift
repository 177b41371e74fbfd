import Messages
import Notifying

/// A maintenance window, as its sources see it: what intake said to be silenced pages nobody until the window ends (I7).
struct Window {
  struct HeldBack {
    var number: Int64
    var severity: Severity
  }
  /// When it may end at the earliest: alerts page from then on.
  var end = Instant.unset
  /// It was told that it is over.
  var isOver = false
  /// Silenced alerts by id.
  var alerts: [String: HeldBack] = [:]
  /// Those that may have become too bad for it.
  var mayPage: Set<String> = []
}

extension Promises {
  func windowBegan(until end: Instant) { window.end = end }

  /// Somebody ends it before its time; whether they are heard is known later.
  func windowMayEnd(at now: Instant) { window.end = min(window.end, now) }

  /// - Returns: what was silenced until now and has not been answered where it comes from.
  func windowEnded() -> [(id: String, alert: Window.HeldBack)] {
    window.isOver = true
    defer { window.alerts = [:] }
    return window.alerts.sorted { $0.key < $1.key }.filter { stories[$0.key]?.isSettled != true }
      .map { (id: $0.key, alert: $0.value) }
  }

  /// Intake says that an alert is silenced.
  ///
  /// - Returns: false when the window is over by now, so that it pages like any other.
  func heldBack(_ id: String, _ severity: Severity, of number: Int64) -> Bool {
    guard !window.isOver else { return false }
    window.alerts[id] = Window.HeldBack(number: number, severity: severity)
    return true
  }

  /// It is reported as worse, which may be more than the window covers.
  func worsened(_ id: String) { window.mayPage.insert(id) }

  /// Intake says that it is silenced no longer.
  func released(_ id: String) { window.alerts[id] = nil }

  /// What intake's disk has lost may be paged by the escalator, or again.
  func windowUncertain() { window.end = .unset }

  func checkWindow(_ attempt: Attempt, at now: Instant) {
    let id = attempt.incidentId
    guard window.alerts[id] != nil, !window.mayPage.contains(id), now < window.end else { return }
    violate(id, "\(attempt.key.id) begun at \(now.milliseconds) though it is silenced until \(window.end.milliseconds)")
  }
}

extension Story {
  /// Its source said that it is over or in hand.
  var isSettled: Bool { closingSince != nil || approachedAt != nil }
}
