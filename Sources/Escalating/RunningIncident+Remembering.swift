import Messages

/// How facts change one incident. Pure and local, so that `decide` can try facts on a copy and answer with the outcome.
extension RunningIncident {
  init(_ opened: IncidentOpened, at instant: Instant, time: Timekeeping) {
    self.init(restoring: opened, changedAt: instant)
    startOpeningClocks(at: instant, time)
    news += 1
  }

  /// Without clocks: those that it had come from its snapshot.
  init(restoring opened: IncidentOpened, changedAt: Instant) {
    self.opened = opened
    severity = opened.severity
    self.changedAt = changedAt
    alertGeneration = opened.alertGeneration
    pagesMade = UInt32(clamping: opened.firstNumber)
    postsMade = UInt32(clamping: opened.firstNumber)
    news = UInt32(clamping: opened.firstNumber)
  }

  /// What decides which clocks run changes before they are started.
  mutating func follow(_ kind: EscalationFact.Kind) {
    switch kind {
    case .severityChanged(let change): severity = change.severity
    case .teamMoved(let moved):
      opened.team = moved.toTeam
      opened.steps = moved.steps
      opened.runbook = moved.runbook
      guard state == .triggered else { return }
      if moved.policy != opened.policy || moved.policyVersion != opened.policyVersion {
        // What a milder severity had for its age was the former policy's.
        clocks.removeAll { $0.isAge && AgeRuleID($0.argument).severity != nil }
      }
      opened.policy = moved.policy
      opened.policyVersion = moved.policyVersion
    default: break
    }
  }

