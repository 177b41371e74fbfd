import Machinery
import Messages

/// How facts change what the escalator knows, and what it owes because of them.
extension Escalations {
  public mutating func apply(_ fact: EscalationFact, at instant: Instant) {
    guard let kind = fact.kind else { return }
    switch kind {
    case .opened(let opened): begin(opened, at: instant)
    case .snapshot(let snapshot): restore(snapshot)
    case .forgotten(let forgotten): forget(forgotten.incidentId, at: instant)
    case .ended(let end): ended.remember(end.incidentId, until: end.forgetAt, closedAt: end.closedAt)
    case .numbering(let numbering): numbersSkipped = numbering.skipped
    case .closingOwed(let closing): owe(closing)
    case .withdrawalOwed(let withdrawal): owe(withdrawal, at: instant)
    case .timelineReceived(let received): received.timeline.map { remember($0, at: instant) }
    case .policiesConfigured(let configured):
      policies.remember(configured)
      timelines.remember(contacts: policies.contacts, first: policies.defaultTeam, zones: zones)
    case .debtSettled(let settled): settle(settled, at: instant)
    case .member(let member): restore(member)
    case .keyEnded(let ended): keys.remember(ended, at: instant)
    case .publicNotice(let notice): notices.restore(notice)
    case .storm(let storm): storms.restore(storm)
    case .syntheticNoted(let noted): apply(noted, at: instant)
    case .review(let review): restore(review)
    case .pageAnswered(let answered): apply(answered, at: instant)
    case .pageAnswers(let kept): kept.answers.forEach { answers.remember($0) }
    case .changeSeen(let seen): seen.change.map { remember($0) }
    case .reviewOpened(let opened): open(opened, at: instant)
    case .reviewLeft(let left): reviewLeft(left.incidentId)
    case .reviewTold(let fact): change(review: fact.incidentId, kind, at: instant)
    case .reviewAttended(let fact): change(review: fact.incidentId, kind, at: instant)
    case .reviewFound(let fact): change(review: fact.incidentId, kind, at: instant)
    case .reviewActionSet(let fact): change(review: fact.incidentId, kind, at: instant)
    case .reviewTicked(let fact): change(review: fact.incidentId, kind, at: instant)
    case .reviewReassigned(let fact): change(review: fact.incidentId, kind, at: instant)
    case .reviewClosed(let fact): change(review: fact.incidentId, kind, at: instant)
    default: change(kind, at: instant)
    }
  }

  /// A team's first schedule: whoever is primary is paged now, whether nobody could be found or those who stand behind the
  /// team, or another team, were paged instead and have not answered. The first of all also answers for teams behind which nobody stands.
  private mutating func remember(_ timeline: Timeline, at instant: Instant) {
    let isFirst = timelines.isEmpty
    let isItsFirst = !timelines.hasSchedule(of: timeline.team)
    timelines.remember(timeline, zones: zones)
    guard isItsFirst else { return }
    var waiting: [RunningIncident] = []
    incidents.forEach { _, incident in
      let team = incident.opened.team
      let waitsForIt = team == timeline.team || isFirst && !timelines.hasContacts(team)
      if incident.state == .triggered, waitsForIt { waiting.append(incident) }
      return true
    }
    for var incident in waiting {
      incident.start(.restartChain, due: time(of: incident).open(at: instant))
      put(incident)
    }
  }

  private mutating func begin(_ fact: IncidentOpened, at instant: Instant) {
    guard incidents[fact.id] == nil else { return }
    var opened = fact
    texts.share(&opened)
    noteLostTier(opened.id)
    let incident = RunningIncident(opened, at: instant, time: time(of: opened))
    open.note(nil, incident.runsBy)
    oweRecord(of: incident, at: instant)
    noteStorm(incident, at: instant)
    keys.note(incident.id, under: opened.key, openedAt: opened.openedAt)
    put(incident)
  }

