import Messages
import Notifying

extension Promises {
  /// What the watch owes (requirement I6), as the outside sees it. The shipped numbers are written down here again, so that a watch
  /// that reads them wrongly can't make itself right.
  struct Watch {
    static let missingAfter = Span.minutes(1)
    static let confirmedAfter = Span.seconds(30)
    static let tellsOfMoreAfter = Span.minutes(5)
    /// Of runs, which last for days: longer than it is shipped.
    static let syntheticLostAfter = Span.minutes(15)

    /// When it was begun; nil: there is none, or it is over.
    var since: Instant?
    /// When a synthetic alert last came to its receiver.
    var syntheticAt = Instant.unset
    /// What it told people of alerts without a page, once each, and when it first did.
    var told: [(at: Instant, words: String)] = []
    /// When it last told people that synthetic alerts don't come.
    var toldOfLossAt = Instant.unset
  }

  /// The watch alarms for a reason: not where nothing has gone wrong for long.
  func checkAlarm(_ attempt: Attempt, at now: Instant) {
    report.judgements += 1
    report.alarms += 1
    if attempt.purpose == .watch { noteAlarm(attempt.text, at: now) }
    guard let calm = calmSince, calm + .hours(1) < now, !attempt.text.contains("RESOLVED") else { return }
    report.violate(
      "the watch alarmed at \(now.milliseconds) though nothing had been wrong for an hour: \(attempt.text)")
  }

  private func noteAlarm(_ words: String, at now: Instant) {
    if words.contains("no page for"), watch.told.last?.words != words { watch.told.append((now, words)) }
    if words.contains("no synthetic alert") { watch.toldOfLossAt = now }
  }

  /// What intake accepted and nobody was paged for within the limit is told to people by the watch, whatever is the matter with
  /// the escalator; so is that synthetic alerts don't come. Judged once a minute.
  func checkWatch(at now: Instant) {
    guard let began = watch.since, let up = up(.intake, .notifier), !hasLostRows(of: .notifier) else { return }
    checkSynthetic(since: max(began, up), at: now)
    // What came before its first question is not asked for.
    let begun = began + .minutes(3)
    for (id, story) in stories.sorted(by: { $0.key < $1.key }) where !story.isToldByWatch {
      guard let alert = story.accepted, alert.severity != .sev4, story.closingSince == nil, story.approachedAt == nil,
        alert.at > begun, unheard(id) != nil
      else { continue }
      report.judgements += 1
      if watch.told.contains(where: { $0.at >= alert.at && $0.words.names(id) }) {
        stories[id]?.isToldByWatch = true
        report.reached.insert("told-of-unpaged")
        continue
      }
      // People who know of others hear of more after a while.
      let soonest = watch.told.last.map { $0.at + Watch.tellsOfMoreAfter } ?? .unset
      let due = max(max(alert.at, up) + Watch.missingAfter + World.asksEvery + Watch.confirmedAfter, soonest)
      guard due + slack + askingSlack < now else { continue }
      stories[id]?.isToldByWatch = true
      violate(id, "accepted at \(alert.at.milliseconds), nobody was paged for it, and the watch has told nobody")
    }
  }

  /// - Parameter since: when the notifier can have begun to wait.
  private func checkSynthetic(since: Instant, at now: Instant) {
    report.judgements += 1
    let last = max(since, watch.syntheticAt)
    if watch.toldOfLossAt > watch.syntheticAt { report.reached.insert("told-of-loss") }
    guard last + Watch.syntheticLostAfter + slack < now, watch.toldOfLossAt <= watch.syntheticAt else { return }
    report.violate("no synthetic alert came since \(last.milliseconds), and the watch has told nobody")
  }

  /// A question of the watch that gets no answer is asked again after twenty seconds.
  private var askingSlack: Span { slack > .seconds(2) ? .minutes(2) : .zero }
}

extension String {
  /// Whether words of the watch tell of an alert: by its name, or as one of more than are named.
  fileprivate func names(_ id: String) -> Bool { contains("(\(id), ") || contains(" more") }
}
