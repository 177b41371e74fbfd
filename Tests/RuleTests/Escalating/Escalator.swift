import CivilTime
import Escalating
import Machinery
import Messages

/// An escalator with a clock to turn and a notifier that takes every page at once: whom it asks for what is kept line by
/// line.
struct Escalator {
  /// Wednesday 2026-11-25 10:00 UTC: within working hours.
  static let start = Instant(rfc3339: "2026-11-25T10:00:00Z") ?? .unset

  var rules: Escalations
  var now: Instant
  /// Whether the notifier takes what it is owed.
  var isNotifierUp = true
  var isSecondIntakeUp = true
  /// "11-25 10:00:00 duty ana"
  private(set) var said: [String] = []
  private(set) var posts: [String] = []
  /// What the other tiers took, in order.
  private(set) var paid: [EscalationDebt] = []
  private(set) var facts: [(fact: EscalationFact, at: Instant)] = []

  init(
    at start: Instant = Escalator.start, timelines: [Timeline] = [.platform()],
    policies: [Policy] = [.shipped], zones: TimeZones = SystemZones.all, intakes: UInt32 = 1
  ) {
    rules = Escalations(zones: zones, intakes: intakes)
    now = start
    for timeline in timelines { receive(timeline) }
    if !policies.isEmpty { _ = try? configure(policies) }
  }

  // MARK: What happens

  mutating func receive(_ timeline: Timeline) {
    remember((try? rules.decide(.timeline(timeline), at: now).facts) ?? [])
    turn()
  }

  @discardableResult
  mutating func configure(
    _ policies: [Policy], contacts: [Timeline] = [], dryRun: Bool = false
  ) throws(Refusal) -> ConfigureReply {
    let wanted = EscalationConfiguration(policies: policies, dryRun: dryRun, contacts: contacts)
    let decision = try rules.decide(.configure(wanted), at: now)
    remember(decision.facts)
    guard case .configured(let reply) = decision.answer else { return ConfigureReply() }
    return reply
  }

  /// - Parameters:
  ///   - age: how long ago intake took it in.
  ///   - key: the source's dedup key, by which the same alert of another intake is known.
  ///   - said: how long ago its source said what its state is.
  mutating func alert(
    _ severity: Severity, _ id: String = "2f-1", generation: UInt64 = 1, state: AlertState = .open,
    team: String = "platform", policy: String = "platform", routedBy: String = "", age: Span = .zero,
    former: String = "", service: String = "redis", key: String = "", said: Span = .zero, elsewhere: Bool = false,
    lapsed: Bool = false
  ) {
    let alert = Alert(
      id: id, generation: generation, state: state, source: "alertmanager", dedupKey: key, severity: severity,
      summary: "down", service: service, team: team, policy: policy, openedAt: now - max(age, elsewhere ? said : .zero),
      changedAt: now - said, count: generation, routedBy: routedBy, handedOverAt: now, formerId: former,
      elsewhere: elsewhere, lapsed: lapsed)
    remember((try? rules.decide(.alert(alert), at: now).facts) ?? [])
    turn()
  }

  @discardableResult
  mutating func ask(_ input: EscalationInput) throws(Refusal) -> String {
    let decision = try rules.decide(input, at: now)
    remember(decision.facts)
    turn()
    switch decision.answer {
    case .incident(let reply): return reply.explanation
    case .review(let reply): return reply.explanation
    case .answered(let reply): return (reply.refused ? "refused: " : "") + reply.words
    default: return ""
    }
  }

  @discardableResult
  mutating func acknowledge(by person: String, _ id: String = "2f-1") throws(Refusal) -> String {
    try ask(.acknowledge(AcknowledgeRequest(incidentId: id, by: person)))
  }

  mutating func update(by person: String, _ status: UpdateStatus = .investigating) throws(Refusal) {
    try ask(.update(UpdateRequest(incidentId: "2f-1", by: person, status: status)))
  }

  @discardableResult
  mutating func escalate(by person: String, to tier: UInt32) throws(Refusal) -> String {
    try ask(.escalate(EscalateRequest(incidentId: "2f-1", by: person, tier: tier, reason: "help")))
  }

  @discardableResult
  mutating func resolve(by person: String, _ id: String = "2f-1") throws(Refusal) -> String {
    try ask(.resolve(ResolveRequest(incidentId: id, by: person)))
  }

  /// Every page of a person that is wanted can't be delivered.
  mutating func cannotReach(_ person: String) throws(Refusal) {
    for page in incident().pages where page.person == person && page.wanted {
      try ask(
        .receipt(
          PageReceipt(
            pageId: page.pageId, incidentId: "2f-1", generation: 9, channel: "voice", outcome: "failed",
            words: "out of order", happenedAt: now, person: person)))
    }
  }

