import Messages

/// What a configuration must be to be taken, and what it changes.
extension NotificationConfiguration {
  /// Refuses what can't be meant, naming the field. No address is repeated in the words.
  func check() throws(Refusal) {
    var people = Set<String>()
    for (index, contact) in contacts.enumerated() {
      let field = "contacts[\(index)]"
      guard !contact.person.isEmpty else { throw .invalid("\(field).person", "must not be empty") }
      guard people.insert(contact.person).inserted else {
        throw .invalid("\(field).person", "\"\(contact.person)\" occurs twice")
      }
      guard contact.sealed.isEmpty else { throw .invalid("\(field).sealed", "is for the notifier's journal alone") }
      try Self.check(contact.methods, "\(field).methods")
      try Self.check(contact.rules, "\(field).rules")
      for (place, rule) in contact.rules.enumerated()
      where !contact.methods.contains(where: { $0.channel == rule.channel }) {
        throw .invalid("\(field).rules[\(place)].channel", "\(contact.person) has no address for \(rule.channel)")
      }
      try Self.checkContactRules(of: contact, "\(field).only_for")
    }
    try Self.check(defaultRules, "default_rules")
    var routed = Set<String>()
    for (index, route) in channels.enumerated() {
      guard !route.channel.isEmpty else { throw .invalid("channels[\(index)].channel", "must not be empty") }
      guard routed.insert(route.channel).inserted else {
        throw .invalid("channels[\(index)].channel", "\"\(route.channel)\" occurs twice")
      }
      guard route.channel != AddressBook.synthetic else {
        throw .invalid("channels[\(index)].channel", "\"\(route.channel)\" is the watch's own")
      }
      try Self.check(route, "channels[\(index)]")
    }
    try checkWatch()
    try checkLimits()
    try checkAddresses()
  }

  private static func check(_ methods: [ContactMethod], _ field: String) throws(Refusal) {
    for (index, method) in methods.enumerated() {
      guard PersonalChannel(rawValue: method.channel) != nil else {
        throw .invalid("\(field)[\(index)].channel", "\"\(method.channel)\" is none of \(PersonalChannel.names)")
      }
      guard 1...256 ~= method.address.utf8.count else {
        throw .invalid("\(field)[\(index)].address", "must have 1 to 256 bytes")
      }
    }
  }

  /// Contact rules leave each severity a channel, and a SEV-1 one that can be heard if the person has any (requirements P5
  /// and N1).
  private static func checkContactRules(of contact: Contact, _ field: String) throws(Refusal) {
    for (index, rule) in contact.onlyFor.enumerated() {
      guard contact.methods.contains(where: { $0.channel == rule.channel }) else {
        throw .invalid("\(field)[\(index)].channel", "\(contact.person) has no address for \"\(rule.channel)\"")
      }
      guard !contact.onlyFor[..<index].contains(where: { $0.channel == rule.channel }) else {
        throw .invalid("\(field)[\(index)].channel", "\"\(rule.channel)\" occurs twice")
      }
      let severities = Set(rule.severities)
      guard !severities.isEmpty, !severities.contains(.unspecified), severities.count == rule.severities.count else {
        throw .invalid("\(field)[\(index)].severities", "must be one or more of SEV1, SEV2, SEV3 and SEV4, each once")
      }
    }
    let shut = contact.methods.isEmpty ? [] : contact.severitiesWithoutChannel
    guard shut.isEmpty else {
      let words = shut.map(\.words).joined(separator: ", ")
      throw .invalid(field, "\(contact.person) would have no channel for \(words): leave one open to each severity")
    }
    let audible = contact.methods.filter { PersonalChannel.isAudible($0.channel) }
    guard audible.isEmpty || audible.contains(where: { contact.mayUse($0.channel, for: .sev1) }) else {
      throw .invalid(field, "\(contact.person) would not hear a SEV-1: leave it push, sms or voice")
    }
  }

  private static func check(_ rules: [PersonalRule], _ field: String) throws(Refusal) {
    for (index, rule) in rules.enumerated() {
      guard PersonalChannel(rawValue: rule.channel) != nil else {
        throw .invalid("\(field)[\(index)].channel", "\"\(rule.channel)\" is none of \(PersonalChannel.names)")
      }
      guard (.zero)...Span.hours(24) ~= rule.after else {
        throw .invalid("\(field)[\(index)].after_ms", "must be from 0 to 24 hours")
      }
    }
  }

  /// What applying this over `before` changes, a line each: neither addresses nor URLs, which may hold a token.
  func changes(from before: NotificationConfiguration) -> [String] {
    let old = Dictionary(before.contacts.map { ($0.person, $0) }, uniquingKeysWith: { first, _ in first })
    let new = Set(contacts.map(\.person))
    var lines = contacts.compactMap { contact -> String? in
      guard let was = old[contact.person] else { return "contact \(contact.person) added" }
      return was == contact ? nil : "contact \(contact.person) changed"
    }
    lines += before.contacts.filter { !new.contains($0.person) }.map { "contact \($0.person) removed" }
    if defaultRules != before.defaultRules { lines.append("default personal rules changed") }
    if limits != before.limits { lines.append("limits changed") }
    if watch != before.watch {
      lines.append("watch \(watch == nil ? "removed" : before.watch == nil ? "added" : "changed")")
    }
    return lines + routeChanges(from: before)
  }

  private func routeChanges(from before: NotificationConfiguration) -> [String] {
    let old = Dictionary(before.channels.map { ($0.channel, $0) }, uniquingKeysWith: { first, _ in first })
    let new = Set(channels.map(\.channel))
    let lines = channels.compactMap { route -> String? in
      guard let was = old[route.channel] else { return "channel \(route.channel) by \(route.provider) added" }
      if was == route { return nil }
      return was.provider == route.provider
        ? "channel \(route.channel) by \(route.provider) changed"
        : "channel \(route.channel): \(was.provider) -> \(route.provider)"
    }
    return lines + before.channels.filter { !new.contains($0.channel) }.map { "channel \($0.channel) removed" }
  }
}