  mutating func remember(_ kind: EscalationFact.Kind, at instant: Instant, time: Timekeeping) {
    changedAt = instant
    record(kind, at: instant)
    switch kind {
    case .paged(let paged): add(paged, at: instant)
    case .posted(let posted):
      postsMade += 1
      posts.append(HeldPost(id: posted.postId, channel: posted.channel, text: posted.text, postedAt: instant))
    case .targetMissed: stop(.acknowledgeTarget)
    case .maximumMissed: stop(.acknowledgeMaximum)
    case .movedOn(let move):
      tier = max(tier, move.toTier)
      stop(.nextTier)
      start(.nextTier, tier + 1, due: time.tierDue(tier, after: instant))
    case .chainEnded:
      stop(.nextTier)
      if state == .triggered, !awaitsChain { start(.restartChain, due: time.restartDue(after: instant)) }
    case .chainRestarted(let restart): restartChain(restart.round, at: instant, time: time)
    case .acknowledged(let answer): acknowledge(answer, at: instant, time: time)
    case .acknowledgementLapsed: lapse(at: instant, time: time)
    case .snoozed(let snoozed):
      clocks.removeAll { $0.kind != .age }
      start(.snoozeEnd, due: snoozed.untilAt)
    case .snoozeEnded:
      stop(.snoozeEnd)
      lapse(at: instant, time: time)
      restartDuties([], at: instant, time)
    case .resolved(let resolved):
      state = .resolved
      resolvedAt = instant
      clocks = []
      told = []
      if !resolved.bySource, opened.alertState != .resolved { owesClosing = true }
      if resolved.endedAt.isSet { record.saidOverAt = resolved.endedAt }
    case .merged(let merged):
      state = .resolved
      resolvedAt = instant
      clocks = []
      told = []
      owesClosing = false
      record.mergedInto = merged.into
    case .reopened: reopen(at: instant, time)
    case .firedAgain(let again):
      reopen(at: instant, time)
      record.firesAgain = true
      record.timesFiredAgain = again.times
      owner = ""
      if !commander.isEmpty { commander = "" }
    case .updated(let updated): take(updated, at: instant, time: time)
    case .escalatedByHand, .respondersAdded: goOn(at: instant, time)
    case .alertJoined(let joined):
      if joined.reopened, !wasReopened {
        record.closedBefore = instant
        record.firesAgain = false
      }
      if !joined.by.isEmpty { goOn(at: instant, time) }
    case .flagsRaised(let raised):
      record.flags += raised.flags
      goOn(at: instant, time)
    case .commandDelegated(let delegated):
      commander = delegated.to
      goOn(at: instant, time)
    case .reassigned(let reassigned): reassign(reassigned, at: instant, time: time)
    case .dutyReminded(let reminded): stop(.dutyReminder, reminded.duty.rawValue)
    case .dutyMissed(let missed): miss(missed.duty, at: instant, time: time)
    case .ageReached(let reached): stop(.age, reached.rule)
    case .severityChanged(let change):
      if change.from == .unspecified || change.severity.isWorse(than: change.from) {
        raise(to: change.severity, from: change.from, at: instant, time)
      } else {
        becomeMilder(at: instant, time)
      }
    case .alertSeen(let seen):
      alertGeneration = max(alertGeneration, seen.generation)
      opened.alertState = seen.state
    case .twinEnded(let ended):
      guard ended.alertId == id else { break }
      opened.alertState = .resolved
      owesClosing = true
      record.ownEndedAt = ended.endedAt
    case .pagesWithdrawn(let withdrawn):
      for index in pages.indices
      where pages[index].wanted && (withdrawn.person.isEmpty || pages[index].person == withdrawn.person) {
        pages[index].withdraw()
      }
    case .receiptNoted(let noted): noted.receipt.map { note($0) }
    case .clocksPostponed(let postponed):
      for index in clocks.indices where clocks[index].due < postponed.untilAt { clocks[index].due = postponed.untilAt }
    case .teamMoved: beginAnew(at: instant, time)
    case .nextTierHeld(let held):
      stop(.nextTier)
      start(.nextTier, held.tier, due: held.untilAt)
    case .reviewOpened, .reviewTold, .reviewAttended, .reviewFound, .reviewActionSet, .reviewTicked, .reviewReassigned,
      .reviewClosed, .reviewLeft, .review, .changeSeen, .stepsSkipped, .nobodyFound, .opened, .snapshot, .debtSettled,
      .forgotten, .ended, .timelineReceived, .policiesConfigured, .numbering, .closingOwed, .withdrawalOwed,
      .memberSeen, .member, .storm, .syntheticNoted, .pageAnswered, .pageAnswers, .silenceNoted, .firedBefore,
      .keyEnded, .publicNotice:
      break
    }
  }

  // MARK: Clocks

  /// The clocks that run from the alert on (E1-E4). Whether the first page waits for working hours is a matter of now, as
  /// in `Escalations.hear`: an alert may be handed over on the other side of their beginning or end.
  private mutating func startOpeningClocks(at instant: Instant, _ time: Timekeeping) {
    let from = opened.openedAt
    let rule = time.rule
    startChain(after: from, at: instant, time)
    if rule.investigate > .zero, !rule.investigateAfterAcknowledgement {
      startDuty(.investigate, due: time.due(rule.investigate, after: from), after: from, time)
    }
    if rule.firstUpdate > .zero {
      startDuty(.firstUpdate, due: time.due(rule.firstUpdate, after: from), after: from, time)
    }
    for (index, age) in rule.ages.enumerated() {
      start(.age, UInt32(index), due: time.due(age.after, after: from))
    }
  }

  private mutating func startChain(after start: Instant, at instant: Instant, _ time: Timekeeping) {
    self.start(.acknowledgeTarget, due: time.due(time.rule.acknowledgeTarget, after: start))
    self.start(.acknowledgeMaximum, due: time.maximumDue(after: start))
    self.start(.nextTier, 2, due: time.secondTierDue(after: start))
    if time.open(at: instant) > instant { self.start(.restartChain, due: time.open(at: instant)) }
  }