  private mutating func change(_ kind: EscalationFact.Kind, at instant: Instant) {
    guard let id = kind.incidentID, var incident = incidents.take(id) else { return }
    let (told, ranBy) = (incident.news, incident.runsBy)
    incident.follow(kind)
    incident.remember(kind, at: instant, time: time(of: incident))
    if incident.news != told { oweRecord(of: incident, at: instant) }
    open.note(ranBy, incident.runsBy)
    oweBecause(of: kind, in: incident, at: instant)
    publicize(kind, of: incident, at: instant)
    switch kind {
    case .merged(let merged): mergeReview(id, into: merged.into, at: instant)
    case .reopened: reviews.change(id) { $0.reopen() }
    case .firedAgain(let again):
      reviews.change(id) { $0.reopen() }
      members.join(
        again.alertId,
        Members.Member(
          incident: id, generation: again.generation, severity: again.severity, isOfStorm: true, key: again.key,
          openedAt: again.openedAt))
      keys.note(again.alertId, under: again.key, openedAt: again.openedAt)
      noteStorm(incident, at: instant)
    case .alertJoined(let joined):
      join(joined)
      if joined.by.isEmpty, !joined.twin { noteStorm(incident, at: instant) }
    case .memberSeen(let seen): see(seen)
    case .twinEnded(let ended): apply(ended, in: incident)
    default: break
    }
    if !incident.isOpen { forgetLater(&incident, at: instant) }
    put(incident)
  }

  private mutating func oweBecause(of kind: EscalationFact.Kind, in incident: RunningIncident, at instant: Instant) {
    switch kind {
    case .paged(let paged):
      owe(paged.pageId, in: incident, at: instant)
      oweWithdrawals(of: incident, at: instant)
    case .pagesWithdrawn: oweWithdrawals(of: incident, at: instant)
    case .posted(let posted):
      debtsToNotifier.owe(DebtKey(id: posted.postId, generation: 1), urgency: Self.postUrgency, since: instant)
    case .resolved(let resolved):
      if incident.owesClosing {
        debtsToIntake.owe(DebtKey(id: incident.id, generation: incident.alertGeneration), urgency: 0, since: instant)
      }
      if !resolved.bySource { oweClosings(of: incident) }
    default: break
    }
  }

  private mutating func oweWithdrawals(of incident: RunningIncident, at instant: Instant) {
    for page in incident.pages where !page.wanted && page.isOwed {
      debtsToNotifier.owe(page.key(in: incident.id), urgency: 0, since: instant)
    }
  }

  /// The newest step of an incident first: what earlier steps still owe goes behind every incident's newest.
  private mutating func owe(_ page: String, in incident: RunningIncident, at instant: Instant) {
    let newest = Self.urgency(incident.severity, isNewest: true)
    debtsToNotifier.owe(DebtKey(id: page, generation: 1), urgency: newest, since: instant)
    for earlier in incident.pages where earlier.wanted && earlier.isOwed && earlier.pagedAt < instant {
      let key = earlier.key(in: incident.id)
      debtsToNotifier.settle(key.id)
      debtsToNotifier.owe(
        key, urgency: Self.urgency(incident.severity, isNewest: false), since: earlier.pagedAt)
    }
  }

  private mutating func settle(_ settled: DebtSettled, at instant: Instant) {
    stragglers.settle(settled.debtId)
    guard !settleMember(settled.debtId, at: instant), !settleReviewPost(settled.debtId) else { return }
    let id = Self.incidentID(ofDebt: settled.debtId)
    guard var incident = incidents.take(id) else {
      debtsToNotifier.settle(settled.debtId)
      debtsToIntake.settle(settled.debtId)
      debtsToScheduler.settle(settled.debtId)
      return
    }
    if settled.debtId == id {
      incident.owesClosing = false
      debtsToIntake.settle(id)
    } else if RunningIncident.isRecord(settled.debtId) {
      if incident.settleRecord(settled.debtId, settled.generation) { debtsToScheduler.settle(settled.debtId) }
    } else if let index = incident.index(ofPage: settled.debtId) {
      incident.pages[index].settle(settled.generation)
      if settled.status != 0 {
        incident.pages[index].failed = true
        incident.pages[index].state = "refused: \(settled.message)"
      }
      if !incident.pages[index].isOwed { debtsToNotifier.settle(settled.debtId) }
    } else {
      incident.posts.removeAll { $0.id == settled.debtId }
      debtsToNotifier.settle(settled.debtId)
    }
    if !incident.isOpen { forgetLater(&incident, at: instant) }
    put(incident)
  }

  /// A closed incident that owes nothing more is left to history after a while.
  func forgetLater(_ incident: inout RunningIncident, at instant: Instant) {
    guard isSettled(incident) else { return incident.stop(.forget) }
    guard !incident.clocks.contains(where: { $0.kind == .forget }) else { return }
    incident.start(.forget, due: instant + Self.keepsClosed)
  }

