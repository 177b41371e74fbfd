import Messages

/// Every policy in every version that an open incident may have been opened with.
struct PolicyBook: Hashable, Sendable {
  private var versions: [String: [Policy]] = [:]
  /// Configured no more: what is open goes on by them, and nothing else begins by them that doesn't name them.
  private var retired: Set<String> = []
  /// Who is paged for the cluster itself, and by which policy.
  private(set) var defaultTeam = ""
  private(set) var defaultPolicy = ""
  /// Who is paged until a schedule comes (E9): of each team its lead, managers, tier 4 and calendar.
  private(set) var contacts: [Timeline] = []

  /// The newest of each that is configured, by name.
  var current: [Policy] {
    versions.values.compactMap(\.last).filter { !retired.contains($0.name) }.sorted { $0.name < $1.name }
  }
  var configured: PoliciesConfigured {
    PoliciesConfigured(
      policies: all, defaultTeam: defaultTeam, defaultPolicy: defaultPolicy, retired: retired.sorted(),
      contacts: contacts)
  }
  private var all: [Policy] { versions.values.flatMap { $0 }.sorted { ($0.name, $0.version) < ($1.name, $1.version) } }

  mutating func remember(_ configured: PoliciesConfigured) {
    for policy in configured.policies {
      remember(policy)
      retired.remove(policy.name)
    }
    retired.formUnion(configured.retired)
    if !configured.defaultTeam.isEmpty { defaultTeam = configured.defaultTeam }
    if !configured.defaultPolicy.isEmpty { defaultPolicy = configured.defaultPolicy }
    if !configured.contacts.isEmpty { contacts = configured.contacts }
  }

  private mutating func remember(_ policy: Policy) {
    guard !versions[policy.name, default: []].contains(where: { $0.version == policy.version }) else { return }
    versions[policy.name, default: []].append(policy)
  }

  /// The version that a new incident gets. An alert may name a policy that nobody configured: it must still page, so it gets
  /// any policy there is (in order of name) and, before there is one, the emergency rule.
  func newest(_ name: String) -> (name: String, version: UInt64) {
    guard let policy = versions[name]?.last ?? current.first else { return ("", 0) }
    return (policy.name, policy.version)
  }

  /// The newest version of a policy, where it isn't this one; 0 where it is.
  func newer(than version: UInt64, of name: String) -> UInt64 {
    guard let newest = versions[name]?.last?.version, newest > version else { return 0 }
    return newest
  }

  func rule(_ policy: String, _ version: UInt64, _ severity: Severity) -> SeverityRule {
    self.policy(policy, version)?.severities.first { $0.severity == severity } ?? Self.emergency(severity)
  }

  func flags(of incident: RunningIncident) -> [FlagRule] {
    policy(incident.opened.policy, incident.opened.policyVersion)?.flags ?? []
  }

  /// A policy that nobody configured groups as the one does that stands in for it.
  func grouping(of name: String) -> Grouping? { (versions[name]?.last ?? current.first)?.grouping }

  private func policy(_ name: String, _ version: UInt64) -> Policy? {
    versions[name]?.last { $0.version == version } ?? versions[name]?.last
  }

  func rule(of incident: RunningIncident) -> SeverityRule {
    rule(incident.opened.policy, incident.opened.policyVersion, incident.severity)
  }

  /// Of all severities, by the policy that it was opened with.
  func rules(of incident: RunningIncident) -> [SeverityRule] {
    policy(incident.opened.policy, incident.opened.policyVersion)?.severities ?? []
  }

  /// Where an incident can be seen (E6); empty when its policy doesn't say.
  func link(to incident: RunningIncident) -> String {
    let template = policy(incident.opened.policy, incident.opened.policyVersion)?.incidentUrl ?? ""
    return IncidentLink.to(incident.id, by: template)
  }

  /// Used until a policy is configured: page, go on every five minutes, start again.
  static func emergency(_ severity: Severity) -> SeverityRule {
    SeverityRule(
      severity: severity, acknowledgeTarget: .minutes(5), acknowledgeMaximum: .minutes(10),
      tierAcknowledge: .minutes(5),
      topTier: 4, restartAfter: .minutes(5), updateChannels: ["#incidents"])
  }

