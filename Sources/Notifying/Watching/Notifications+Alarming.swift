import Messages

/// The watch, second half: when accepted alerts have no page, or synthetic alerts don't arrive, the people whom configuration
/// names are paged from here, and again less and less often until all is well.
extension Notifications {
  private var patience: Span { book.configuration.watch?.syntheticLostAfter ?? .zero }

  var nextWatch: Instant? {
    guard book.configuration.watch != nil else { return nil }
    let lostAt = watching.lostAt(after: patience)
    guard let alarm = watching.alarm else { return [watching.nextUntold, lostAt].compactMap { $0 }.min() }
    if isOver(alarm) { return Instant(milliseconds: 1) }
    return [alarm.tellAgainAt, alarm.synthetic ? nil : lostAt, watching.nextTold(after: alarm)].compactMap { $0 }.min()
  }

  /// What the watch has to tell now.
  func watchLapse(at now: Instant) -> [NotificationFact] {
    guard let watch = book.configuration.watch, let next = nextWatch, next <= now else { return [] }
    if let alarm = watching.alarm, isOver(alarm) { return end(alarm, watch, at: now) }
    return tell(watch, missing: watching.confirmed(at: now), isLost: isLost(at: now), at: now)
  }

  /// Synthetic alerts are overdue, or still are although the notifier, started anew, waits anew.
  private func isLost(at now: Instant) -> Bool {
    let isStillLost = watching.alarm.map { $0.synthetic && watching.passedAt <= $0.raisedAt } ?? false
    return patience > .zero && (isStillLost || watching.lostAt(after: patience).map { $0 <= now } ?? false)
  }

  /// A synthetic alert has arrived since, and each accepted alert has its page or is over.
  private func isOver(_ alarm: WatchAlarmed) -> Bool {
    watching.missing.isEmpty && (!alarm.synthetic || watching.passedAt > alarm.raisedAt || patience == .zero)
  }

  private func tell(
    _ watch: Watch, missing confirmed: [MissingAlert], isLost: Bool, at now: Instant
  ) -> [NotificationFact] {
    let missing = confirmed.isEmpty && !isLost ? watching.confirmed(at: now + Watching.confirms) : confirmed
    let before = watching.alarm
    let number = before?.number ?? watching.numbered + 1
    let times = (before?.times ?? 0) + 1
    let wait = min(
      Watching.longestBetweenTelling, .milliseconds(Watching.tellsAgainAfter.milliseconds << Int64(min(times - 1, 4))))
    let words = WatchText.alarm(missing: missing, lastPassed: isLost ? watching.passedAt : nil, at: now)
    let pages = watch.people.map {
      Page(
        id: "\(WatchText.incident)/\(number)/\(times)/\($0)", generation: 1, wanted: true,
        incidentId: WatchText.incident, person: $0, purpose: .watch, severity: .sev1, summary: words,
        because: WatchText.because, pagedAt: now, openedAt: before?.raisedAt ?? now)
    }
    let alarm = WatchAlarmed(
      number: number, times: times, tellAgainAt: now + wait, synthetic: isLost || before?.synthetic ?? false,
      pages: pages.map(\.id), toldAt: now, raisedAt: before?.raisedAt ?? now,
      missing: !missing.isEmpty || before?.missing ?? false)
    return cancelled(before?.pages ?? []) + [.init(kind: .watchAlarmed(alarm))]
      + pages.map { page in
        let plan = book.plan(page, at: now)
        return .init(kind: .pageTaken(PageTaken(page: page, deliveries: plan.deliveries, remark: plan.remark)))
      } + post("[SEV-1] \(words)", "\(number)/\(times)", watch, at: now)
  }

  private func end(_ alarm: WatchAlarmed, _ watch: Watch, at now: Instant) -> [NotificationFact] {
    cancelled(alarm.pages) + [.init(kind: .watchEnded(WatchEnded(number: alarm.number)))]
      + post(WatchText.over, "\(alarm.number)/over", watch, at: now)
  }

  /// Nobody is told any more when configuration ends the watch.
  func watchRemoved() -> [NotificationFact] {
    watching.alarm.map { cancelled($0.pages) + [.init(kind: .watchEnded(WatchEnded(number: $0.number)))] } ?? []
  }

  /// What has not begun of them never will.
  private func cancelled(_ pages: [String]) -> [NotificationFact] {
    pages.filter { ledger[$0]?.isWanted ?? false }
      .map { .init(kind: .pageCancelled(PageCancelled(pageId: $0, generation: 2))) }
  }

  private func post(_ text: String, _ id: String, _ watch: Watch, at now: Instant) -> [NotificationFact] {
    guard !watch.channel.isEmpty else { return [] }
    let post = Post(
      id: "\(WatchText.incident)#\(id)", channel: watch.channel, text: text, incidentId: WatchText.incident,
      postedAt: now)
    return [.init(kind: .postTaken(PostTaken(post: post, deliveries: book.plan(post, at: now))))]
  }

  // MARK: Synthetic alerts

  /// A provider has answered for a synthetic page. Its age when it was handed over is the sender's word, because clocks differ.
  mutating func notePassed(_ ended: AttemptEnded, at instant: Instant) {
    guard ended.state.wasTaken, let entry = ledger[ended.pageId], let page = entry.page,
      page.purpose == .synthetic, let delivery = entry.deliveries.first
    else { return }
    watching.passedAt = instant
    watching.expectedSince = instant
    watching.took = page.age(at: delivery.changedAt) + max(.zero, instant - delivery.changedAt)
  }

  /// What health says of it; nil when no watch is configured.
  public func endToEnd(at now: Instant) -> EndToEnd? {
    guard book.configuration.watch != nil else { return nil }
    return EndToEnd(
      passedAt: watching.passedAt, took: watching.took, missing: UInt64(watching.confirmed(at: now).count),
      lost: isLost(at: now))
  }
}