  private mutating func forget(_ id: String, at instant: Instant) {
    ended.forget(before: instant)
    let closedAt = incidents[id]?.resolvedAt ?? .unset
    if let key = incidents[id]?.opened.key { keys.forget(id, under: key) }
    for alert in members.alerts(of: id) { members[alert].map { keys.forget(alert, under: $0.key) } }
    // A part's alert goes on, as one of those of the whole.
    let alerts = members.forget(id) + (members[id] == nil ? [id] : [])
    for alert in alerts {
      ended.remember(alert, until: instant + EndedIncidents.remembers, closedAt: closedAt)
    }
    for page in incidents[id]?.pages ?? [] { debtsToNotifier.settle(page.id(in: id)) }
    debtsToScheduler.settle(RunningIncident.newsID(id))
    for work in incidents[id]?.record.works ?? [] { debtsToScheduler.settle(HeldWork.id(of: work.person, in: id)) }
    incidents.remove(id)
    due.set(id, to: nil)
  }

  /// Debt ids begin with their incident's: "2f-1k/ana/1", "2f-1k#3", "2f-1k", "2f-1k:", "2f-1k:ana".
  static func incidentID(ofDebt id: String) -> String {
    id.firstIndex { $0 == "/" || $0 == "#" || $0 == ":" }.map { String(id[..<$0]) } ?? id
  }
}

extension EscalationFact.Kind {
  /// Which incident a fact is about; nil for facts about all of them.
  public var incidentID: String? {
    switch self {
    case .opened(let fact): fact.id
    case .paged(let fact): fact.incidentId
    case .targetMissed(let fact): fact.incidentId
    case .maximumMissed(let fact): fact.incidentId
    case .movedOn(let fact): fact.incidentId
    case .nobodyFound(let fact): fact.incidentId
    case .chainEnded(let fact): fact.incidentId
    case .chainRestarted(let fact): fact.incidentId
    case .acknowledged(let fact): fact.incidentId
    case .acknowledgementLapsed(let fact): fact.incidentId
    case .resolved(let fact): fact.incidentId
    case .updated(let fact): fact.incidentId
    case .escalatedByHand(let fact): fact.incidentId
    case .reassigned(let fact): fact.incidentId
    case .posted(let fact): fact.incidentId
    case .dutyReminded(let fact): fact.incidentId
    case .dutyMissed(let fact): fact.incidentId
    case .ageReached(let fact): fact.incidentId
    case .stepsSkipped(let fact): fact.incidentId
    case .alertSeen(let fact): fact.incidentId
    case .debtSettled(let fact): Escalations.incidentID(ofDebt: fact.debtId)
    case .receiptNoted(let fact): fact.receipt?.incidentId
    case .forgotten(let fact): fact.incidentId
    case .snapshot(let fact): fact.opened?.id
    case .pagesWithdrawn(let fact): fact.incidentId
    case .severityChanged(let fact): fact.incidentId
    case .clocksPostponed(let fact): fact.incidentId
    case .ended(let fact): fact.incidentId
    case .teamMoved(let fact): fact.incidentId
    case .closingOwed(let fact): fact.incidentId
    case .withdrawalOwed(let fact): fact.incidentId
    case .nextTierHeld(let fact): fact.incidentId
    case .flagsRaised(let fact): fact.incidentId
    case .respondersAdded(let fact): fact.incidentId
    case .commandDelegated(let fact): fact.incidentId
    case .snoozed(let fact): fact.incidentId
    case .snoozeEnded(let fact): fact.incidentId
    case .merged(let fact): fact.incidentId
    case .reopened(let fact): fact.incidentId
    case .silenceNoted(let fact): fact.incidentId
    case .firedAgain(let fact): fact.incidentId
    case .firedBefore(let fact): fact.incidentId
    case .alertJoined(let fact): fact.incidentId
    case .memberSeen(let fact): fact.incidentId
    case .member(let fact): fact.incidentId
    case .twinEnded(let fact): fact.incidentId
    case .reviewOpened(let fact): fact.incidentId
    case .reviewTold(let fact): fact.incidentId
    case .reviewAttended(let fact): fact.incidentId
    case .reviewFound(let fact): fact.incidentId
    case .reviewActionSet(let fact): fact.incidentId
    case .reviewTicked(let fact): fact.incidentId
    case .reviewReassigned(let fact): fact.incidentId
    case .reviewClosed(let fact): fact.incidentId
    case .reviewLeft(let fact): fact.incidentId
    case .review(let fact): fact.incidentId
    case .pageAnswered(let fact): fact.incidentId
    case .timelineReceived, .policiesConfigured, .numbering, .storm, .changeSeen, .syntheticNoted, .pageAnswers,
      .keyEnded, .publicNotice:
      nil
    }
  }
}
