import Messages

/// Escalation policies: the escalator's slice.
extension Draft {
  func readPolicy(_ field: Field) {
    guard let fields = field.fields(["kind", "name", "incident-url", "severities", "flags", "grouping"]) else { return }
    var policy = Policy()
    if let name = fields.required("name")?.name() {
      define(.policy, name)
      policy.name = name.value
    }
    if let severities = fields.required("severities"), let entries = severities.entries(of: "SEV-1..SEV-4 to rules") {
      for (key, value) in entries {
        guard let severity = key.severity() else { continue }
        if policy.severities.contains(where: { $0.severity == severity }) {
          key.complain(expected: "each severity once")
          continue
        }
        policy.severities.append(readSeverity(value, severity))
      }
      let given = Set(policy.severities.map(\.severity))
      let missing = Severity.allCases.filter { $0 != .unspecified && !given.contains($0) }
      if !missing.isEmpty {
        let names = missing.map { "SEV-\($0.rawValue)" }.joined(separator: ", ")
        severities.complain(expected: "all four of SEV-1, SEV-2, SEV-3, SEV-4", found: "none for \(names)")
      }
    }
    if let flags = fields.optional("flags") { policy.flags = readFlags(flags) }
    policy.incidentUrl = fields.optional("incident-url")?.incidentURL() ?? ""
    policy.grouping = fields.optional("grouping").flatMap(readGrouping)
    policy.severities.sort { $0.severity.rawValue < $1.severity.rawValue }
    policies.append(policy)
  }

  /// `{ after: 3, within: 5m, for: 1h }` (requirement I5).
  private func readGrouping(_ field: Field) -> Grouping? {
    guard let fields = field.fields(["after", "within", "for"]), let after = fields.required("after")?.whole(1...20),
      let within = fields.required("within")?.span(atLeast: .seconds(1), atMost: .hours(1)),
      let joinsFor = fields.required("for")?.span(atLeast: .seconds(1), atMost: .days(1))
    else { return nil }
    return Grouping(after: after, within: within, joinsFor: joinsFor)
  }

  /// The reasons for more people that somebody may raise, by the tier that they engage.
  private func readFlags(_ field: Field) -> [FlagRule] {
    var rules: [FlagRule] = []
    let tiers: [(String, UInt32)] = [("secondary", 2), ("tertiary", 3), ("executives", 4)]
    guard let fields = field.fields(tiers.map(\.0)) else { return [] }
    for (word, tier) in tiers {
      for name in fields.optional(word)?.list(of: "flags", atLeast: 0, { $0.name() }) ?? [] {
        guard !rules.contains(where: { $0.flag == name.value }) else {
          fields.optional(word)?.complain(expected: "each flag once", found: name.value)
          continue
        }
        rules.append(FlagRule(flag: name.value, tier: tier))
      }
    }
    return rules
  }

  private func readSeverity(_ field: Field, _ severity: Severity) -> SeverityRule {
    var rule = SeverityRule(severity: severity)
    guard
      let fields = field.fields([
        "clocks", "page-by", "acknowledge", "chain", "investigate", "updates", "unresolved", "reopen-within",
      ])
    else { return rule }
    rule.businessTime =
      fields.optional("clocks")?.choice("how clocks run", [("always", false), ("business-time", true)]) ?? false
    rule.reopenWithin =
      fields.optional("reopen-within")?.span(atLeast: .zero, atMost: .hours(1)) ?? Self.reopenWithin
    if let by = fields.required("page-by") { readChannels(by, &rule) }
    if let field = fields.required("acknowledge") { readAcknowledge(field, &rule) }
    if let field = fields.required("chain") { readChain(field, &rule) }
    if let field = fields.required("investigate") { readInvestigate(field, &rule) }
    if let field = fields.required("updates") { readUpdates(field, &rule) }
    rule.ages = fields.optional("unresolved")?.list(of: "age rules", atLeast: 0) { self.readAge($0) } ?? []
    for (index, (before, after)) in zip(rule.ages, rule.ages.dropFirst()).enumerated() where after.after < before.after
    {
      fields.optional("unresolved")?.complain(
        expected: "ages in growing order", found: "a smaller one after the one at index \(index)")
    }
    return rule
  }