  static func check(contacts: [Timeline]) throws(Refusal) {
    var teams = Set<String>()
    for (index, one) in contacts.enumerated() {
      guard !one.team.isEmpty, teams.insert(one.team).inserted else {
        throw .invalid("contacts[\(index)].team", "must not be empty, and each stands once")
      }
      guard one.shifts.isEmpty, one.cycles.isEmpty, one.shadows.isEmpty else {
        throw .invalid("contacts[\(index)]", "must have no shifts, cycles or shadows: the scheduler says those")
      }
    }
  }

  /// Refuses what can't be run, naming the field.
  static func check(_ policies: [Policy]) throws(Refusal) {
    var names = Set<String>()
    for (index, policy) in policies.enumerated() {
      let field = "policies[\(index)]"
      guard !policy.name.isEmpty else { throw .invalid("\(field).name", "must not be empty") }
      guard names.insert(policy.name).inserted else {
        throw .invalid("\(field).name", "\"\(policy.name)\" occurs twice")
      }
      for severity in Severity.allCases where severity != .unspecified {
        guard policy.severities.filter({ $0.severity == severity }).count == 1 else {
          throw .invalid("\(field).severities", "needs exactly one rule for \(severity.words)")
        }
      }
      var flags = Set<String>()
      for (index, rule) in policy.flags.enumerated() {
        guard !rule.flag.isEmpty, flags.insert(rule.flag).inserted else {
          throw .invalid("\(field).flags[\(index)].flag", "must not be empty, and each stands once")
        }
        guard (2...4).contains(rule.tier) else { throw .invalid("\(field).flags[\(index)].tier", "must be 2 to 4") }
      }
      guard policy.incidentUrl.isEmpty || IncidentLink.isTemplate(policy.incidentUrl) else {
        throw .invalid("\(field).incident_url", "must be \(IncidentLink.rule)")
      }
      if let grouping = policy.grouping { try check(grouping, "\(field).grouping") }
      for rule in policy.severities { try check(rule, "\(field).severities(\(rule.severity.words))") }
    }
  }

  private static func check(_ rule: Grouping, _ field: String) throws(Refusal) {
    guard (1...UInt32(Storms.alertsAtMost)).contains(rule.after) else {
      throw .invalid("\(field).after", "must be 1 to \(Storms.alertsAtMost)")
    }
    guard rule.within > .zero, rule.within <= Storms.longest else {
      throw .invalid("\(field).within_ms", "must be more than 0 and at most an hour")
    }
    guard rule.joinsFor > .zero, rule.joinsFor <= .days(1) else {
      throw .invalid("\(field).joins_for_ms", "must be more than 0 and at most a day")
    }
  }

  /// The longest span that a policy may name: instants must stay far from the end of time.
  static let longest = Span.days(366)

  private static func check(_ rule: SeverityRule, _ field: String) throws(Refusal) {
    for (name, span) in rule.spans where span < .zero || span > longest {
      throw .invalid("\(field).\(name)", "must be from 0 to 366 days")
    }
    for (name, needs) in [
      ("maximum_is_next_business_day", rule.maximumIsNextBusinessDay),
      ("restart_next_business_day", rule.restartNextBusinessDay),
    ] where needs && !rule.businessTime {
      throw .invalid("\(field).\(name)", "needs business_time: only those clocks know a next business day")
    }
    guard rule.acknowledgeTarget > .zero else {
      throw .invalid("\(field).acknowledge_target_ms", "must be longer than 0")
    }
    guard rule.maximumIsNextBusinessDay || rule.acknowledgeMaximum >= rule.acknowledgeTarget else {
      throw .invalid("\(field).acknowledge_maximum_ms", "must not be shorter than the target")
    }
    guard rule.reopenWithin <= Escalations.keepsClosed else {
      throw .invalid("\(field).reopen_within_ms", "must be at most an hour: what is older is history")
    }
    guard (1...4).contains(rule.topTier) else { throw .invalid("\(field).top_tier", "must be 1 to 4") }
    guard rule.topTier == 1 || rule.tierAcknowledge > .zero || rule.topTier == 2 else {
      throw .invalid("\(field).tier_acknowledge_ms", "must be longer than 0 when there are further tiers")
    }
    guard rule.restartNextBusinessDay || rule.restartAfter >= .seconds(1) else {
      throw .invalid(
        "\(field).restart_after_ms", "must be at least a second: the chain goes on until somebody acknowledges")
    }
    var tiers = Set<UInt32>()
    for (index, tier) in rule.tiers.enumerated() {
      guard (1...4).contains(tier.tier), tiers.insert(tier.tier).inserted else {
        throw .invalid("\(field).tiers[\(index)].tier", "must be 1 to 4, and each stands once")
      }
      guard tier.acknowledge >= .zero, tier.acknowledge <= longest else {
        throw .invalid("\(field).tiers[\(index)].acknowledge_ms", "must be from 0 to 366 days")
      }
    }
    for (index, age) in rule.ages.enumerated() {
      guard age.after > .zero, age.after <= longest, age.action != .unspecified else {
        throw .invalid("\(field).ages[\(index)]", "needs a time up to 366 days and an action")
      }
      guard age.tiers.allSatisfy({ (1...4).contains($0) }) else {
        throw .invalid("\(field).ages[\(index)].tiers", "must be 1 to 4")
      }
    }
  }

