import Messages

/// How people and team channels are reached: the only place in Tocsin that knows an address (requirement N7).
struct AddressBook: Hashable, Sendable {
  private(set) var configuration: NotificationConfiguration
  private var contacts: [String: Contact]
  private var routes: [String: ChannelRoute]

  init(_ configuration: NotificationConfiguration) {
    self.configuration = configuration
    contacts = Dictionary(configuration.contacts.map { ($0.person, $0) }, uniquingKeysWith: { first, _ in first })
    routes = Dictionary(configuration.channels.map { ($0.channel, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func contact(_ person: String) -> Contact? { contacts[person] }
  func name(_ person: String) -> String {
    guard let name = contacts[person]?.name, !name.isEmpty else { return person }
    return name
  }

  /// Which provider carries a channel: its own route, else the one for all others, else the console.
  func route(_ channel: String) -> ChannelRoute {
    routes[channel] ?? routes["*"] ?? ChannelRoute(channel: channel, provider: "console")
  }

  /// The `turn`th address of a person on a channel (they take turns when there are several); the channel itself for a team
  /// channel.
  func address(_ person: String, _ channel: String, turn: Int) -> String {
    guard !person.isEmpty else { return channel }
    let found = contacts[person]?.methods.filter { $0.channel == channel }.map(\.address) ?? []
    return found.isEmpty ? "" : found[turn % found.count]
  }

  /// The deliveries that a page makes (requirement N1); none when the person can't be reached at all.
  ///
  /// Delays count from when the escalation decided the page; a page that comes out of an outage starts its ladder now.
  func plan(_ page: Page, at now: Instant) -> [PlannedDelivery] {
    guard let contact = contacts[page.person], let first = contact.methods.first?.channel else { return [] }
    let start = page.pagedAt + .minutes(1) < now ? now : page.pagedAt
    let can = Set(contact.methods.map(\.channel))
    let asked = page.channels.filter(can.contains)
    var planned: [PlannedDelivery]
    switch page.purpose {
    case .reminder where page.channels.isEmpty:
      var seen = Set<String>()
      planned = contact.methods.filter { seen.insert($0.channel).inserted }.map { .init(channel: $0.channel, dueAt: start) }
    case .duty where page.channels.isEmpty:
      let rules = contact.rules.isEmpty ? configuration.defaultRules : contact.rules
      planned = rules.filter { can.contains($0.channel) }.map { .init(channel: $0.channel, dueAt: start + $0.after) }
    default: planned = asked.map { .init(channel: $0, dueAt: start) }
    }
    if planned.isEmpty { planned = [.init(channel: first, dueAt: start)] }
    let isHeard = planned.contains { PersonalChannel.isAudible($0.channel) }
    if page.severity.mustBeHeard, page.purpose == .duty, page.channels.isEmpty, !isHeard,
      let audible = contact.methods.first(where: { PersonalChannel.isAudible($0.channel) })
    {
      planned.append(.init(channel: audible.channel, dueAt: start))
    }
    return planned.sorted { $0.dueAt < $1.dueAt }
  }

  /// Where words for one person go: quietly if that can be.
  func quietChannel(of person: String) -> String {
    let methods = contacts[person]?.methods ?? []
    return (methods.first { !PersonalChannel.isAudible($0.channel) } ?? methods.first)?.channel ?? ""
  }
}

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
      for (place, method) in contact.methods.enumerated() {
        guard PersonalChannel(rawValue: method.channel) != nil else {
          throw .invalid("\(field).methods[\(place)].channel", "\"\(method.channel)\" is none of \(PersonalChannel.names)")
        }
        guard !method.address.isEmpty else { throw .invalid("\(field).methods[\(place)].address", "must not be empty") }
      }
      try Self.check(contact.rules, "\(field).rules")
    }
    try Self.check(defaultRules, "default_rules")
    for (index, route) in channels.enumerated() {
      guard !route.channel.isEmpty else { throw .invalid("channels[\(index)].channel", "must not be empty") }
      guard route.provider != "webhook" || !route.url.isEmpty else {
        throw .invalid("channels[\(index)].url", "the webhook provider needs one")
      }
      guard route.provider != "webhook" || !route.secretFile.isEmpty else {
        throw .invalid("channels[\(index)].secret_file", "the webhook provider signs its requests: name a file with the secret")
      }
    }
  }

  private static func check(_ rules: [PersonalRule], _ field: String) throws(Refusal) {
    for (index, rule) in rules.enumerated() {
      guard PersonalChannel(rawValue: rule.channel) != nil else {
        throw .invalid("\(field)[\(index)].channel", "\"\(rule.channel)\" is none of \(PersonalChannel.names)")
      }
      guard rule.after >= .zero else { throw .invalid("\(field)[\(index)].after_ms", "must not be negative") }
    }
  }

  /// What applying this over `before` changes, a line each, without addresses.
  func changes(from before: NotificationConfiguration) -> [String] {
    let old = Dictionary(before.contacts.map { ($0.person, $0) }, uniquingKeysWith: { first, _ in first })
    let new = Set(contacts.map(\.person))
    var lines = contacts.compactMap { contact -> String? in
      guard let was = old[contact.person] else { return "contact \(contact.person) added" }
      return was == contact ? nil : "contact \(contact.person) changed"
    }
    lines += before.contacts.filter { !new.contains($0.person) }.map { "contact \($0.person) removed" }
    if defaultRules != before.defaultRules { lines.append("default personal rules changed") }
    if channels != before.channels { lines.append("channel routes changed") }
    return lines
  }
}
