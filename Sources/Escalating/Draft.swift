import CivilTime
import Machinery
import Messages

/// The facts of one decision about one incident, as they come together: each is tried on a copy of the incident at once,
/// so that the next one builds on it.
struct Draft {
  private(set) var incident: RunningIncident
  private(set) var facts: [EscalationFact] = []
  let now: Instant
  let timelines: ReceivedTimelines
  private let policies: PolicyBook
  private let zones: TimeZones
  /// Who was paged in this decision, and for what: nobody is paged twice in one, but whoever was only told something and
  /// then turns out to be the next on duty is.
  private var pagedNow: [String: PagePurpose] = [:]
  private var toldLead = false

  init(_ incident: RunningIncident, in escalations: Escalations, at now: Instant) {
    self.incident = incident
    self.now = now
    timelines = escalations.timelines
    policies = escalations.policies
    zones = escalations.zones
  }

  var rule: SeverityRule {
    policies.rule(incident.opened.policy, incident.opened.policyVersion, incident.severity)
  }

  var time: Timekeeping {
    Timekeeping(rule: rule, calendar: timelines.calendar(of: incident.opened.team), zones: zones)
  }

  mutating func add(_ kind: EscalationFact.Kind) {
    facts.append(EscalationFact(kind: kind))
    if case .severityChanged(let change) = kind { incident.severity = change.severity }
    incident.remember(kind, at: now, time: time)
  }

  /// Put the fact that the incident is made of in front.
  mutating func begin(with kind: EscalationFact.Kind) {
    facts.insert(EscalationFact(kind: kind), at: 0)
  }

  /// The fact that follows will say so; what is decided now must know it already.
  mutating func markUnreachable(_ page: String) {
    guard let index = incident.pages.firstIndex(where: { $0.id == page }) else { return }
    incident.pages[index].failed = true
  }

  // MARK: Paging

  /// Page one person for a reason, unless this decision has paged them already for one as good.
  mutating func page(
    _ person: String, tier: UInt32, _ purpose: PagePurpose, channels: [String]? = nil, because: String
  ) {
    if let before = pagedNow[person], before == .duty || purpose != .duty { return }
    pagedNow[person] = purpose
    if purpose == .duty { withdrawEarlierPages(of: person) }
    add(
      .paged(
        Paged(
          incidentId: incident.id, pageId: "\(incident.id)/\(person)/\(incident.pagesMade + 1)", person: person,
          tier: tier, purpose: purpose, channels: channels ?? rule.channels, because: because)))
  }

  /// Page whoever holds a tier now. Returns whether anybody was found; if not, that is a fact and the team lead hears of it.
  @discardableResult
  mutating func page(
    tier: UInt32, _ purpose: PagePurpose = .duty, channels: [String]? = nil, because: String
  ) -> Bool {
    let holders = timelines.holders(team: incident.opened.team, tier: tier, at: now)
    guard !holders.people.isEmpty else {
      add(.nobodyFound(NobodyFound(incidentId: incident.id, tier: tier, because: holders.because)))
      tellLead("nobody could be paged on tier \(tier): \(holders.because)")
      return false
    }
    for person in holders.people {
      page(person, tier: tier, purpose, channels: channels, because: "\(because) (\(holders.because))")
    }
    return true
  }

  /// Go on to a tier, past those where nobody is found; past the top the chain ends until it starts again.
  mutating func moveOn(to wanted: UInt32, because: String) {
    var tier = wanted
    var reason = because
    while tier <= rule.topTier {
      add(.movedOn(MovedOn(incidentId: incident.id, fromTier: incident.tier, toTier: tier, because: reason)))
      if page(tier: tier, because: reason) { return engageTier3(with: tier) }
      reason = "nobody found on tier \(tier)"
      tier += 1
    }
    let isAnybodyPaged = incident.pages.contains { $0.wanted && $0.purpose == .duty && !$0.failed }
    add(.chainEnded(ChainEnded(incidentId: incident.id, nobodyFound: !isAnybodyPaged)))
  }

  /// SEV-1 reaches tier 3 as soon as tier 2 is engaged (E4).
  private mutating func engageTier3(with tier: UInt32) {
    guard tier == 2, rule.tier3WithTier2, rule.topTier >= 3 else { return }
    let reason = "tier 2 is engaged"
    add(.movedOn(MovedOn(incidentId: incident.id, fromTier: 2, toTier: 3, because: reason)))
    page(tier: 3, because: reason)
  }

  /// The team lead hears once in a decision that something about paging went wrong (E9).
  mutating func tellLead(_ what: String) {
    guard !toldLead, let lead = timelines.lead(of: incident.opened.team) else { return }
    toldLead = true
    page(lead, tier: 3, .tell, channels: ["push", "slack"], because: what)
  }

  /// An answer is known: whoever is still being paged need not be.
  mutating func withdrawPages(because: String) {
    guard incident.pages.contains(where: \.wanted) else { return }
    add(.pagesWithdrawn(PagesWithdrawn(incidentId: incident.id, because: because)))
  }

  mutating func post(_ text: String, to channels: [String]) {
    for channel in channels {
      add(
        .posted(
          Posted(
            incidentId: incident.id, postId: "\(incident.id)#\(incident.postsMade + 1)", channel: channel, text: text)))
    }
  }

  func name(_ person: String) -> String { timelines.name(of: person, in: incident.opened.team) }

  /// A new page of a person replaces the ones before, so that a phone doesn't ring twice for one thing.
  private mutating func withdrawEarlierPages(of person: String) {
    guard incident.pages.contains(where: { $0.person == person && $0.wanted }) else { return }
    add(.pagesWithdrawn(PagesWithdrawn(incidentId: incident.id, because: "paged anew", person: person)))
  }
}
