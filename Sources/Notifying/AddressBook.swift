import CivilTime
import Messages

/// How people and team channels are reached: the only place in Tocsin that knows an address (requirement N7).
struct AddressBook: Hashable, Sendable {
  private(set) var configuration: NotificationConfiguration
  /// What people changed since the configuration last said something new of them.
  private(set) var own: [String: ContactChanged] = [:]
  private var contacts: [String: Contact]
  private let routes: ChannelRoutes
  /// People by channel and address, for what comes back from there.
  private var owners: [String: [String]] = [:]
  let zones: TimeZones

  init(_ configuration: NotificationConfiguration, zones: TimeZones = TimeZones()) {
    self.configuration = configuration
    self.zones = zones
    contacts = Dictionary(configuration.contacts.map { ($0.person, $0) }, uniquingKeysWith: { first, _ in first })
    routes = ChannelRoutes(configuration.channels)
    for contact in contacts.values { noteOwner(contact) }
  }

  /// Whose address it is: nobody's, one person's, or of all who share it.
  func people(on channel: String, at address: String) -> [String] { owners[Self.place(channel, address)] ?? [] }

  private mutating func noteOwner(_ contact: Contact) {
    for method in contact.methods {
      let place = Self.place(method.channel, method.address)
      owners[place] = ((owners[place] ?? []) + [contact.person]).sorted()
    }
  }

  private mutating func forgetOwner(_ contact: Contact) {
    for method in contact.methods {
      let place = Self.place(method.channel, method.address)
      owners[place]?.removeAll { $0 == contact.person }
      if owners[place]?.isEmpty ?? false { owners[place] = nil }
    }
  }

  private static func place(_ channel: String, _ address: String) -> String {
    "\(channel) \(AddressForm.phoneNumber(address) ?? address)"
  }

  /// The next configuration: what somebody changed stays as long as it says of them what the one before said.
  func following(_ next: NotificationConfiguration) -> AddressBook {
    var book = AddressBook(next, zones: zones)
    for changed in own.values where stays(changed.contact?.person ?? "", under: next) { book.put(changed) }
    return book
  }

  func stays(_ person: String, under next: NotificationConfiguration) -> Bool {
    func words(_ configuration: NotificationConfiguration) -> Contact? {
      var contact = configuration.contacts.first { $0.person == person }
      contact?.name = ""
      return contact
    }
    return words(configuration) == words(next)
  }

  mutating func put(_ changed: ContactChanged) {
    guard var contact = changed.contact else { return }
    contact.name = contacts[contact.person]?.name ?? contact.name
    own[contact.person] = changed
    if let before = contacts[contact.person] { forgetOwner(before) }
    contacts[contact.person] = contact
    noteOwner(contact)
  }

  var everybody: [Contact] { contacts.values.sorted { $0.person < $1.person } }

  func contact(_ person: String) -> Contact? { contacts[person] }

  mutating func forget(_ person: String) {
    if let contact = contacts[person] { forgetOwner(contact) }
    contacts[person] = nil
    own[person] = nil
    configuration.contacts.removeAll { $0.person == person }
  }

  func name(_ person: String) -> String {
    guard let name = contacts[person]?.name, !name.isEmpty else { return person }
    return CleanText.line(name)
  }

  /// Why somebody can't be reached at all.
  func unreachable(_ person: String) -> String {
    contacts[person] == nil ? "\(person) is not known to the notifier" : "\(person) has no contact method"
  }

  /// The channel of synthetic pages, and its provider: a receiver in the notifier itself.
  static let synthetic = "synthetic"

  /// Which provider carries a channel.
  func route(_ channel: String) -> ChannelRoute {
    if channel == Self.synthetic { return ChannelRoute(channel: channel, provider: Self.synthetic) }
    return routes[channel]
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
    route(channel).second.map { ChannelRoute(channel, by: $0) }
  }

  /// How often a channel's provider may be asked: by what its route says, or what it documents.
  func rate(_ channel: String, isSecond: Bool) -> Rate? {
    let route = isSecond ? second(channel) ?? route(channel) : route(channel)
    return route.rate ?? ProviderKind(rawValue: route.provider)?.rate(on: channel, at: route.url)
  }

  /// Words without any address of the person they are about.
  func withoutAddresses(_ words: String, of person: String) -> String {
    (contacts[person]?.methods ?? []).reduce(words) { $0.replacing($1.address, with: "[address]") }
  }

  /// Where a post goes: to its channel; words for one person quietly if that can be, and by their other channels, each
  /// when those before it have failed.
  func plan(_ post: Post, at now: Instant) -> [PlannedDelivery] {
    guard post.channel.isEmpty else { return [.init(channel: post.channel, dueAt: now)] }
    let channels = contacts[post.person].map { OpenChannels(of: $0, for: .unspecified).channels } ?? []
    let quietFirst = channels.filter { !PersonalChannel.isAudible($0) } + channels.filter(PersonalChannel.isAudible)
    return quietFirst.enumerated().map { .init(channel: $0.element, dueAt: $0.offset == 0 ? now : .unset) }
  }

  private func addresses(of person: String, on channel: String) -> [String] {
    contacts[person]?.methods.filter { $0.channel == channel }.map(\.address) ?? []
  }
}