  private mutating func startDuty(_ duty: Duty, due: Instant, after start: Instant, _ time: Timekeeping) {
    self.start(.duty, duty.rawValue, due: due)
    self.start(.dutyReminder, duty.rawValue, due: time.reminder(before: due, after: start))
  }

  private mutating func stopDuty(_ duty: Duty) {
    stop(.duty, duty.rawValue)
    stop(.dutyReminder, duty.rawValue)
  }

  /// Round 1 is the opening that waited for working hours: its further clocks run from the alert already.
  private mutating func restartChain(_ round: UInt32, at instant: Instant, time: Timekeeping) {
    let isOpening = round == 1 && awaitsOpening
    stop(.restartChain)
    self.round = round
    tier = 1
    guard !isOpening else { return }
    // Before the first schedule the chain had gone on to those who stand behind the team.
    stop(.nextTier)
    start(.nextTier, 2, due: time.secondTierDue(after: instant))
  }

  /// The clocks of a worse severity run from the change on, and what would have happened by then to people of a tier still does,
  /// no later than it would have; a duty that was met stays met (E6). The chain goes on from the tier that it has reached: so also
  /// when somebody has acknowledged what was less bad then.
  private mutating func raise(to worse: Severity, from before: Severity, at instant: Instant, _ time: Timekeeping) {
    let running = clocks
    let rule = time.rule
    severity = worse
    clocks = []
    if state == .acknowledged {
      startAcknowledgementLapse(at: instant, time: time)
      becomeCommander(owner)
    } else {
      let target = time.due(rule.acknowledgeTarget, after: instant)
      start(.acknowledgeTarget, due: running.earliest(.acknowledgeTarget, orAt: target))
      start(
        .acknowledgeMaximum,
        due: time.maximumDue(after: instant).map { running.earliest(.acknowledgeMaximum, orAt: $0) })
    }
    let tierDue = tier == 1 ? time.secondTierDue(after: instant) : time.tierDue(tier, after: instant)
    start(.nextTier, min(tier, rule.topTier) + 1, due: running.earliest(.nextTier, orAt: tierDue))
    restartDuties(running, at: instant, time)
    clocks += time.ages(after: instant, instead: running.filter(\.isAge), of: before)
  }

  /// The clocks of a milder severity run from the change on; what its age has brought about isn't repeated, and a duty that was
  /// met stays met (E6).
  private mutating func becomeMilder(at instant: Instant, _ time: Timekeeping) {
    clocks = []
    if !hasCommander, !commander.isEmpty { commander = "" }
    if state == .acknowledged {
      startAcknowledgementLapse(at: instant, time: time)
    } else {
      tier = 1
      round = 1
      startChain(after: instant, at: instant, time)
    }
    restartDuties([], at: instant, time)
    for (index, age) in time.rule.ages.enumerated() {
      let due = time.due(age.after, after: opened.openedAt)
      if due > instant { start(.age, UInt32(index), due: due) }
    }
  }

  /// As if it had just been opened, but for the numbers of its pages and posts. Its own alert is over.
  private mutating func reopen(at instant: Instant, _ time: Timekeeping) {
    state = .triggered
    record.closedBefore = resolvedAt
    record.reopenedAt = instant
    record.pagesBefore = pagesMade
    record.firesAgain = false
    if record.saidOverAt.isSet { record.saidOverAt = .unset }
    resolvedAt = .unset
    updatedAt = .unset
    status = .unspecified
    opened.alertState = .resolved
    tier = 1
    round = 1
    clocks = []
    startChain(after: instant, at: instant, time)
    restartDuties([], at: instant, time)
    for (index, age) in time.rule.ages.enumerated() {
      start(.age, UInt32(index), due: time.due(age.after, after: instant))
    }
  }