  /// Turn the clock, stopping wherever something is due.
  mutating func wait(_ span: Span) {
    let end = now + span
    while let due = rules.nextDeadline, due <= end {
      now = max(now, due)
      turn()
    }
    now = end
  }

  mutating func wait(until text: String) {
    wait((Instant(rfc3339: text) ?? now) - now)
  }

  /// Time passes while no process runs.
  mutating func outage(_ span: Span) {
    now = now + span
    turn()
  }

  mutating func stepClock(by span: Span) {
    now = now + span
    rules.clockStepped(by: span)
    turn()
  }

  /// This tier's disk has lost rows, and an operator lets it go on.
  mutating func goOnAfterLoss() {
    rules.restarted(at: now)
    rules.skipNumbers(over: .zero)
    turn()
  }

  /// Another tier's has, and an operator says that everything open is to be handed over again.
  mutating func handOverAgain(to peer: Peer) {
    rules.peerLost(peer, at: now)
    turn()
  }

  /// The notifier tells how a page fares that it would go on with.
  mutating func goesOn(_ page: String, of person: String, _ incident: String = "2f-1") throws(Refusal) {
    try ask(
      .receipt(
        PageReceipt(
          pageId: page, incidentId: incident, generation: 1, channel: "push", outcome: "handed over", happenedAt: now,
          person: person, wanted: true, purpose: .duty)))
  }

  mutating func notifierReturns() {
    isNotifierUp = true
    turn()
  }

  /// What a checkpoint brings back.
  var restored: Escalations {
    var restored = Escalations(zones: SystemZones.all)
    for fact in rules.condensed() { restored.apply(fact, at: now) }
    return restored
  }

  // MARK: What can be seen

  func incident(_ id: String = "2f-1") -> Incident { rules.incident(id) ?? Incident() }

  /// What was said since the last look.
  mutating func news() -> [String] {
    defer { said = [] }
    return said
  }

  /// Which alerts intakes were told are over, and when.
  var closings: [String: Instant] {
    paid.reduce(into: [:]) { all, debt in
      if case .closing(let closing) = debt { all[closing.alertId] = closing.closedAt }
    }
  }

  func lines(_ kind: String) -> [String] {
    facts.enumerated().compactMap { index, made in
      TimelineText.line(of: made.fact, at: made.at, sequence: UInt64(index)).flatMap {
        $0.kind == kind ? $0.text : nil
      }
    }
  }

  static func clock(_ instant: Instant) -> String {
    let text = String(instant.rfc3339.dropFirst(5).prefix(14))
    return text.prefix(5) + " " + text.suffix(8)
  }

  // MARK: -

  private mutating func remember(_ made: [EscalationFact]) {
    for fact in made {
      rules.apply(fact, at: now)
      facts.append((fact, now))
      switch fact.kind {
      case .paged(let paged): said.append("\(Self.clock(now)) \(paged.purpose) \(paged.person)")
      case .posted(let posted): posts.append("\(posted.channel): \(posted.text)")
      default: break
      }
    }
  }

  private mutating func turn() {
    var rounds = 0
    while let due = rules.nextDeadline, due <= now {
      rounds += 1
      precondition(rounds < 1_000, "time stands still at \(now.rfc3339)")
      let made = rules.lapse(at: now)
      precondition(!made.isEmpty, "something is due at \(due.rfc3339) and nothing came of it")
      remember(made)
    }
    guard isNotifierUp else { return }
    for peer in [Peer.notifier, .intake, .furtherIntake(2), .scheduler] {
      if peer == .furtherIntake(2), !isSecondIntakeUp { continue }
      for debt in rules.owed(to: peer, limit: 1_000) {
        paid.append(debt)
        remember(rules.settle(Settlement(peer: peer, key: debt.key, status: .ok), at: now))
      }
    }
  }
}

extension Timeline {
  /// Ana, Ben and Tess on tiers 1 to 3, Vera on tier 4, Lee leads, Mia manages; a tier without a person is not covered.
  static func platform(
    _ team: String = "platform", generation: UInt64 = 1, holders: [UInt32: String] = [1: "ana", 2: "ben", 3: "tess"],
    shadows: [Shadow] = [], lead: String = "lee", executives: [String] = ["vera"],
    until: Instant = Escalator.start + .days(60),
    calendar: Calendar = Calendar(timeZone: "UTC")
  ) -> Timeline {
    let from = Escalator.start - .days(30)
    let people = ["ana", "ben", "cai", "tess", "lee", "mia", "vera"]
    return Timeline(
      team: team, generation: generation, publishedAt: from, fromAt: from, untilAt: until,
      shifts: (1...3).map { tier in
        Shift(
          tier: tier, person: holders[tier] ?? "", fromAt: from, untilAt: until, because: .rotation,
          explanation: "rotation \(tier)")
      }, executives: executives, managers: ["mia"], lead: lead,
      people: people.map { Person(id: $0, name: $0) }, calendar: calendar,
      cycles: (1...3).map { Cycle(tier: $0, every: .days(7)) }, shadows: shadows)
  }
}

