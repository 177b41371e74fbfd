import Messages

/// What must have happened by now: judged once a minute, and at the very end.
extension Promises {
  /// Called `slack` after an alert was accepted.
  func checkFirstPage(of id: String, at now: Instant) {
    guard let story = stories[id], let alert = story.accepted, alert.severity != .sev4, story.answeredAt == nil,
      let up = up(.intake, .escalator, .notifier), up <= alert.at
    else { return }
    report.judgements += 1
    if let what = unheard(id), !isExcused(joined(id) ?? id) {
      violate(id, "\(what), all tiers up, and no page was begun in time")
    }
  }

  /// Called when tier 2 must have been paged.
  func checkSecondTier(of id: String, at now: Instant) {
    guard let story = stories[id], let alert = story.accepted, story.answeredAt == nil, !story.isTouched,
      let up = up(.intake, .escalator, .notifier), up <= alert.at, joined(id) == nil
    else { return }
    report.judgements += 1
    let reached = story.tierAttempts.keys.contains { hasGaps ? $0 >= 2 : $0 == 2 }
    if !reached {
      violate(id, "nobody acknowledged, all tiers up, and tier 2 was not paged in time")
    }
  }

  func checkMinute(at now: Instant) {
    learnParts()
    checkWatch(at: now)
    guard let up = up(.intake, .escalator, .notifier) else { return }
    for (id, story) in stories.sorted(by: { $0.key < $1.key }) where story.closingSince == nil && !story.isReported {
      // A SEV-4 keeps civil time: to a clock that is a year ahead its hours are over.
      guard let alert = story.accepted, joined(id) == nil, alert.severity != .sev4 || areClocksSteady else { continue }
      report.judgements += 1
      let found =
        alert.severity == .sev4
        ? lateInHours(id, story, alert, up: up, at: now) ?? lostPage(story, alert, up: up, at: now)
        : silence(story, alert, up: up, at: now) ?? deadEnd(story, alert, up: up, at: now)
          ?? lateRung(story, alert, up: up, at: now) ?? lateChannel(story, alert, at: now)
          ?? lostPage(story, alert, up: up, at: now)
      guard let found else { continue }
      violate(id, found)
      stories[id]?.isReported = true
    }
  }

  /// At the very end, when faults have long stopped.
  func checkNobodyForgotten() {
    for (id, story) in stories.sorted(by: { $0.key < $1.key }) {
      guard let alert = story.accepted else { continue }
      report.judgements += 1
      if story.answeredAt == nil, let what = unheard(id) {
        violate(id, "\(what) at \(alert.at.milliseconds) and never paged")
      }
      if story.isUpdated, story.posts == 0 { violate(id, "an update was given, and nothing was posted") }
    }
  }

  /// Nobody has heard of it though its team has been at work for long enough.
  private func lateInHours(_ id: String, _ story: Story, _ alert: Accepted, up: Instant, at now: Instant) -> String? {
    guard story.approachedAt == nil, !story.isTouched,
      WorkingTime.between(max(alert.at, up), now) > slack + .minutes(1) + hold(alert.severity, at: now),
      let what = unheard(id)
    else { return nil }
    return "\(what), its team is at work, and no page was begun in time"
  }

  private func silence(_ story: Story, _ alert: Accepted, up: Instant, at now: Instant) -> String? {
    let isAnswered = story.approachedAt != nil || story.isTouched
    let longest =
      policies(of: alert.id, at: now).map {
        isAnswered ? $0.quietAfterAnswer(alert.severity) : $0.chain(alert.severity)
      }.max() ?? .zero
    let since = max(story.lastStir, alert.at, up, story.snoozes.max() ?? .unset)
    guard since + longest + slack + hold(alert.severity, at: now) < now else { return nil }
    return "open, all tiers up, and nobody has been paged since \(since.milliseconds)"
  }

  private func deadEnd(_ story: Story, _ alert: Accepted, up: Instant, at now: Instant) -> String? {
    guard story.approachedAt == nil, !story.isTouched, let end = story.deadEnds.first,
      end.tier < PolicyTimes.topTier(alert.severity), up <= end.at,
      end.at + .seconds(30) + slack + hold(alert.severity, at: now) < now
    else { return nil }
    let wentOn = story.tierAttempts.contains { $0.key > end.tier }
    // Somebody else of the tier is being called: whoever held it before a handoff, say. Where the tiers above have nobody, it
    // may be somebody of the tiers below.
    let isCalling = story.ladders.values.contains { (hasGaps || $0.tier == end.tier) && $0.person != end.person }
    return wentOn || isCalling ? nil : "tier \(end.tier) can't be reached, and the next tier was not paged"
  }

  private func lateRung(_ story: Story, _ alert: Accepted, up: Instant, at now: Instant) -> String? {
    guard alert.severity == .sev1 || alert.severity == .sev2, story.approachedAt == nil, !story.isTouched else {
      return nil
    }
    let late = story.ladders.first { id, ladder in
      ladder.tier <= 2 && story.newestPage[ladder.person] == id
        && !ladder.channels.contains(PolicyTimes.ringsThePhone(of: ladder.person, alert.severity) ? "sms" : "email")
        && max(ladder.pushedAt, up) == ladder.pushedAt
        && ladder.pushedAt + PolicyTimes.sms + slack + hold(alert.severity, at: now) < now
    }
    return late.map {
      "\($0.key): pushed at \($0.value.pushedAt.milliseconds), and neither SMS nor what takes its place followed"
    }
  }
}
