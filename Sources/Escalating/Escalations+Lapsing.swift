import Machinery
import Messages

/// What happens by time alone.
extension Escalations {
  /// All due clocks of the most overdue incident, in one decision: each person is paged once however many clocks were
  /// missed while the escalator was down. What is late in business time waits for the next working hours.
  public func lapse(at now: Instant) -> [EscalationFact] {
    guard let next = due.next, next.due <= now else { return lapseReview(at: now) }
    guard next.key != Self.synthetic else { return releaseSynthetic() }
    guard let incident = incidents[next.key] else { return [] }
    var draft = Draft(incident, in: self, at: now)
    let overdue = incident.clocks.filter { $0.due <= now }.sorted(by: Clock.isSooner)
    draft.noteLateness(of: overdue)
    let opening = draft.time.open(at: now)
    if incident.isOpen, opening > now {
      draft.add(.clocksPostponed(ClocksPostponed(incidentId: incident.id, untilAt: opening)))
      return draft.decided()
    }
    for clock in overdue where draft.incident.clocks.contains(clock) {
      if clock.kind == .forget {
        draft.add(.forgotten(IncidentForgotten(incidentId: incident.id, last: describe(incident))))
      } else {
        draft.ring(clock)
      }
    }
    let isForgotten = overdue.contains { $0.kind == .forget }
    guard isForgotten else { return draft.decided() }
    return draft.decided() + keyEnds(of: incident) + (reviews[incident.id].map { leave($0, with: incident.id) } ?? [])
  }
}

extension Draft {
  /// Later than this, a step counts as skipped by an outage.
  private static let outage = Span.minutes(1)

  mutating func noteLateness(of clocks: [Clock]) {
    let late = clocks.filter { $0.due + Self.outage < now && $0.kind != .forget }
    guard !late.isEmpty else { return }
    let steps = late.map { "\($0.words(rule: rule)) was due \(TimeText.clock($0.due))" }
    add(.stepsSkipped(StepsSkipped(incidentId: incident.id, steps: steps)))
  }

  mutating func ring(_ clock: Clock) {
    switch clock.kind {
    case .acknowledgeMaximum: add(.maximumMissed(MaximumMissed(incidentId: incident.id)))
    case .acknowledgeTarget: missTarget(late: clock.due + Self.outage < now)
    case .nextTier: goOn(from: clock)
    case .restartChain:
      let round = incident.awaitsOpening ? 1 : incident.round + 1
      add(.chainRestarted(ChainRestarted(incidentId: incident.id, round: round)))
      let because = round == 1 ? "primary" : "nobody has acknowledged, round \(round)"
      beginChain(because: because)
    case .acknowledgementLapse: lapseAcknowledgement()
    case .dutyReminder: remind(of: Duty(rawValue: clock.argument) ?? .nextUpdate)
    case .duty: miss(Duty(rawValue: clock.argument) ?? .nextUpdate, due: clock.due)
    case .age: reachAge(clock.argument, due: clock.due)
    case .snoozeEnd: endSnooze()
    case .forget: break
    }
  }

  /// The breach is recorded, the primary reminded by every channel, the secondary told without duty (E2). After an outage
  /// the primary's ladder starts instead.
  private mutating func missTarget(late: Bool) {
    add(.targetMissed(TargetMissed(incidentId: incident.id)))
    let because = "not acknowledged within \(rule.acknowledgeTarget.words)"
    call(late ? .duty : .reminder, because: because)
    guard !late, rule.topTier >= 2, incident.tier == 1 else { return }
    let secondary = timelines.holders(team: incident.opened.team, tier: 2, at: now)
    for person in secondary.people { page(person, tier: 2, .headsUp, because: because) }
  }

  /// The next tier, and after an outage every tier whose turn came and went.
  private mutating func goOn(from clock: Clock) {
    let because = tellOfWhoIsOutOfReach() ?? "not acknowledged in time"
    var tier = clock.argument
    var turnEnds = time.tierDue(tier, after: clock.due)
    while tier < rule.topTier, turnEnds <= now {
      add(.movedOn(MovedOn(incidentId: incident.id, fromTier: incident.tier, toTier: tier, because: because)))
      page(tier: tier, because: because)
      tier += 1
      turnEnds = time.tierDue(tier, after: turnEnds)
    }
    moveOn(to: tier, because: because)
  }