extension Timeline {
  /// Who is configured to stand behind the team: Lee leads, Mia manages, Vera on tier 4.
  static let behindPlatform = Timeline(
    team: "platform", executives: ["vera"], managers: ["mia"], lead: "lee",
    people: ["lee", "mia", "vera"].map { Person(id: $0, name: $0) }, calendar: Calendar(timeZone: "UTC"))
}

extension Policy {
  /// The numbers of compose/config/policy.yaml.
  static let shipped = Policy(
    name: "platform",
    severities: [
      SeverityRule(
        severity: .sev1, acknowledgeTarget: .minutes(5), acknowledgeMaximum: .minutes(10), secondaryAfter: .minutes(15),
        tierAcknowledge: .minutes(5), topTier: 4, restartAfter: .minutes(5), acknowledgementLapses: .minutes(30),
        investigate: .minutes(10), firstUpdate: .minutes(15), nextUpdates: .minutes(30), remindBefore: .minutes(5),
        missedUpdateEscalates: true, updateChannels: ["#incidents", "status-page"],
        ages: [
          AgeRule(after: .hours(1), action: .page, tiers: [2, 3], management: true),
          AgeRule(after: .hours(4), action: .page, tiers: [4]),
        ], tier3WithTier2: true),
      SeverityRule(
        severity: .sev2, acknowledgeTarget: .minutes(10), acknowledgeMaximum: .minutes(20),
        secondaryAfter: .minutes(15), tierAcknowledge: .minutes(10), topTier: 3, restartAfter: .minutes(15),
        acknowledgementLapses: .minutes(30), investigate: .minutes(10), firstUpdate: .minutes(30),
        nextUpdates: .minutes(30), remindBefore: .minutes(5), missedUpdateEscalates: true,
        updateChannels: ["#incidents"],
        ages: [
          AgeRule(after: .hours(1), action: .tell, tiers: [3]),
          AgeRule(after: .hours(2), action: .page, tiers: [2, 3]),
          AgeRule(after: .hours(4), action: .page, tiers: [4], channels: ["push", "email"]),
        ]),
      SeverityRule(
        severity: .sev3, acknowledgeTarget: .minutes(30), acknowledgeMaximum: .hours(1), tierAcknowledge: .hours(1),
        topTier: 3, restartAfter: .hours(1), acknowledgementLapses: .hours(4), investigate: .minutes(10),
        investigateAfterAcknowledgement: true, firstUpdate: .hours(1), remindBefore: .minutes(5),
        channels: ["push", "slack"], updateChannels: ["ticket"],
        ages: [
          AgeRule(after: .hours(1), action: .nudgeOwner), AgeRule(after: .hours(4), action: .page, tiers: [3]),
        ]),
      SeverityRule(
        severity: .sev4, businessTime: true, acknowledgeTarget: .hours(2), maximumIsNextBusinessDay: true,
        tierAcknowledge: .hours(2), topTier: 2, restartAfter: .hours(8), investigate: .minutes(10),
        investigateAfterAcknowledgement: true, firstUpdate: .hours(4), remindBefore: .minutes(5),
        channels: ["email", "slack"], updateChannels: ["ticket"],
        ages: [AgeRule(after: .hours(1), action: .nudgeOwner)]),
    ], flags: flags)

  private static let flags =
    [
      2: ["domain-expertise", "complexity", "multiple-responders"],
      3: ["cross-team", "management-decision", "customer-communication"],
      4: [
        "major-customer-impact", "media", "legal", "executive-inquiry", "company-wide", "security-breach", "regulatory",
      ],
    ].sorted { $0.key < $1.key }.flatMap { tier, flags in flags.map { FlagRule(flag: $0, tier: UInt32(tier)) } }

  /// With one severity's rule changed.
  func changing(_ severity: Severity, _ change: (inout SeverityRule) -> Void) -> Policy {
    var policy = self
    for index in policy.severities.indices where policy.severities[index].severity == severity {
      change(&policy.severities[index])
    }
    return policy
  }
}