/// Which deliveries a page makes (requirements N1 and P5).
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

  /// In quiet hours the ladder of a SEV-3/4 stops, and goes on when they are over.
  ///
  /// No deliveries when the person can't be reached at all; the remark then says why. Otherwise it says what is unusual
  /// about them. Delays count from when the escalation decided the page. Each address of a channel gets a delivery of
  /// its own.
  func plan(_ page: Page, at now: Instant) -> (deliveries: [PlannedDelivery], remark: String) {
    if page.purpose == .synthetic { return ([PlannedDelivery(channel: Self.synthetic, dueAt: now)], "") }
    guard let contact = contacts[page.person], !contact.methods.isEmpty else { return ([], unreachable(page.person)) }
    let age = page.age(at: now)
    let start = age > Self.outage ? now : now - age
    if page.purpose == .test { return test(page, of: contact, at: start) }
    let open = OpenChannels(of: contact, for: page.severity)
    var (ladder, remark) = open.ladder(wanted(page, of: contact))
    if page.severity.mustBeHeard, page.purpose.climbsLadder {
      let audible = ladder.indices.filter { PersonalChannel.isAudible(ladder[$0].channel) }
      if let earliest = audible.min(by: { ladder[$0].after < ladder[$1].after }) {
        ladder[earliest].after = min(ladder[earliest].after, Self.heardWithin)
      } else if let channel = open.channels.first(where: PersonalChannel.isAudible) {
        ladder.append(PersonalRule(channel: channel))
      } else {
        remark = [remark, open.withoutSound].filter { !$0.isEmpty }.joined(separator: "; ")
      }
    }
    ladder.sort { $0.after < $1.after }
    let quiet = quietTime(for: page)
    var held = Span.zero
    let planned = ladder.flatMap { rung in
      // What comes late waits for a slot from now on, and not since it was decided: else nothing of a burst would wait at all.
      let due = max(now, quiet?.due(start + rung.after, &held) ?? start + rung.after)
      return addresses(of: page.person, on: rung.channel).indices.map { turn in
        PlannedDelivery(
          channel: rung.channel, dueAt: due, turn: UInt32(turn + 1),
          wishedAt: quiet == nil ? .unset : start + rung.after)
      }
    }
    if held > .zero {
      remark = [remark, "waits for the end of quiet hours"].filter { !$0.isEmpty }.joined(separator: "; ")
    }
    return (planned, remark)
  }

  /// The quiet hours that a page waits for; nil: none.
  private func quietTime(for page: Page) -> QuietTime? {
    guard page.severity.mayWait, page.purpose != .watch, let contact = contacts[page.person],
      !contact.quietHours.isEmpty
    else { return nil }
    return QuietTime(contact.quietHours, zones: zones)
  }

  /// The wall clock jumped: quiet hours end by it, so that what waits for that, or would now come within them, gets its time anew.
  func followQuietHours(_ entry: inout LedgerEntry) {
    guard let page = entry.page, let quiet = quietTime(for: page) else { return }
    var held = Span.zero
    for index in entry.deliveries.indices where entry.deliveries[index].wishedAt.isSet {
      let delivery = entry.deliveries[index]
      if delivery.state == .planned, delivery.dueAt.isSet {
        entry.deliveries[index].dueAt = quiet.due(delivery.wishedAt, &held)
      } else if delivery.firstBegunAt.isSet {
        held = max(.zero, delivery.firstBegunAt - delivery.wishedAt)
      }
    }
  }

  /// By the channels that it names and no other, or nothing would be known of them: contact rules are not asked, because the
  /// person's readiness asks for it.
  private func test(
    _ page: Page, of contact: Contact, at start: Instant
  ) -> (deliveries: [PlannedDelivery], remark: String) {
    let deliveries = page.channels.filter { channel in contact.methods.contains { $0.channel == channel } }.map {
      PlannedDelivery(channel: $0, dueAt: start)
    }
    guard deliveries.isEmpty else { return (deliveries, "") }
    return ([], "\(page.person) has no \(page.channels.joined(separator: ", ")) at the notifier")
  }

  /// How a page would go if every channel of the person were open: by the channels that the page names, a reminder by
  /// all, a duty by the personal rules, other words by the first channel.
  private func wanted(_ page: Page, of contact: Contact) -> [PersonalRule] {
    let has = Set(contact.methods.map(\.channel))
    var rules: [PersonalRule] = []
    if !page.channels.isEmpty {
      rules = page.channels.filter(has.contains).map { PersonalRule(channel: $0) }
    } else if page.purpose == .reminder {
      var seen = Set<String>()
      rules = contact.methods.filter { seen.insert($0.channel).inserted }.map { PersonalRule(channel: $0.channel) }
    } else if page.purpose.climbsLadder {
      rules = personalRules(of: contact, by: has)
    }
    return rules.isEmpty ? contact.methods.prefix(1).map { PersonalRule(channel: $0.channel) } : rules
  }

  /// The personal rules as far as the person has the channels. The first of them takes the place of any before it
  /// that is missing: nobody waits for a channel that they don't have.
  private func personalRules(of contact: Contact, by has: Set<String>) -> [PersonalRule] {
    let rules = rules(of: contact).sorted { $0.after < $1.after }
    var usable = rules.filter { has.contains($0.channel) }
    if !usable.isEmpty { usable[0].after = rules[0].after }
    return usable
  }

  /// Their own, else the team's, else ours.
  func rules(of contact: Contact) -> [PersonalRule] {
    guard contact.rules.isEmpty else { return contact.rules }
    return configuration.defaultRules.isEmpty ? Self.defaultRules : configuration.defaultRules
  }
}

extension PagePurpose {
  /// Whether a page goes by one channel after the other until it is answered.
  fileprivate var climbsLadder: Bool { self == .duty || self == .watch }
}