  /// Who could not be reached outside working hours and is waited for no longer, now that they have begun; the lead hears of
  /// it now too.
  private mutating func tellOfWhoIsOutOfReach() -> String? {
    guard rule.businessTime else { return nil }
    let lost = incident.pages.filter { $0.wanted && $0.failed && ($0.purpose == .duty || $0.purpose == .reminder) }
    for page in lost {
      tellLead("\(name(page.person)) can't be reached: \(page.state)", cause: "unreachable/\(page.person)")
    }
    let others = incident.pages.contains(where: \.isCalling)
    return others ? nil : lost.last { $0.purpose == .duty }.map { "\(name($0.person)) can't be reached" }
  }

  private mutating func lapseAcknowledgement() {
    let owner = incident.owner
    add(.acknowledgementLapsed(AcknowledgementLapsed(incidentId: incident.id)))
    let because = "acknowledged by \(owner.isEmpty ? "its source" : name(owner)), and nothing followed"
    pageAgain(because: because)
  }

  /// Whoever commands it gives the updates; the work is its owner's (E7).
  private mutating func remind(of duty: Duty) {
    add(.dutyReminded(DutyReminded(incidentId: incident.id, duty: duty)))
    guard incident.state == .acknowledged else { return }
    let channels = rule.channels.isEmpty ? Self.tellChannels : rule.channels
    let because = "\(duty.words) is due soon"
    if duty != .investigate, incident.hasCommander, timelines.knows(incident.commander) {
      page(incident.commander, tier: incident.tier, .reminder, channels: channels, because: because)
    } else {
      call(.reminder, channels: channels, because: because)
    }
  }

  /// SEV-1/2 go to the next tier, others are reminded (E3). While nobody has acknowledged, the chain is on its way to the
  /// next tier already: then the breach is recorded and nothing else happens.
  private mutating func miss(_ duty: Duty, due: Instant) {
    add(.dutyMissed(DutyMissed(incidentId: incident.id, duty: duty, dueAt: due)))
    guard incident.state == .acknowledged else { return }
    let last = incident.updatedAt.isSet ? incident.updatedAt : incident.acknowledgedAt
    let because = "no \(duty.words) since \(TimeText.clock(last))"
    if rule.missedUpdateEscalates {
      moveOn(to: min(incident.tier + 1, rule.topTier), because: because)
    } else {
      call(.reminder, because: because)
    }
  }

  /// Still unresolved after a while (E4): since the alert, or since it became this bad.
  private mutating func reachAge(_ rule: UInt32, due: Instant) {
    let id = AgeRuleID(rule)
    guard let age = time.age(id) else {
      return add(.ageReached(AgeReached(incidentId: incident.id, rule: rule)))
    }
    let because = time.words(of: id, age, due: due, since: incident.opened.openedAt)
    add(
      .ageReached(
        AgeReached(
          incidentId: incident.id, rule: rule, words: "\(because); \(age.deeds)", pages: age.action == .page)))
    let channels = age.channels.isEmpty ? nil : age.channels
    switch age.action {
    case .page:
      for tier in age.tiers { page(tier: tier, .duty, channels: channels, because: because) }
    case .tell:
      for tier in age.tiers { page(tier: tier, .tell, channels: channels ?? ["slack", "email"], because: because) }
    case .nudgeOwner: call(.reminder, channels: channels, because: "\(because): escalate if you are stuck")
    case .unspecified: break
    }
    guard age.management else { return }
    for manager in timelines.managers(of: incident.opened.team) {
      page(manager, tier: 3, age.action == .page ? .duty : .tell, channels: channels, because: because)
    }
  }
}

extension AgeRule {
  /// "paged: tier 2, tier 3, management"
  fileprivate var deeds: String {
    let tiers = tiers.map { "tier \($0)" }
    let management = management ? ["management"] : []
    switch action {
    case .page: return "paged: \((tiers + management).joined(separator: ", "))"
    case .tell: return "told: \((tiers + management).joined(separator: ", "))"
    case .nudgeOwner: return "nudged: whoever has it" + (self.management ? "; told: management" : "")
    case .unspecified: return "nothing"
    }
  }
}
