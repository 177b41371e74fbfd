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

  func name(_ person: String) -> String {
    guard let name = contacts[person]?.name, !name.isEmpty else { return person }
    return CleanText.line(name)
  }

  /// Why somebody can't be reached at all.
  func unreachable(_ person: String) -> String {
    contacts[person] == nil ? "\(person) is not known to the notifier" : "\(person) has no contact method"
  }

  /// Which provider carries a channel: its own route, else the one for all others, else the console.
  func route(_ channel: String) -> ChannelRoute {
    routes[channel] ?? routes["*"] ?? ChannelRoute(channel: channel, provider: "console")
  }

  /// The `turn`th address of a person on a channel, each in turn; the channel itself for a team channel. Empty when
  /// there is none.
  func address(_ person: String, _ channel: String, turn: Int) -> String {
    guard PersonalChannel(rawValue: channel) != nil, !person.isEmpty else { return channel }
    let found = addresses(of: person, on: channel)
    return found.isEmpty ? "" : found[turn % found.count]
  }

  /// The provider that carries on when a channel's first one fails.
  func second(_ channel: String) -> ChannelRoute? {
    guard let second = route(channel).second else { return nil }
    return ChannelRoute(channel: channel, provider: second.provider, url: second.url, secretFile: second.secretFile)
  }

  /// Words without any address of the person they are about.
  func withoutAddresses(_ words: String, of person: String) -> String {
    (contacts[person]?.methods ?? []).reduce(words) { $0.replacing($1.address, with: "[address]") }
  }

  /// Where a post goes: to its channel; words for one person quietly if that can be, and by their other channels, each
  /// when those before it have failed.
  func plan(_ post: Post, at now: Instant) -> [PlannedDelivery] {
    guard post.channel.isEmpty else { return [.init(channel: post.channel, dueAt: now)] }
    var seen = Set<String>()
    let channels = (contacts[post.person]?.methods ?? []).map(\.channel).filter { seen.insert($0).inserted }
    let quietFirst = channels.filter { !PersonalChannel.isAudible($0) } + channels.filter(PersonalChannel.isAudible)
    return quietFirst.enumerated().map { .init(channel: $0.element, dueAt: $0.offset == 0 ? now : .unset) }
  }

  private func addresses(of person: String, on channel: String) -> [String] {
    contacts[person]?.methods.filter { $0.channel == channel }.map(\.address) ?? []
  }
}

/// Which deliveries a page makes (requirement N1).
extension AddressBook {
  /// The personal rules of a team that has configured none.
  static let defaultRules = [
    PersonalRule(after: .zero, channel: "push"), PersonalRule(after: .minutes(2), channel: "sms"),
    PersonalRule(after: .minutes(5), channel: "voice"),
  ]

  /// A page this much older than now comes out of an outage: its ladder starts now, not somewhere in the middle.
  static let outage = Span.minutes(1)

  /// No rules of one's own can leave a SEV-1/2 quiet for longer: when the default rules call, and when a SEV-1 should have
  /// been acknowledged.
  static let heardWithin = Span.minutes(5)

  /// No deliveries when the person can't be reached at all; the remark then says why. Delays count from when the
  /// escalation decided the page. Each address of a channel gets a delivery of its own.
  func plan(_ page: Page, at now: Instant) -> (deliveries: [PlannedDelivery], remark: String) {
    guard let contact = contacts[page.person], let first = contact.methods.first?.channel else {
      return ([], unreachable(page.person))
    }
    let age = page.age(at: now)
    let start = age > Self.outage ? now : now - age
    let can = Set(contact.methods.map(\.channel))
    var planned: [PlannedDelivery]
    if !page.channels.isEmpty {
      planned = page.channels.filter(can.contains).map { .init(channel: $0, dueAt: start) }
    } else if page.purpose == .reminder {
      var seen = Set<String>()
      planned = contact.methods.filter { seen.insert($0.channel).inserted }.map {
        .init(channel: $0.channel, dueAt: start)
      }
    } else if page.purpose == .duty {
      planned = ladder(of: contact, from: start, by: can)
    } else {
      planned = []
    }
    var remark = ""
    if planned.isEmpty { planned = [.init(channel: first, dueAt: start)] }
    if page.severity.mustBeHeard, page.purpose == .duty {
      let audible = planned.indices.filter { PersonalChannel.isAudible(planned[$0].channel) }
      if let earliest = audible.min(by: { planned[$0].dueAt < planned[$1].dueAt }) {
        planned[earliest].dueAt = min(planned[earliest].dueAt, start + Self.heardWithin)
      } else if let method = contact.methods.first(where: { PersonalChannel.isAudible($0.channel) }) {
        planned.append(.init(channel: method.channel, dueAt: start))
      } else {
        remark = "\(page.person) has no audible channel"
      }
    }
    planned.sort { $0.dueAt < $1.dueAt }
    return (planned.flatMap { repeatElement($0, count: addresses(of: page.person, on: $0.channel).count) }, remark)
  }

  /// The personal rules as far as the person has the channels. The first of them takes the place of any before it
  /// that is missing: nobody waits for a channel that they don't have.
  private func ladder(of contact: Contact, from start: Instant, by can: Set<String>) -> [PlannedDelivery] {
    let team = configuration.defaultRules.isEmpty ? Self.defaultRules : configuration.defaultRules
    let rules = (contact.rules.isEmpty ? team : contact.rules).sorted { $0.after < $1.after }
    var usable = rules.filter { can.contains($0.channel) }
    if !usable.isEmpty { usable[0].after = rules[0].after }
    return usable.map { .init(channel: $0.channel, dueAt: start + $0.after) }
  }
}
