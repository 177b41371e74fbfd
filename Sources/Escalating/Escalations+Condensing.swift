import Machinery
import Messages

/// A checkpoint: the policies, the timelines, and one snapshot an incident.
extension Escalations {
  public func condensed() -> [EscalationFact] {
    var facts = [EscalationFact(kind: .policiesConfigured(PoliciesConfigured(policies: policies.all)))]
    facts += timelines.all.map { EscalationFact(kind: .timelineReceived(TimelineReceived(timeline: $0))) }
    order.forEach(after: "") { id in
      if let incident = incidents[id] { facts.append(EscalationFact(kind: .snapshot(snapshot(of: incident)))) }
      return true
    }
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
          pageId: $0.id, person: $0.person, tier: $0.tier, purpose: $0.purpose, wanted: $0.wanted,
          generation: $0.generation, settled: $0.settled, pagedAt: $0.pagedAt, state: $0.state, channels: $0.channels,
          because: $0.because, failed: $0.failed)
      },
      posts: incident.posts.map {
        PostSnapshot(postId: $0.id, channel: $0.channel, text: $0.text, postedAt: $0.postedAt)
      },
      alertGenerationSeen: incident.alertGeneration, pagesMade: incident.pagesMade, postsMade: incident.postsMade,
      closingGeneration: incident.owesClosing ? 1 : 0, closingSettled: 0, changedAt: incident.changedAt)
  }

  mutating func restore(_ snapshot: IncidentSnapshot) {
    guard let opened = snapshot.opened else { return }
    let rule = policies.rule(opened.policy, opened.policyVersion, opened.severity)
    let time = Timekeeping(rule: rule, calendar: timelines.calendar(of: opened.team), zones: zones)
    var incident = RunningIncident(opened, at: snapshot.changedAt, time: time)
    incident.state = snapshot.state
    incident.tier = snapshot.tier
    incident.round = snapshot.round
    incident.acknowledgedAt = snapshot.acknowledgedAt
    incident.resolvedAt = snapshot.resolvedAt
    incident.commander = snapshot.commander
    incident.owner = snapshot.owner
    incident.status = snapshot.status
    incident.alertGeneration = snapshot.alertGenerationSeen
    incident.pagesMade = snapshot.pagesMade
    incident.postsMade = snapshot.postsMade
    incident.owesClosing = snapshot.closingGeneration > snapshot.closingSettled
    incident.clocks = snapshot.clocks.compactMap { clock in
      Clock.Kind(rawValue: clock.kind).map { Clock(kind: $0, argument: clock.argument, due: clock.dueAt) }
    }
    incident.pages = snapshot.pages.map {
      .init(
        id: $0.pageId, person: $0.person, tier: $0.tier, purpose: $0.purpose, wanted: $0.wanted,
        generation: $0.generation, settled: $0.settled, pagedAt: $0.pagedAt, state: $0.state, failed: $0.failed,
        channels: $0.channels, because: $0.because)
    }
    incident.posts = snapshot.posts.map {
      .init(id: $0.postId, channel: $0.channel, text: $0.text, postedAt: $0.postedAt)
    }
    if incident.isOpen { openIncidents += 1 }
    order.append(incident.id)
    oweAgain(incident)
    put(incident)
  }

  private mutating func oweAgain(_ incident: RunningIncident) {
    for page in incident.pages where page.isOwed {
      debtsToNotifier.owe(
        DebtKey(id: page.id, generation: page.generation), urgency: page.wanted ? Int(incident.severity.rawValue) : 0,
        since: page.wanted ? page.pagedAt : incident.changedAt)
    }
    for post in incident.posts {
      debtsToNotifier.owe(DebtKey(id: post.id, generation: 1), urgency: 5, since: post.postedAt)
    }
    guard incident.owesClosing else { return }
    debtsToIntake.owe(
      DebtKey(id: incident.id, generation: incident.alertGeneration), urgency: 0, since: incident.resolvedAt)
  }
}
