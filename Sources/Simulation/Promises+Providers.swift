import Messages
import Notifying

/// Trouble with providers, of whatever kind: refusals, outages, 429 with Retry-After, no answer, and receipts that say that nothing
/// arrived (requirement N3). The person's next channel does not wait for its time then, and no page is lost on the way.
extension Promises {
  /// Within which the next channel goes out, or the channel's second provider is asked: since the first was, or soon after it has failed
  /// where that takes longer.
  static let nextChannelWithin = Span.seconds(30)
  /// The longest that all channels of a SEV-1's or SEV-2's page may fail without anybody else being paged: longer than a chain's pause.
  static let lostAfter = Span.minutes(30)

  /// How soon after a failure that took its time. What nobody has answered takes its person's slots too (`Pacing`), which hold a SEV-1 for
  /// ten seconds at most.
  private static func soon(_ severity: Severity) -> Span { severity == .sev1 ? .seconds(12) : nextChannelWithin }

  /// A provider failed, refused, or answered nothing, or reported that what it took has not arrived.
  ///
  /// - Parameters:
  ///   - isKnown: nothing has arrived; otherwise the provider may be asked what it has before the channel's second one is.
  ///   - begun: when that began to be heard: a notifier that has ended since hears nothing of it.
  func troubled(_ attempt: Attempt, isKnown: Bool, begun: Instant, at now: Instant) {
    let hasSecond = attempt.route.second != nil
    guard isKnown || !hasSecond, !notifierFellAt.contains(where: { $0 >= begun }) else { return }
    for page in attempt.each {
      let carrier = Story.Carrier(channel: page.channel, hasSecond: hasSecond)
      guard let ladder = stories[page.incidentId]?.ladders[page.id], ladder.troubles[carrier] == nil,
        !hasSecond || !ladder.byLast.contains(page.channel)
      else { continue }
      stories[page.incidentId]?.ladders[page.id]?.troubles[carrier] = Story.Trouble(
        at: now, due: max(begun + Self.nextChannelWithin, now + Self.soon(page.severity)), begun: ladder.channels.count)
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

  /// A provider's first trouble brings the channel's second one or the next channel forward: judged when that begins, and once a minute
  /// when none has.
  func checkNextChannel(_ attempt: Attempt, at now: Instant) {
    guard let story = stories[attempt.incidentId], let ladder = story.ladders[attempt.id],
      !ladder.channels.contains(attempt.channel) || isFirstByLast(attempt, ladder),
      let late = lateTrouble(ladder, story, attempt.severity, at: now)
    else { return }
    violate(
      attempt.incidentId,
      "\(attempt.key.id) begun at \(now.milliseconds), but \(late.channel) was in trouble at \(late.at.milliseconds)")
  }

  private func isFirstByLast(_ attempt: Attempt, _ ladder: Story.Ladder) -> Bool {
    attempt.route.second == nil && !ladder.byLast.contains(attempt.channel)
      && ladder.troubles[Story.Carrier(channel: attempt.channel, hasSecond: true)] != nil
  }

  func lateChannel(_ story: Story, _ alert: Accepted, at now: Instant) -> String? {
    for (id, ladder) in story.ladders where story.newestPage[ladder.person] == id && ladder.channels.count < 3 {
      guard let late = lateTrouble(ladder, story, alert.severity, at: now) else { continue }
      return "\(id): \(late.channel) was in trouble at \(late.at.milliseconds), and nothing else followed"
    }
    return nil
  }

  /// A channel whose trouble has lasted for too long, if no other has begun since, nor its second provider been asked.
  private func lateTrouble(
    _ ladder: Story.Ladder, _ story: Story, _ severity: Severity, at now: Instant
  ) -> (channel: String, at: Instant)? {
    guard severity == .sev1 || severity == .sev2, story.approachedAt == nil, !story.isTouched, let up = up(.notifier)
    else { return nil }
    return ladder.troubles.first { carrier, trouble in
      ladder.channels.count <= trouble.begun && up <= trouble.at
        && !(carrier.hasSecond && ladder.byLast.contains(carrier.channel))
        && trouble.due + hold(severity, at: now) < now
    }.map { ($0.key.channel, $0.value.at) }
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
