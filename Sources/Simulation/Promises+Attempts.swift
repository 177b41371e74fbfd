import Messages
import Notifying

/// What must be true of every attempt at the moment that its provider is asked.
extension Promises {
  func attemptBegan(_ attempt: Attempt, at now: Instant) -> HandOver {
    report.attempts += 1
    guard attempt.purpose != .watch, attempt.incidentId != "watch" else {
      checkAlarm(attempt, at: now)
      return HandOver(number: attempt.number, at: now)
    }
    let handOver = HandOver(number: attempt.number, at: now)
    checkRepeat(attempt)
    checkPhone(attempt)
    handOvers[attempt.key.id, default: []].append(handOver)
    guard attempt.purpose != .unspecified else {
      stories[attempt.incidentId]?.posts += 1
      return handOver
    }
    noteWhole(attempt.incidentId)
    checkClosed(attempt, at: now)
    guard attempt.purpose == .duty else { return handOver }
    note(attempt, at: now)
    checkAnswer(attempt, at: now)
    checkKept(attempt, at: now)
    checkPeace(attempt, at: now)
    checkWindow(attempt, at: now)
    if Self.resumesTheChain(attempt.text) { stories[attempt.incidentId]?.hasResumed = true }
    checkEarly(attempt, at: now)
    return handOver
  }

  func ended(_ handOver: HandOver, reached: Bool?, at now: Instant) { handOver.end(reached: reached, at: now) }

  func foundUnreachable(_ attempt: Attempt, at now: Instant) {
    guard attempt.purpose == .duty else { return }
    stories[attempt.incidentId, default: Story()].deadEnds.append(
      Story.DeadEnd(tier: attempt.tier, person: attempt.person, at: now))
  }

  private func note(_ attempt: Attempt, at now: Instant) {
    checkNextChannel(attempt, at: now)
    var story = stories.removeValue(forKey: attempt.incidentId) ?? Story()
    story.firstAttempt = story.firstAttempt ?? now
    story.tierAttempts[attempt.tier] = story.tierAttempts[attempt.tier] ?? now
    story.lastStir = now
    if story.begun[attempt.id] == nil { story.begun[attempt.id] = Story.Begun(tier: attempt.tier, at: now) }
    if story.ladders[attempt.id] == nil, attempt.channel == "push" {
      story.newestPage[attempt.person] = attempt.id
      story.ladders[attempt.id] = Story.Ladder(
        person: attempt.person, tier: attempt.tier, pushedAt: now, channels: [attempt.channel])
    }
    story.ladders[attempt.id]?.channels.insert(attempt.channel)
    if attempt.route.second == nil { story.ladders[attempt.id]?.byLast.insert(attempt.channel) }
    stories[attempt.incidentId] = story
  }

  /// After a resolve that somebody was told OK, nothing is sent about it any more.
  private func checkClosed(_ attempt: Attempt, at now: Instant) {
    let id = attempt.incidentId
    guard let closed = stories[id]?.closedAt, !isOpenAgain(id), let up = up(.intake, .escalator, .notifier) else {
      return
    }
    report.judgements += 1
    guard max(up, closed) + slack < now else { return }
    violate(id, "\(attempt.key.id) begun at \(now.milliseconds), but it was resolved at \(closed.milliseconds)")
    // What the notifier lost shows in its next receipt, and then it is told again.
    guard max(up, closed) + slack + .minutes(5) < now, !isExcused(id, besides: .notifier) else { return }
    report.violate("\(id): \(attempt.key.id) goes on though it was resolved: nobody has withdrawn it again")
  }

  /// Reported again, and the escalator says that it is open.
  private func isOpenAgain(_ id: String) -> Bool {
    guard stories[id]?.mayFireAgain == true, let now = incident(id) else { return false }
    return now.state != .resolved
  }

  private func checkAnswer(_ attempt: Attempt, at now: Instant) {
    let id = attempt.incidentId
    guard areClocksSteady, let story = stories[id], let known = story.answeredAt, let begun = story.approachedAt,
      !story.isTouched, let up = up(.escalator, .notifier),
      let way = story.isAnsweredAtSource ? self.up(.intake, .escalator) : up
    else { return }
    report.judgements += 1
    guard max(up, way, known) + slack < now else { return }
    if attempt.pagedAt < begun {
      violate(
        id, "\(attempt.key.id) begun at \(now.milliseconds), but an answer was known at \(known.milliseconds)")
    } else if !story.hasResumed, ["push", "slack", "email"].contains(attempt.channel) {
      checkReason(attempt, story, known: known, at: now)
    }
  }

