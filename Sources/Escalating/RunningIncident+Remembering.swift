import Messages

/// How facts change one incident. Pure and local, so that `decide` can try facts on a copy and answer with the outcome.
extension RunningIncident {
  init(_ opened: IncidentOpened, at instant: Instant, time: Timekeeping) {
    self.opened = opened
    severity = opened.severity
    changedAt = instant
    alertGeneration = opened.alertGeneration
    startOpeningClocks(time)
  }

  mutating func remember(_ kind: EscalationFact.Kind, at instant: Instant, time: Timekeeping) {
    changedAt = instant
    switch kind {
    case .paged(let paged): add(paged, at: instant)
    case .posted(let posted):
      postsMade += 1
      posts.append(HeldPost(id: posted.postId, channel: posted.channel, text: posted.text, postedAt: instant))
    case .targetMissed: stop(.acknowledgeTarget)
    case .movedOn(let move):
      tier = max(tier, move.toTier)
      stop(.nextTier)
      start(.nextTier, tier + 1, due: time.tierDue(after: instant))
    case .chainEnded(let ended):
      stop(.nextTier)
      guard state == .triggered else { break }
      let pause = ended.nobodyFound ? min(time.restartDue(after: instant), instant + .minutes(1)) : nil
      start(.restartChain, due: pause ?? time.restartDue(after: instant))
    case .chainRestarted(let restart):
      stop(.restartChain)
      round = restart.round
      tier = 1
      start(.nextTier, 2, due: time.secondTierDue(after: instant))
    case .acknowledged(let answer): acknowledge(answer, at: instant, time: time)
    case .acknowledgementLapsed:
      state = .triggered
      stop(.acknowledgementLapse)
      tier = 1
      round += 1
      start(.nextTier, 2, due: time.secondTierDue(after: instant))
    case .resolved(let resolved):
      state = .resolved
      resolvedAt = instant
      clocks = []
      owesClosing = !resolved.bySource
    case .updated(let updated): take(updated, at: instant, time: time)
    case .reassigned(let reassigned):
      state = .triggered
      owner = reassigned.to
      if !commander.isEmpty { commander = reassigned.to }
      stop(.acknowledgementLapse)
      stop(.restartChain)
      stop(.nextTier)
      start(.nextTier, min(tier + 1, time.rule.topTier + 1), due: time.secondTierDue(after: instant))
    case .dutyReminded(let reminded): stop(.dutyReminder, reminded.duty.rawValue)
    case .dutyMissed(let missed): miss(missed.duty, at: instant, time: time)
    case .ageReached(let reached): stop(.age, reached.rule)
    case .severityChanged(let change):
      severity = change.severity
      clocks = []
      startOpeningClocks(time)
      if state == .acknowledged {
        for kind in [Clock.Kind.acknowledgeTarget, .nextTier] { stop(kind) }
        startAcknowledgementLapse(at: instant, time: time)
      }
    case .alertSeen(let seen): alertGeneration = max(alertGeneration, seen.generation)
    case .pagesWithdrawn(let withdrawn):
      for index in pages.indices
      where pages[index].wanted && (withdrawn.person.isEmpty || pages[index].person == withdrawn.person) {
        pages[index].wanted = false
        pages[index].generation = 2
      }
    case .receiptNoted(let noted): noted.receipt.map { note($0) }
    case .escalatedByHand, .stepsSkipped, .nobodyFound, .opened, .snapshot, .debtSettled, .forgotten,
      .timelineReceived, .policiesConfigured:
      break
    }
  }

  /// The clocks that run from the alert on (E1-E4).
  private mutating func startOpeningClocks(_ time: Timekeeping) {
    let from = opened.openedAt
    let rule = time.rule
    start(.acknowledgeTarget, due: time.due(rule.acknowledgeTarget, after: from))
    start(.nextTier, 2, due: time.secondTierDue(after: from))
    if pagesMade == 0, time.open(at: from) > from { start(.restartChain, due: time.open(at: from)) }
    if rule.investigate > .zero, !rule.investigateAfterAcknowledgement {
      startDuty(.investigate, due: time.due(rule.investigate, after: from), time)
    }
    if rule.firstUpdate > .zero { startDuty(.firstUpdate, due: time.due(rule.firstUpdate, after: from), time) }
    for (index, age) in rule.ages.enumerated() {
      start(.age, UInt32(index), due: time.due(age.after, after: from))
    }
  }

  private mutating func startDuty(_ duty: Duty, due: Instant, _ time: Timekeeping) {
    start(.duty, duty.rawValue, due: due)
    let before = time.rule.remindBefore
    start(.dutyReminder, duty.rawValue, due: before > .zero ? due - before : nil)
  }

  private mutating func stopDuty(_ duty: Duty) {
    stop(.duty, duty.rawValue)
    stop(.dutyReminder, duty.rawValue)
  }

  private mutating func add(_ paged: Paged, at instant: Instant) {
    pagesMade += 1
    if pages.count >= 16 { pages.removeAll { !$0.wanted && !$0.isOwed } }
    pages.append(
      HeldPage(
        id: paged.pageId, person: paged.person, tier: paged.tier, purpose: paged.purpose, pagedAt: instant,
        channels: paged.channels, because: paged.because))
  }

  private mutating func acknowledge(_ answer: Acknowledged, at instant: Instant, time: Timekeeping) {
    if state == .triggered {
      acknowledgedAt = instant
      owner = answer.by
      if commander.isEmpty, severity == .sev1 || severity == .sev2 { commander = answer.by }
    }
    let wasFirst = state == .triggered
    state = .acknowledged
    for kind in [Clock.Kind.acknowledgeTarget, .nextTier, .restartChain] { stop(kind) }
    startAcknowledgementLapse(at: instant, time: time)
    if wasFirst, status == .unspecified, time.rule.investigate > .zero, time.rule.investigateAfterAcknowledgement {
      startDuty(.investigate, due: time.due(time.rule.investigate, after: instant), time)
    }
  }

  /// An acknowledgement lapses when nothing follows (E2); whatever follows starts it anew.
  private mutating func startAcknowledgementLapse(at instant: Instant, time: Timekeeping) {
    let lapses = time.rule.acknowledgementLapses
    start(.acknowledgementLapse, due: lapses > .zero ? time.due(lapses, after: instant) : nil)
  }

  /// A status update is an answer: it meets the duties, keeps the acknowledgement alive and stops the chain.
  private mutating func take(_ updated: Updated, at instant: Instant, time: Timekeeping) {
    status = updated.update?.status ?? status
    stopDuty(.investigate)
    stopDuty(.firstUpdate)
    stopDuty(.nextUpdate)
    if time.rule.nextUpdates > .zero {
      startDuty(.nextUpdate, due: time.due(time.rule.nextUpdates, after: instant), time)
    }
    guard state == .acknowledged else { return }
    stop(.nextTier)
    stop(.restartChain)
    startAcknowledgementLapse(at: instant, time: time)
  }

  private mutating func miss(_ duty: Duty, at instant: Instant, time: Timekeeping) {
    stopDuty(duty)
    if duty != .investigate, time.rule.nextUpdates > .zero {
      startDuty(.nextUpdate, due: time.due(time.rule.nextUpdates, after: instant), time)
    }
  }

  private mutating func note(_ receipt: PageReceipt) {
    guard let index = pages.firstIndex(where: { $0.id == receipt.pageId }) else { return }
    pages[index].state = receipt.channel.isEmpty ? receipt.outcome : "\(receipt.channel) \(receipt.outcome)"
    pages[index].failed = receipt.outcome == "failed" || receipt.outcome == "refused"
  }
}
