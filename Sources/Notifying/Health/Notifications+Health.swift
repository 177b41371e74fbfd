import Messages

/// How the providers fare, of which a channel has two: a page isn't made to find out anew what others have found out.
extension Notifications {
  /// Whether a delivery that begins now passes its channel's first provider over.
  func passesOver(_ delivery: DeliverySnapshot, at now: Instant) -> Bool {
    delivery.secondFrom == 0 && book.second(delivery.channel) != nil
      && health[delivery.channel]?.isPassedOver(at: now) ?? false
  }

  /// What follows for the first provider of a channel from how it has fared.
  ///
  /// - Parameter failed: nil: it says nothing about the provider.
  func judged(_ delivery: DeliverySnapshot, failed: Bool?, missing: Bool? = nil, at now: Instant) -> [NotificationFact]
  {
    guard failed != nil || missing != nil, !delivery.isWithSecond, let second = book.second(delivery.channel) else {
      return []
    }
    var route = health[delivery.channel] ?? RouteHealth(channel: delivery.channel)
    if let failed { route.note(failed: failed, at: now) }
    if let missing { route.note(missing: missing, at: now) }
    guard route.passedOver else {
      guard let trouble = route.trouble(at: now) else { return [] }
      return passOver(route, second, because: trouble, at: now)
    }
    guard let failed, route.isTrial(begunAt: delivery.begunAt) else { return [] }
    guard failed else { return useAgain(route, at: now) }
    let wait = min(RouteHealth.longestWait, route.wait * 2)
    return [
      .init(
        kind: .providerJudged(
          ProviderJudged(channel: route.channel, passedOver: true, tryAt: now + wait, wait: wait)))
    ]
  }

  private func passOver(
    _ route: RouteHealth, _ second: ChannelRoute, because trouble: String, at now: Instant
  ) -> [NotificationFact] {
    let first = book.route(route.channel).provider
    let words =
      "\(route.channel): \(first) is passed over in favour of \(second.provider) (\(trouble)); one page tries it again "
      + "in \(RouteHealth.firstWait.words)"
    let judged = ProviderJudged(
      channel: route.channel, passedOver: true, tryAt: now + RouteHealth.firstWait, wait: RouteHealth.firstWait)
    return [.init(kind: .providerJudged(judged))] + told(words, route, at: now)
  }

  private func useAgain(_ route: RouteHealth, at now: Instant) -> [NotificationFact] {
    let judged = ProviderJudged(channel: route.channel)
    let words = "\(route.channel): \(book.route(route.channel).provider) is used again: it took a page"
    return [.init(kind: .providerJudged(judged))] + told(words, route, at: now)
  }

  /// Once for each change, where operators read.
  private func told(_ words: String, _ route: RouteHealth, at now: Instant) -> [NotificationFact] {
    let watch = book.configuration.watch?.channel ?? ""
    let post = Post(
      id: "\(Self.providersIncident)#\(route.channel)/\(route.judged + 1)/\(now.milliseconds)",
      channel: watch.isEmpty ? Self.platformChannel : watch, text: words, incidentId: Self.providersIncident,
      postedAt: now)
    return [.init(kind: .postTaken(PostTaken(post: post, deliveries: book.plan(post, at: now))))]
  }

  private static let providersIncident = "providers"
  private static let platformChannel = "#platform-alerts"

  // MARK: Remembering

  mutating func noteBegun(_ delivery: DeliverySnapshot, at instant: Instant) {
    guard delivery.questions == 0, !delivery.isWithSecond, let route = health[delivery.channel], route.passedOver else {
      return
    }
    health[delivery.channel]?.tryAt = max(route.tryAt, instant + RouteHealth.trying)
    timetable.passOver(delivery.channel, until: health[delivery.channel]?.passedOverUntil)
  }

  mutating func noteOutcome(_ delivery: DeliverySnapshot, failed: Bool?, missing: Bool? = nil, at instant: Instant) {
    guard failed != nil || missing != nil, !delivery.isWithSecond, book.second(delivery.channel) != nil else { return }
    if let failed {
      health[delivery.channel, default: RouteHealth(channel: delivery.channel)].note(failed: failed, at: instant)
    }
    if let missing {
      health[delivery.channel, default: RouteHealth(channel: delivery.channel)].note(missing: missing, at: instant)
    }
  }

  mutating func apply(_ judged: ProviderJudged) {
    health[judged.channel, default: RouteHealth(channel: judged.channel)].judge(judged)
    timetable.passOver(judged.channel, until: health[judged.channel]?.passedOverUntil)
  }

  mutating func restore(_ snapshot: ProviderHealthSnapshot) {
    for route in snapshot.routes {
      health[route.channel] = route
      timetable.passOver(route.channel, until: route.passedOverUntil)
    }
  }

  var healthSnapshot: [NotificationFact] {
    guard !health.isEmpty else { return [] }
    return [
      .init(
        kind: .providerHealth(
          ProviderHealthSnapshot(routes: health.values.sorted { $0.channel < $1.channel })))
    ]
  }

  /// What was found out about a provider says nothing about another.
  mutating func forgetHealth(besides before: AddressBook) {
    for channel in Array(health.keys) where book.route(channel) != before.route(channel) {
      health[channel] = nil
      timetable.passOver(channel, until: nil)
    }
  }
}

extension AttemptEnded {
  /// What it says about its provider; nil: nothing.
  var failed: Bool? { state.wasTaken ? false : providersFault ? true : nil }
}

extension DeliveryReported {
  /// What it says about receipts; nil: nothing.
  var missing: Bool? { isMissing ? true : state.rank >= DeliveryState.delivered.rank ? false : nil }
}