  /// While it is snoozed only its age pages somebody, and whoever is next where those can't be reached. Judged where calls don't
  /// overtake each other.
  private func checkPeace(_ attempt: Attempt, at now: Instant) {
    let id = attempt.incidentId
    guard areClocksSteady, slack <= .seconds(2), let peace = stories[id]?.peace, peace.lowerBound + slack < now,
      now < peace.upperBound, ["push", "slack", "email"].contains(attempt.channel)
    else { return }
    report.judgements += 1
    let reasons = ["unresolved for", "can't be reached", "nobody found on tier", "is engaged"]
    if !reasons.contains(where: attempt.text.contains) {
      violate(id, "\(attempt.key.id) begun at \(now.milliseconds) though it is snoozed: \(attempt.text)")
    }
  }

  /// After a lapse or a missed duty the chain goes on until somebody answers again.
  private static func resumesTheChain(_ text: String) -> Bool {
    text.contains("nothing followed") || text.contains("no investigation since") || text.contains("update since")
  }

  /// Who is paged anew after an answer is paged for a reason that the policy names, and not before its time.
  private func checkReason(_ attempt: Attempt, _ story: Story, known: Instant, at now: Instant) {
    guard let alert = story.accepted, let begun = story.approachedAt else { return }
    let text = attempt.text
    let due: Instant
    if text.contains("nothing followed") {
      due = begun + (policies(of: alert.id, at: now).map { $0.lapse(alert.severity) }.min() ?? .zero)
    } else if text.contains("unresolved for") {
      due = alert.toldAt + .hours(1)
    } else if text.contains("no investigation since") || text.contains("update since") || text.contains("is engaged")
      || text.contains("nobody found on tier") || text.contains("can't be reached")
    {
      due = alert.toldAt + .minutes(10)
    } else if text.contains("not acknowledged in time"), hasGaps || alert.severity == .sev1 || alert.severity == .sev2 {
      // The tier that was paged because nothing followed did not answer either, or had nobody.
      due = alert.toldAt + .minutes(alert.severity == .sev1 ? 15 : 20)
    } else {
      violate(
        alert.id,
        "\(attempt.key.id) was made after an answer was known at \(known.milliseconds), without a reason: \(text)")
      return
    }
    guard now + .seconds(1) < due else { return }
    violate(alert.id, "\(attempt.key.id) comes \((due - now).milliseconds) ms before its reason: \(text)")
  }

  /// What may have reached somebody is handed over again only for a reason, and says so.
  private func checkRepeat(_ attempt: Attempt) {
    let timedOut = (handOvers[attempt.key.id] ?? []).count { $0.isUnknown && !$0.wasUnderWay(at: notifierFellAt) }
    if timedOut > 1 {
      violate(attempt.incidentId, "\(attempt.key.id): handed over again though it had timed out \(timedOut) times")
    }
    for earlier in handOvers[attempt.key.id] ?? [] {
      report.judgements += 1
      let wasUnderWay = earlier.wasUnderWay(at: notifierFellAt)
      if earlier.number == attempt.number, !wasUnderWay {
        violate(attempt.incidentId, "\(attempt.key.id): attempt \(attempt.number) was handed over twice")
      }
      guard earlier.mayHaveReached else { continue }
      if !attempt.isRepeat {
        violate(attempt.incidentId, "\(attempt.key.id): handed over again and not marked as a repeat")
      }
      if !wasUnderWay, !earlier.isUnknown {
        violate(attempt.incidentId, "\(attempt.key.id): handed over again though the first had arrived")
      }
    }
  }

  /// Whatever is said to somebody, their phone rings for what they keep it for (requirement P5), or to be tested at their wish.
  private func checkPhone(_ attempt: Attempt) {
    guard ["sms", "voice"].contains(attempt.channel), attempt.purpose != .test else { return }
    report.judgements += 1
    guard !PolicyTimes.ringsThePhone(of: attempt.person, attempt.severity) else { return }
    report.violate(
      "\(attempt.incidentId): \(attempt.key.id) uses \(attempt.channel), which \(attempt.person) keeps for worse than "
        + "SEV-\(attempt.severity.rawValue)")
  }

  private func checkEarly(_ attempt: Attempt, at now: Instant) {
    guard isProviderFaultless, !hasGaps, let story = stories[attempt.incidentId], let alert = story.accepted,
      !story.isTouched, story.approachedAt == nil
    else { return }
    // SEV-4 keeps civil time: to a clock that is a year ahead its hours are over.
    guard areClocksSteady || alert.severity != .sev4 else { return }
    let due: Span
    if attempt.tier == 2 {
      due = policies(of: alert.id, at: now).map { $0.secondTier(alert.severity) }.min() ?? .zero
    } else if attempt.channel == "sms", attempt.id.hasSuffix("/1") {
      due = PolicyTimes.sms
    } else {
      return
    }
    report.judgements += 1
    guard now + .seconds(1) < alert.toldAt + due else { return }
    violate(
      alert.id,
      "\(attempt.key.id) on tier \(attempt.tier) \((now - alert.toldAt).milliseconds) ms after the alert, too early")
  }
}