  /// What a configuration changes. One that names no policy says nothing of them: they stay as they are.
  func changes(to configuration: EscalationConfiguration) -> PolicyChanges {
    var changes = PolicyChanges()
    for var policy in configuration.policies {
      let last = versions[policy.name]?.last
      policy.version = last?.version ?? 0
      if policy != last {
        policy.version += 1
        changes.new.append(policy)
        changes.lines.append(
          last == nil ? "policy \(policy.name) added" : "policy \(policy.name) changed: version \(policy.version)")
      } else if retired.contains(policy.name) {
        changes.again.append(policy)
        changes.lines.append("policy \(policy.name) is configured again: version \(policy.version)")
      }
    }
    if !configuration.policies.isEmpty {
      let wanted = Set(configuration.policies.map(\.name))
      changes.retired = versions.keys.filter { !wanted.contains($0) && !retired.contains($0) }.sorted()
      changes.lines += changes.retired.map { "policy \($0) is configured no more" }
    }
    for (what, was, now) in [
      ("team", defaultTeam, configuration.defaultTeam), ("policy", defaultPolicy, configuration.defaultPolicy),
    ] where !now.isEmpty && was != now {
      changes.lines.append("default \(what): \(was.isEmpty ? "none" : was) -> \(now)")
    }
    changes.note(contacts: configuration.contacts, was: contacts)
    return changes
  }
}

/// What an apply would make of the policies.
struct PolicyChanges {
  /// For people, a line each.
  var lines: [String] = []
  /// Each with its new version.
  var new: [Policy] = []
  /// That were configured no more, and are again as they were.
  var again: [Policy] = []
  /// Names of those that are configured no more.
  var retired: [String] = []

  /// A configuration that names nobody says nothing of them.
  fileprivate mutating func note(contacts now: [Timeline], was: [Timeline]) {
    guard !now.isEmpty else { return }
    for one in now where !was.contains(one) {
      let isNew = !was.contains { $0.team == one.team }
      lines.append("who is paged without a schedule of team \(one.team): \(isNew ? "added" : "changed")")
    }
    for one in was where !now.contains(where: { $0.team == one.team }) {
      lines.append("who is paged without a schedule of team \(one.team): configured no more")
    }
  }
}

extension SeverityRule {
  fileprivate var spans: [(name: String, span: Span)] {
    [
      ("acknowledge_target_ms", acknowledgeTarget), ("acknowledge_maximum_ms", acknowledgeMaximum),
      ("secondary_after_ms", secondaryAfter), ("tier_acknowledge_ms", tierAcknowledge),
      ("restart_after_ms", restartAfter), ("acknowledgement_lapses_ms", acknowledgementLapses),
      ("investigate_ms", investigate), ("first_update_ms", firstUpdate), ("next_updates_ms", nextUpdates),
      ("remind_before_ms", remindBefore), ("reopen_within_ms", reopenWithin),
    ]
  }
}

extension Severity {
  /// As people write it.
  var words: String {
    switch self {
    case .sev1: "SEV-1"
    case .sev2: "SEV-2"
    case .sev3: "SEV-3"
    case .sev4: "SEV-4"
    case .unspecified: "no severity"
    }
  }
}