  /// The new team has its whole time. Who has acknowledged goes on, and only the lead is another. Ages count as they did: from
  /// when it became this bad, where that is what runs.
  private mutating func beginAnew(at instant: Instant, _ time: Timekeeping) {
    told = []
    guard state == .triggered else { return }
    let running = clocks
    clocks = []
    tier = 1
    round = 1
    owner = ""
    if !commander.isEmpty { commander = "" }
    startChain(after: instant, at: instant, time)
    restartDuties(running, at: instant, time)
    for (index, age) in time.rule.ages.enumerated() {
      let due = time.due(age.after, after: opened.openedAt)
      let ran = running.first { $0.kind == .age && $0.argument == UInt32(index) }?.due ?? due
      if max(due, ran) > instant { start(.age, UInt32(index), due: max(due, ran)) }
    }
    clocks += running.filter { $0.isAge && AgeRuleID($0.argument).severity != nil }
  }

  /// A duty that was met stays met; one that ran already is due no later than it was.
  private mutating func restartDuties(_ running: [Clock], at instant: Instant, _ time: Timekeeping) {
    let rule = time.rule
    func restart(_ duty: Duty, _ span: Span) {
      guard span > .zero else { return }
      let due = time.due(span, after: instant)
      startDuty(duty, due: running.earliest(.duty, duty.rawValue, orAt: due), after: instant, time)
    }
    if !updatedAt.isSet, !rule.investigateAfterAcknowledgement || state == .acknowledged {
      restart(.investigate, rule.investigate)
    }
    let isNext = updatedAt.isSet || running.contains { $0.kind == .duty && $0.argument == Duty.nextUpdate.rawValue }
    if isNext { restart(.nextUpdate, rule.nextUpdates) } else { restart(.firstUpdate, rule.firstUpdate) }
  }

  /// Whoever had it has it no more, unless they answer again.
  private mutating func lapse(at instant: Instant, time: Timekeeping) {
    state = .triggered
    stop(.acknowledgementLapse)
    tier = 1
    round += 1
    stop(.nextTier)
    start(.nextTier, 2, due: time.secondTierDue(after: instant))
  }

  /// Somebody does something about it: its acknowledgement holds anew, and it is quiet no longer.
  private mutating func goOn(at instant: Instant, _ time: Timekeeping) {
    guard state == .acknowledged else { return }
    endSnooze(at: instant, time)
    startAcknowledgementLapse(at: instant, time: time)
  }

  private mutating func endSnooze(at instant: Instant, _ time: Timekeeping) {
    guard isSnoozed else { return }
    stop(.snoozeEnd)
    restartDuties([], at: instant, time)
  }

  /// An acknowledgement lapses when nothing follows (E2); whatever follows starts it anew.
  private mutating func startAcknowledgementLapse(at instant: Instant, time: Timekeeping) {
    let lapses = time.rule.acknowledgementLapses
    start(.acknowledgementLapse, due: lapses > .zero ? time.due(lapses, after: instant) : nil)
  }

  // MARK: Pages

  private mutating func add(_ paged: Paged, at instant: Instant) {
    pagesMade += 1
    if paged.purpose == .reminder { finishEarlierReminders(to: paged.person) }
    if pages.count >= Self.keepsPages { leaveFinishedPages() }
    pages.append(
      HeldPage(
        number: pagesMade, person: paged.person, tier: paged.tier, purpose: paged.purpose,
        pagedAt: instant, channels: paged.channels, because: paged.because))
    for cause in paged.causes { tell(cause, at: instant) }
  }

  /// A reminder that the notifier has is over when the next one comes: what it is still trying is taken back.
  private mutating func finishEarlierReminders(to person: String) {
    for index in pages.indices
    where pages[index].person == person && pages[index].purpose == .reminder && pages[index].wanted
      && !pages[index].isOwed
    {
      if pages[index].isDone { pages[index].wanted = false } else { pages[index].withdraw() }
    }
  }