  /// Where a policy says nothing: what fires again so soon after its end was never over.
  private static let reopenWithin = Span.minutes(15)

  /// Only clocks that run in business time know a next business day.
  private func nextBusinessDay(_ field: Field?, _ rule: SeverityRule) -> Bool {
    if !rule.businessTime {
      field?.complain(expected: "a span such as 1h, or clocks: business-time for SEV-\(rule.severity.rawValue)")
    }
    return true
  }

  private func readAcknowledge(_ field: Field, _ rule: inout SeverityRule) {
    guard
      let fields = field.fields(["target", "maximum", "secondary-after", "each-further-tier", "lapses-after"])
    else { return }
    rule.acknowledgeTarget = fields.required("target")?.span() ?? .zero
    switch fields.required("maximum")?.span(or: [("next-business-day", Span?.none)], { $0 }) {
    case .some(.some(let span)): rule.acknowledgeMaximum = span
    case .some(.none): rule.maximumIsNextBusinessDay = nextBusinessDay(fields.optional("maximum"), rule)
    case .none: break
    }
    rule.secondaryAfter = fields.optional("secondary-after")?.span() ?? .zero
    if let further = fields.required("each-further-tier") { readFurtherTiers(further, &rule) }
    rule.acknowledgementLapses = fields.required("lapses-after")?.span(or: [("never", .zero)]) { $0 } ?? .zero
    if rule.acknowledgeMaximum > .zero, rule.acknowledgeMaximum < rule.acknowledgeTarget {
      fields.values["maximum"]?.complain(expected: "a maximum that is not before the target")
    }
  }

  private static let tiers: [(word: String, tier: UInt32)] = [
    ("primary", 1), ("secondary", 2), ("tertiary", 3), ("executives", 4),
  ]

  /// One time for all, or one for each tier by name: then a tier that isn't named has the longest of them.
  private func readFurtherTiers(_ field: Field, _ rule: inout SeverityRule) {
    guard case .mapping = field.node else {
      rule.tierAcknowledge = field.span() ?? .zero
      return
    }
    guard let fields = field.fields(Self.tiers.dropFirst().map(\.word)) else { return }
    for (word, tier) in Self.tiers {
      guard let span = fields.optional(word)?.span() else { continue }
      rule.change(tier) { $0.acknowledge = span }
      rule.tierAcknowledge = max(rule.tierAcknowledge, span)
    }
    if fields.values.isEmpty, fields.mistyped.isEmpty {
      field.complain(expected: "a span such as 5m, or one for each tier")
    }
  }

  /// Channels for all, or `{ others: personal-rules, tertiary: [push, slack] }`.
  private func readChannels(_ field: Field, _ rule: inout SeverityRule) {
    guard case .mapping = field.node else {
      rule.channels = field.channelsOrRules()
      return
    }
    guard let fields = field.fields(["others"] + Self.tiers.map(\.word)) else { return }
    rule.channels = fields.required("others")?.channelsOrRules() ?? []
    for (word, tier) in Self.tiers {
      guard let given = fields.optional(word) else { continue }
      // What is said for all is what a tier has by itself, so that a tier by its people's rules stands only where all do.
      if given.node.scalar?.string == "personal-rules", !rule.channels.isEmpty {
        given.complain(expected: "channels: personal-rules only where others has them too")
        continue
      }
      let channels = given.channelsOrRules()
      if !channels.isEmpty { rule.change(tier) { $0.channels = channels } }
    }
  }

