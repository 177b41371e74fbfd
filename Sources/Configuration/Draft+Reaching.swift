import Messages

/// Contacts and defaults: the notifier's slice, without the routes.
extension Draft {
  func readContacts(_ field: Field) {
    guard let fields = field.fields(["kind", "contacts", "limits"]) else { return }
    if let field = fields.optional("limits"), let read = field.pageLimits() {
      if let first = limits {
        field.complain(expected: "one limits for everybody", found: "another, after the one at \(first.place)")
      } else {
        limits = field.placed(read)
      }
    }
    for (key, value) in fields.required("contacts")?.entries(of: "ids of people to addresses") ?? [] {
      guard let id = key.mention(of: .person) else { continue }
      define(.contact, key.placed(id))
      let channels = PersonalChannel.allCases.map(\.rawValue)
      guard let contact = value.fields(channels + ["rules", "only-for", "quiet-hours", "limits"]) else { continue }
      var methods: [ContactMethod] = []
      for channel in channels {
        guard let field = contact.optional(channel) else { continue }
        let addresses =
          field.node.sequence == nil
          ? [field.address(channel)] : field.list(of: "addresses") { $0.address(channel) } ?? []
        addressPlaces += addresses.compactMap { $0 }
        methods += addresses.compactMap { $0?.value }
      }
      let rules = contact.optional("rules")?.personalRules() ?? []
      for (rule, place) in rules where !methods.contains(where: { $0.channel == rule.channel }) {
        place.complain(expected: "a channel for which there is an address here")
      }
      let read = Contact(
        person: id, methods: methods, rules: rules.map(\.rule),
        onlyFor: contact.optional("only-for")?.contactRules(for: methods) ?? [],
        quietHours: contact.optional("quiet-hours")?.quietHours() ?? [],
        limits: contact.optional("limits")?.pageLimits())
      contact.optional("only-for")?.checkNobodyIsSkipped(by: read)
      contacts.append(read)
    }
  }

  func readDefaults(_ field: Field) {
    guard let fields = field.fields(["kind", "team", "policy", "personal-rules", "rate-limit"]) else { return }
    let rules = fields.required("personal-rules")
    let read = Defaults(
      team: fields.required("team")?.mention(of: .team) ?? "",
      policy: fields.required("policy")?.mention(of: .policy) ?? "",
      rules: rules?.personalRules().map(\.rule) ?? [], rateLimit: fields.optional("rate-limit")?.rateLimit())
    if let first = defaults.first {
      field.complain(expected: "one document of kind Defaults", found: "another, after the one at \(first.place)")
    } else {
      defaults.append(field.placed(read))
    }
    if !read.rules.isEmpty, !read.rules.contains(where: { PersonalChannel.isAudible($0.channel) }) {
      rules?.complain(expected: "at least one audible channel (push, sms, voice)", found: "none")
    }
  }
}

extension Field {
  /// `{ per-second: 500, burst: 5000 }` (requirement I5).
  fileprivate func rateLimit() -> RateLimit? {
    guard let fields = fields(["per-second", "burst"]),
      let perSecond = fields.required("per-second")?.whole(1...1_000_000),
      let burst = fields.required("burst")?.whole(1...10_000_000)
    else { return nil }
    guard burst >= perSecond else {
      complain(expected: "a burst of at least what may come in a second, \(perSecond)", found: "\(burst)")
      return nil
    }
    return RateLimit(perSecond: perSecond, burst: burst)
  }
}

extension Field {
  fileprivate func address(_ channel: String) -> Placed<ContactMethod>? {
    text(limit: 256).map { placed(ContactMethod(channel: channel, address: $0)) }
  }
}

/// Contact rules (requirement P5).
extension Field {
  /// `{ sms: [SEV-1, SEV-2], voice: SEV-1 }`: channels that these severities alone may use.
  fileprivate func contactRules(for methods: [ContactMethod]) -> [ContactRule] {
    (entries(of: "channels to the severities that may use them") ?? []).compactMap { key, value in
      guard let channel = key.personalChannel() else { return nil }
      guard methods.contains(where: { $0.channel == channel }) else {
        key.complain(expected: "a channel for which there is an address here")
        return nil
      }
      let severities = value.severities()
      return severities.map { ContactRule(channel: channel, severities: $0) }
    }
  }

  /// One severity, or several of them, each once.
  func severities() -> [Severity]? {
    guard case .sequence(let items) = node else { return severity().map { [$0] } }
    let severities = list(of: "severities") { $0.severity() } ?? []
    guard !severities.isEmpty, severities.count == items.count else { return nil }
    guard Set(severities).count == severities.count else {
      complain(expected: "each severity once", found: "one twice")
      return nil
    }
    return severities.sorted { $0.rawValue < $1.rawValue }
  }

  /// A channel that is closed means the next one that is open: there must be one.
  fileprivate func checkNobodyIsSkipped(by contact: Contact) {
    let shut = contact.methods.isEmpty ? [] : contact.severitiesWithoutChannel
    guard shut.isEmpty else {
      return complain(
        expected: "rules that leave a channel open to each severity",
        found: "none for \(shut.map { "SEV-\($0.rawValue)" }.joined(separator: ", "))")
    }
    let unheard = contact.severitiesUnheard
    guard !unheard.isEmpty else { return }
    complain(
      expected: "rules that leave push, sms or voice open to SEV-1 and SEV-2, of those that the person has",
      found: "none for \(unheard.map { "SEV-\($0.rawValue)" }.joined(separator: ", "))")
  }
}

extension Field {
  /// `- { by: sms, after: 2m }`, in growing order of time.
  fileprivate func personalRules() -> [(rule: PersonalRule, field: Field)] {
    let rules =
      list(of: "personal rules") { item -> (rule: PersonalRule, field: Field)? in
        guard let fields = item.fields(["by", "after"]), let by = fields.required("by"),
          let channel = by.personalChannel(), let after = fields.required("after")?.span(atLeast: .zero)
        else { return nil }
        return (PersonalRule(after: after, channel: channel), by)
      } ?? []
    for (before, after) in zip(rules, rules.dropFirst()) where after.rule.after < before.rule.after {
      after.field.complain(expected: "rules in growing order of time", found: "an earlier one")
    }
    return rules
  }
}
