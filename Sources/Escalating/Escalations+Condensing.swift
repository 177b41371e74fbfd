import Machinery
import Messages

/// A checkpoint: the policies, the timelines, the ids of incidents that ended lately, and one snapshot an incident.
extension Escalations {
  public func condensed() -> [EscalationFact] {
    var facts = [EscalationFact(kind: .policiesConfigured(policies.configured))]
    facts += timelines.all.map { EscalationFact(kind: .timelineReceived(TimelineReceived(timeline: $0))) }
    facts += ended.all.map { EscalationFact(kind: .ended($0)) }
    facts.append(EscalationFact(kind: .numbering(EscalationNumbering(skipped: numbersSkipped))))
    facts += stragglers.closingsOwed.map { EscalationFact(kind: .closingOwed($0)) }
    facts += stragglers.withdrawalsOwed.map { EscalationFact(kind: .withdrawalOwed($0)) }
    incidents.forEach { _, incident in
      facts.append(EscalationFact(kind: .snapshot(snapshot(of: incident))))
      return true
    }
    facts += storms.all.map { EscalationFact(kind: .storm($0)) }
    if latestSynthetic.number > 0 { facts.append(EscalationFact(kind: .syntheticNoted(latestSynthetic))) }
    facts += answersKept
    facts += members.all.map { EscalationFact(kind: .member($0)) }
    facts += keys.allEnds.map { EscalationFact(kind: .keyEnded($0)) }
    // Before the reviews: each has those that matter to it already.
    facts += changes.all.map { EscalationFact(kind: .changeSeen(ChangeSeen(change: $0))) }
    facts += reviews.all.map { EscalationFact(kind: .review($0)) }
    facts += notices.all.map { EscalationFact(kind: .publicNotice($0)) }
    return facts
  }

  private func snapshot(of incident: RunningIncident) -> IncidentSnapshot {
    var opened = incident.opened
    opened.severity = incident.severity
    return IncidentSnapshot(
      opened: opened, state: incident.state, tier: incident.tier, round: incident.round,
      acknowledgedAt: incident.acknowledgedAt, resolvedAt: incident.resolvedAt, commander: incident.commander,
      owner: incident.owner, status: incident.status,
      clocks: incident.clocks.map { RunningClock(kind: $0.kind.rawValue, argument: $0.argument, dueAt: $0.due) },
      pages: incident.pages.map {
        PageSnapshot(
          pageId: $0.id(in: incident.id), person: $0.person, tier: $0.tier, purpose: $0.purpose, wanted: $0.wanted,
          generation: UInt64($0.generation), settled: UInt64($0.settled), pagedAt: $0.pagedAt, state: $0.state,
          channels: $0.channels,
          because: $0.because, failed: $0.failed, done: $0.isDone)
      },
      posts: incident.posts.map {
        PostSnapshot(postId: $0.id, channel: $0.channel, text: $0.text, postedAt: $0.postedAt)
      },
      alertGenerationSeen: incident.alertGeneration, pagesMade: UInt64(incident.pagesMade),
      postsMade: UInt64(incident.postsMade),
      closingGeneration: incident.owesClosing ? 1 : 0, closingSettled: 0, changedAt: incident.changedAt,
      updatedAt: incident.updatedAt,
      told: incident.told.map { ToldCause(cause: $0.cause, times: $0.times, againAt: $0.again) },
      news: UInt64(incident.news), newsSettled: UInt64(incident.newsSettled), record: incident.record.snapshot)
  }

  mutating func restore(_ snapshot: IncidentSnapshot) {
    guard var opened = snapshot.opened else { return }
    texts.share(&opened)
    var incident = RunningIncident(restoring: opened, changedAt: snapshot.changedAt)
    incident.state = snapshot.state
    incident.tier = snapshot.tier
    incident.round = snapshot.round
    incident.acknowledgedAt = snapshot.acknowledgedAt
    incident.owner = snapshot.owner
    incident.status = snapshot.status
    incident.told = snapshot.told.map { ToldLead(cause: $0.cause, times: $0.times, again: $0.againAt) }
    incident.alertGeneration = snapshot.alertGenerationSeen
    incident.pagesMade = UInt32(clamping: snapshot.pagesMade)
    incident.postsMade = UInt32(clamping: snapshot.postsMade)
    incident.newsSettled = UInt32(clamping: snapshot.newsSettled)
    if let record = snapshot.record { incident.record = IncidentRecord(record) }
    if !snapshot.commander.isEmpty { incident.commander = snapshot.commander }
    if snapshot.resolvedAt.isSet { incident.resolvedAt = snapshot.resolvedAt }
    if snapshot.updatedAt.isSet { incident.updatedAt = snapshot.updatedAt }
    incident.owesClosing = snapshot.closingGeneration > snapshot.closingSettled
    incident.clocks = snapshot.clocks.compactMap { clock in
      Clock.Kind(rawValue: clock.kind).map { Clock(kind: $0, argument: clock.argument, due: clock.dueAt) }
    }
    incident.pages = snapshot.pages.map {
      HeldPage(
        number: HeldPage.number(in: $0.pageId) ?? 0, person: $0.person, tier: $0.tier, purpose: $0.purpose,
        wanted: $0.wanted, generation: UInt8(clamping: $0.generation), settled: UInt8(clamping: $0.settled),
        failed: $0.failed, isDone: $0.done, pagedAt: $0.pagedAt, state: $0.state, channels: $0.channels,
        because: $0.because)
    }
    incident.posts = snapshot.posts.map {
      .init(id: $0.postId, channel: $0.channel, text: $0.text, postedAt: $0.postedAt)
    }
    if snapshot.news > 0 { incident.news = UInt32(clamping: snapshot.news) } else { incident.beginRecord() }
    open.note(nil, incident.runsBy)
    noteLostTier(incident.id)
    keys.note(incident.id, under: opened.key, openedAt: opened.openedAt)
    oweAgain(incident)
    put(incident)
  }

  mutating func oweAgain(_ incident: RunningIncident) {
    let newest = incident.pages.map(\.pagedAt).max() ?? .unset
    for page in incident.pages where page.isOwed {
      debtsToNotifier.owe(
        page.key(in: incident.id),
        urgency: page.wanted ? Self.urgency(incident.severity, isNewest: page.pagedAt == newest) : 0,
        since: page.wanted ? page.pagedAt : incident.changedAt)
    }
    for post in incident.posts {
      debtsToNotifier.owe(DebtKey(id: post.id, generation: 1), urgency: Self.postUrgency, since: post.postedAt)
    }
    oweRecord(of: incident, at: incident.changedAt)
    guard incident.owesClosing else { return }
    debtsToIntake.owe(
      DebtKey(id: incident.id, generation: incident.alertGeneration), urgency: 0, since: incident.ownClosedAt)
  }
}

extension Escalations: Equatable {
  /// Whether two escalators know the same and owe the same: what a replay and a checkpoint must bring about.
  public static func == (one: Escalations, other: Escalations) -> Bool {
    one.condensed() == other.condensed() && one.open == other.open
      && one.nextDeadline == other.nextDeadline && one.owedIDs == other.owedIDs
  }

  private var owedIDs: [Set<String>] {
    [debtsToNotifier, debtsToScheduler].map { Set($0.first(.max)) } + [debtsToIntake.ids]
  }
}