  private func readChain(_ field: Field, _ rule: inout SeverityRule) {
    guard let fields = field.fields(["top-tier", "restart-after", "tertiary-with-secondary"]) else { return }
    rule.topTier = fields.required("top-tier")?.tier() ?? 0
    switch fields.required("restart-after")?.span(or: [("next-business-day", Span?.none)], { $0 }) {
    case .some(.some(let span)): rule.restartAfter = span
    case .some(.none): rule.restartNextBusinessDay = nextBusinessDay(fields.optional("restart-after"), rule)
    case .none: break
    }
    rule.tier3WithTier2 = fields.optional("tertiary-with-secondary")?.yesOrNo() ?? false
  }

  private func readInvestigate(_ field: Field, _ rule: inout SeverityRule) {
    guard let fields = field.fields(["within", "of"]) else { return }
    rule.investigate = fields.required("within")?.span() ?? .zero
    rule.investigateAfterAcknowledgement =
      fields.required("of")?.choice("where the time starts", [("alert", false), ("acknowledgement", true)]) ?? false
  }

  private func readUpdates(_ field: Field, _ rule: inout SeverityRule) {
    guard let fields = field.fields(["first", "every", "remind-before", "missed", "channels"]) else { return }
    rule.firstUpdate = fields.required("first")?.span() ?? .zero
    rule.nextUpdates = fields.required("every")?.span(or: [("never", .zero)]) { $0 } ?? .zero
    rule.remindBefore = fields.optional("remind-before")?.span() ?? .zero
    rule.missedUpdateEscalates =
      fields.required("missed")?.choice("what a missed update does", [("escalate", true), ("remind", false)]) ?? false
    rule.updateChannels = fields.required("channels")?.list(of: "team channels") { $0.teamChannel() } ?? []
  }

  private func readAge(_ field: Field) -> AgeRule? {
    guard let fields = field.fields(["after", "page", "tell", "nudge", "by"]) else { return nil }
    var rule = AgeRule(after: fields.required("after")?.span() ?? .zero)
    let actions = ["page", "tell", "nudge"].compactMap { word in fields.optional(word).map { (word, $0) } }
    guard actions.count == 1 else {
      field.complain(
        expected: "one of page, tell, nudge",
        found: actions.isEmpty ? "none" : actions.map(\.0).joined(separator: " and "))
      return nil
    }
    let (word, action) = actions[0]
    switch word {
    case "nudge":
      rule.action = .nudgeOwner
      _ = action.choice("whom to nudge", [("owner", true)])
    default:
      rule.action = word == "page" ? .page : .tell
      let reached = action.list(of: "tiers or management") { item -> UInt32? in
        item.node.scalar?.string == "management" ? 0 : item.tierOrManagement()
      }
      rule.tiers = (reached ?? []).filter { $0 != 0 }
      rule.management = (reached ?? []).contains(0)
    }
    if let by = fields.optional("by") { rule.channels = by.channels(or: nil) ?? [] }
    return rule
  }
}

extension SeverityRule {
  /// What is said of one tier by itself.
  fileprivate mutating func change(_ tier: UInt32, _ edit: (inout TierRule) -> Void) {
    if let index = tiers.firstIndex(where: { $0.tier == tier }) { return edit(&tiers[index]) }
    var rule = TierRule(tier: tier)
    edit(&rule)
    tiers.append(rule)
    tiers.sort { $0.tier < $1.tier }
  }
}

extension Field {
  /// Empty: by each person's own rules.
  fileprivate func channelsOrRules() -> [String] {
    node.scalar?.string == "personal-rules" ? [] : channels(or: "personal-rules") ?? []
  }

  fileprivate func channels(or word: String?) -> [String]? {
    let what = word.map { "channels, or the word \($0)" } ?? "channels"
    return list(of: what) { $0.personalChannel() }
  }

  fileprivate func tierOrManagement() -> UInt32? {
    choice(
      "whom",
      [("primary", 1), ("secondary", 2), ("tertiary", 3), ("executives", 4), ("management", 0)])
  }
}
