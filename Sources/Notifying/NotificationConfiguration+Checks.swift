import CivilTime
import Messages

/// What a configuration must be to be taken, and what it changes.
extension NotificationConfiguration {
  /// Refuses what can't be meant, naming the field. No address is repeated in the words.
  func check(zones: TimeZones) throws(Refusal) {
    guard salt.isEmpty || salt.count == 16 else { throw .invalid("salt", "must have 16 bytes, or none") }
    var people = Set<String>()
    for (index, contact) in contacts.enumerated() {
      let field = "contacts[\(index)]"
      guard !contact.person.isEmpty else { throw .invalid("\(field).person", "must not be empty") }
      guard people.insert(contact.person).inserted else {
        throw .invalid("\(field).person", "\"\(contact.person)\" occurs twice")
      }
      try contact.check("\(field).", zones: zones)
    }
    try Contact.check(defaultRules, "default_rules")
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
