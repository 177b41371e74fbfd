import Messages
import Notifying

/// Trouble with providers, of whatever kind: refusals, outages, 429 with Retry-After, no answer, and receipts that say that nothing
/// arrived (requirement N3). The person's next channel does not wait for its time then, and no page is lost on the way.
extension Promises {
  /// Within which the next channel goes out, once trouble is known.
  static let nextChannelWithin = Span.seconds(30)
  /// The longest that all channels of a SEV-1's or SEV-2's page may fail without anybody else being paged: longer than a chain's pause.
  static let lostAfter = Span.minutes(30)

  /// A provider failed, refused, or answered nothing, or reported that what it took has not arrived.
  ///
  /// - Parameter begun: when that began to be heard: a notifier that has ended since hears nothing of it.
  func troubled(_ attempt: Attempt, begun: Instant, at now: Instant) {
    // The channel's second provider carries on.
    guard attempt.route.second == nil, !notifierFellAt.contains(where: { $0 >= begun }) else { return }
    for page in attempt.each {
      guard let ladder = stories[page.incidentId]?.ladders[page.id], ladder.troubles[page.channel] == nil else {
        continue
      }
      stories[page.incidentId]?.ladders[page.id]?.troubles[page.channel] = Story.Trouble(
        at: now, begun: ladder.channels.count)
    }
  }

  /// A provider says that what it took has not arrived.
  func undelivered(_ attempt: Attempt, at now: Instant) {
    for page in attempt.each {
      for handOver in handOvers[page.key.id] ?? [] where handOver.number == page.number {
        handOver.end(reached: false, at: now)
      }
    }
  }

  /// The first trouble of a channel brings the next one forward: judged when that begins, and once a minute when none has.
  func checkNextChannel(_ attempt: Attempt, at now: Instant) {
    guard let story = stories[attempt.incidentId], let ladder = story.ladders[attempt.id],
      !ladder.channels.contains(attempt.channel), let late = lateTrouble(ladder, story, attempt.severity, at: now)
    else { return }
    violate(
      attempt.incidentId,
      "\(attempt.key.id) begun at \(now.milliseconds), but \(late.channel) was in trouble at \(late.at.milliseconds)")
  }

  func lateChannel(_ story: Story, _ alert: Accepted, at now: Instant) -> String? {
    for (id, ladder) in story.ladders where story.newestPage[ladder.person] == id && ladder.channels.count < 3 {
      guard let late = lateTrouble(ladder, story, alert.severity, at: now) else { continue }
      return "\(id): \(late.channel) was in trouble at \(late.at.milliseconds), and no other channel followed"
    }
    return nil
  }

  /// A channel whose trouble has been known for too long, if no other has begun since.
  private func lateTrouble(
    _ ladder: Story.Ladder, _ story: Story, _ severity: Severity, at now: Instant
  ) -> (channel: String, at: Instant)? {
    guard severity == .sev1 || severity == .sev2, story.approachedAt == nil, !story.isTouched, let up = up(.notifier)
    else { return nil }
    return ladder.troubles.first { _, trouble in
      ladder.channels.count <= trouble.begun && up <= trouble.at
        && trouble.at + Self.nextChannelWithin + hold(severity, at: now) < now
    }.map { ($0.key, $0.value.at) }
  }

  /// A page may have reached its person, or somebody else has been paged since, as its severity's policy demands: of a SEV-4 what counts
  /// is working time.
  func lostPage(_ story: Story, _ alert: Accepted, up: Instant, at now: Instant) -> String? {
    guard story.approachedAt == nil, !story.isTouched else { return nil }
    for (id, page) in story.begun {
      guard let limit = lostAfter(alert.severity, tier: page.tier) else { continue }
      let since = max(page.at, up)
      let passed = alert.severity == .sev4 ? WorkingTime.between(since, now) : now - since
      // Somebody else may have been paged by the same decision, as when an age rule calls two tiers at once.
      let isHeard = story.begun.contains { other, begun in
        begun.at > page.at || other != id && page.at < begun.at + .seconds(5) && mayHaveReached(other)
      }
      guard limit + slack < passed, !isHeard, !mayHaveReached(id) else { continue }
      return "\(id): reached nobody by any channel since \(page.at.milliseconds), and nobody else was paged"
    }
    return nil
  }

  /// How long all channels of a page may fail without anybody else being paged. Five tries that are asked to wait take a SEV-3 or a
  /// SEV-4 less than half an hour, and then the next tier is paged at once; past the top the chain begins again, of a SEV-4 a day later:
  /// nil, that is longer than a run.
  private func lostAfter(_ severity: Severity, tier: UInt32) -> Span? {
    let isTop = hasGaps || tier >= PolicyTimes.topTier(severity)
    switch severity {
    case .sev1, .sev2: return Self.lostAfter
    case .sev4: return isTop ? nil : Self.lostAfter + .minutes(10)
    default: return isTop ? Self.lostAfter + .hours(2) : Self.lostAfter + .minutes(10)
    }
  }

  private func mayHaveReached(_ page: String) -> Bool {
    (0..<16).contains { handOvers["\(page)#\($0)"]?.contains(where: \.mayHaveReached) ?? false }
  }
}