  /// The same cause may be told again after an hour, then two, and so on up to a day.
  private mutating func tell(_ cause: String, at instant: Instant) {
    let index = told.firstIndex { $0.cause == cause }
    let times = index.map { told[$0].times + 1 } ?? 1
    let again = instant + min(.days(1), .hours(1) * (1 << Int64(min(times, 6) - 1)))
    if let index { told.remove(at: index) }
    if told.count >= Self.keepsTold { told.removeFirst() }
    told.append(ToldLead(cause: cause, times: times, again: again))
  }

  private mutating func note(_ receipt: PageReceipt) {
    guard let index = index(ofPage: receipt.pageId) else { return }
    pages[index].state = receipt.channel.isEmpty ? receipt.outcome : "\(receipt.channel) \(receipt.outcome)"
    pages[index].failed = receipt.outcome == "failed" || receipt.outcome == "refused"
    pages[index].isDone = !receipt.wanted
  }

  // MARK: Answers

  private mutating func acknowledge(_ answer: Acknowledged, at instant: Instant, time: Timekeeping) {
    let isFirst = state == .triggered
    if isFirst { acknowledgedAt = instant }
    if isFirst || owner.isEmpty { owner = answer.bySource ? "" : answer.by }
    becomeCommander(owner)
    state = .acknowledged
    for kind in [Clock.Kind.acknowledgeTarget, .acknowledgeMaximum, .nextTier, .restartChain] { stop(kind) }
    endSnooze(at: instant, time)
    startAcknowledgementLapse(at: instant, time: time)
    if isFirst, status == .unspecified, time.rule.investigate > .zero, time.rule.investigateAfterAcknowledgement {
      startDuty(.investigate, due: time.due(time.rule.investigate, after: instant), after: instant, time)
    }
  }

  private mutating func becomeCommander(_ person: String) {
    if hasCommander, commander.isEmpty, !person.isEmpty { commander = person }
  }

  private mutating func reassign(_ reassigned: Reassigned, at instant: Instant, time: Timekeeping) {
    state = .triggered
    owner = reassigned.to
    if !commander.isEmpty { commander = reassigned.to }
    for kind in [Clock.Kind.nextTier, .restartChain, .acknowledgementLapse] { stop(kind) }
    endSnooze(at: instant, time)
    start(.acknowledgeTarget, due: time.due(time.rule.acknowledgeTarget, after: instant))
    start(.acknowledgeMaximum, due: time.maximumDue(after: instant))
    start(.nextTier, min(tier + 1, time.rule.topTier + 1), due: time.secondTierDue(after: instant))
  }

  /// A status update is an answer: it meets the duties, keeps the acknowledgement alive and stops the chain.
  private mutating func take(_ updated: Updated, at instant: Instant, time: Timekeeping) {
    status = updated.update?.status ?? status
    updatedAt = instant
    stopDuty(.investigate)
    stopDuty(.firstUpdate)
    stopDuty(.nextUpdate)
    startNextUpdate(at: instant, time: time)
    guard state == .acknowledged else { return }
    stop(.snoozeEnd)
    stop(.nextTier)
    stop(.restartChain)
    startAcknowledgementLapse(at: instant, time: time)
  }

  private mutating func miss(_ duty: Duty, at instant: Instant, time: Timekeeping) {
    stopDuty(duty)
    if duty != .investigate { startNextUpdate(at: instant, time: time) }
  }

  private mutating func startNextUpdate(at instant: Instant, time: Timekeeping) {
    guard time.rule.nextUpdates > .zero else { return }
    startDuty(.nextUpdate, due: time.due(time.rule.nextUpdates, after: instant), after: instant, time)
  }
}

extension [Clock] {
  /// When the earliest of a kind is due, or at an instant that comes before it.
  fileprivate func earliest(_ kind: Clock.Kind, _ argument: UInt32? = nil, orAt instant: Instant) -> Instant {
    filter { $0.kind == kind && (argument == nil || $0.argument == argument) }.map(\.due).reduce(instant, Swift.min)
  }
}
