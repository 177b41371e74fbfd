import CivilTime
import Machinery
import Messages

/// The facts of one decision about one incident, as they come together: each is tried on a copy of the incident at once,
/// so that the next one builds on it.
///
/// Nobody is paged twice in one decision, and whoever must act is asked to act: words for information wait until the end,
/// when it is known whom a page with duty reaches anyway.
struct Draft {
  private struct Word {
    var person: String
    var tier: UInt32
    var purpose: PagePurpose
    var channels: [String]
    var because: String
    var causes: [String]
    /// Why it is a copy of what others are sent; empty for what is meant for this person.
    var copied = ""

    /// How much it asks: the least asks for most. Words for somebody come before a copy of what others are sent.
    private var rank: (Int, Int) { (purpose.rank, copied.isEmpty ? 0 : 1) }

    static func asksMore(_ one: Word, than other: Word) -> Bool { one.rank < other.rank }

    func asksAsMuch(as other: Word) -> Bool { rank == other.rank }

    /// One message for several words that ask as much: every reason is said, by every channel that one of them has.
    static func joined(_ words: [Word], as first: Word) -> Word {
      var word = first
      word.because = ""
      var copied = ""
      for (index, next) in words.enumerated() {
        if index > 0 { word.because += "; " }
        if next.copied != copied { word.because += "\(next.copied): " }
        word.because += next.because
        copied = next.copied
      }
      // No channels: by the ladder of the person's own, which is more than any list.
      word.channels = words.contains(where: \.channels.isEmpty) ? [] : words.flatMap(\.channels).distinct
      word.causes = words.flatMap(\.causes).distinct
      return word
    }
  }

  private(set) var incident: RunningIncident
  private(set) var facts: [EscalationFact] = []
  let now: Instant
  /// Whose id was given: the incident's, or that of a part of it.
  let askedFor: String
  /// Other alerts are part of it.
  let hasParts: Bool
  let timelines: ReceivedTimelines
  private let policies: PolicyBook
  private var pagedNow: Set<String> = []
  private var words: [Word] = []

  init(_ incident: RunningIncident, in escalations: Escalations, at now: Instant, askedFor: String = "") {
    self.incident = incident
    self.askedFor = askedFor.isEmpty ? incident.id : askedFor
    self.now = now
    hasParts = escalations.members.count(in: incident.id) > 0
    timelines = escalations.timelines
    policies = escalations.policies
  }

  var rule: SeverityRule {
    policies.rule(of: incident)
  }

  var time: Timekeeping {
    Timekeeping(
      rule: rule, among: policies.rules(of: incident), business: timelines.business(of: incident.opened.team))
  }

  mutating func add(_ kind: EscalationFact.Kind) {
    facts.append(EscalationFact(kind: kind))
    incident.follow(kind)
    incident.remember(kind, at: now, time: time)
  }

  /// Words for information that no severity's rule has channels for.
  static let tellChannels = ["push", "slack"]

  /// Put the fact that the incident is made of in front.
  mutating func begin(with kind: EscalationFact.Kind) {
    facts.insert(EscalationFact(kind: kind), at: 0)
  }

  /// The fact that follows will say so; what is decided now must know it already.
  mutating func markUnreachable(_ page: String) {
    guard let index = incident.index(ofPage: page) else { return }
    incident.pages[index].failed = true
  }

  /// All facts, once the words are said that no page with duty made needless. Of several for one person the one that asks
  /// for most is said, and with it what asks as much: a nudge is not lost because a reminder is due with it.
  mutating func decided() -> [EscalationFact] {
    let all = words
    words = []
    for word in all where !pagedNow.contains(word.person) {
      let theirs = all.filter { $0.person == word.person }
      let first = theirs.min(by: Word.asksMore) ?? word
      let most = Word.joined(theirs.filter { $0.asksAsMuch(as: first) }, as: first)
      pagedNow.insert(word.person)
      guard mayAddPage(of: most.person, most.purpose) else { continue }
      addPage(
        of: most.person, tier: most.tier, most.purpose, channels: most.channels, because: most.because,
        causes: most.causes)
    }
    return facts
  }

  // MARK: Paging

  /// Page one person for a reason, unless this decision has paged them already.
  mutating func page(
    _ person: String, tier: UInt32, _ purpose: PagePurpose, channels: [String]? = nil, because: String
  ) {
    let channels = channels ?? rule.channels(of: tier)
    defer { copy(of: person, tier, purpose, channels, because) }
    guard purpose == .duty else {
      words.append(
        Word(person: person, tier: tier, purpose: purpose, channels: channels, because: because, causes: []))
      return
    }
    guard pagedNow.insert(person).inserted, mayAddPage(of: person, .duty) else { return }
    withdraw(because: "paged anew", person: person)
    addPage(of: person, tier: tier, .duty, channels: channels, because: because, causes: [])
  }

  /// Who shadows a tier, or stands behind somebody who hasn't confirmed a test page, gets copies of what its holder is sent,
  /// and never the duty to answer (P4, S10). Where a severity has no channels of its own a copy doesn't climb its person's ladder.
  private mutating func copy(
    of person: String, _ tier: UInt32, _ purpose: PagePurpose, _ channels: [String], _ because: String
  ) {
    guard purpose != .tell else { return }
    for shadow in timelines.shadows(of: person, team: incident.opened.team, at: now)
    where shadow.person != person {
      let why = shadow.because.isEmpty ? "for the shadow of \(name(person))" : shadow.because
      words.append(
        Word(
          person: shadow.person, tier: tier, purpose: .tell, channels: channels.isEmpty ? Self.tellChannels : channels,
          because: because, causes: [], copied: "copy \(why)"))
    }
  }

  /// Page whoever holds a tier now. Returns whether anybody was found; if not, that is a fact and the team lead hears of it.
  /// Nobody can be reminded of a page that they never had: who has become primary since has the duty to answer.
  @discardableResult
  mutating func page(
    tier: UInt32, _ purpose: PagePurpose = .duty, channels: [String]? = nil, because: String
  ) -> Bool {
    let holders = timelines.holders(team: incident.opened.team, tier: tier, at: now)
    if let end = holders.pastHorizon {
      tellLead(
        "the published schedule ended \(TimeText.date(end)): pages go to whom the last rotation would name",
        cause: "horizon", once: true)
    }
    guard !holders.people.isEmpty else {
      add(.nobodyFound(NobodyFound(incidentId: incident.id, tier: tier, because: holders.because)))
      tellLead("nobody could be paged on tier \(tier): \(holders.because)", cause: "nobody/\(tier)")
      return false
    }
    for person in holders.people {
      let why = "\(because) (\(holders.because))"
      if tier == 1, purpose == .reminder, incident.state == .triggered, !incident.hasCalled(person) {
        page(person, tier: tier, .duty, because: "primary by now: \(why)")
      } else {
        page(person, tier: tier, purpose, channels: channels, because: why)
      }
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
    if !emptyTiers.isEmpty {
      pageWhoStandsBehind(because: reason)
      postThatNobodyIsFound()
    }
    add(.chainEnded(ChainEnded(incidentId: incident.id, nobodyFound: !incident.pages.contains(where: \.isCalling))))
  }

  /// Where nobody at all could be asked, whoever reads #incidents may help, whatever the severity (E9): said in the rounds 1, 2, 4,
  /// 8 and so on.
  private mutating func postThatNobodyIsFound() {
    let found = facts.compactMap { if case .nobodyFound(let found) = $0.kind { found } else { nil } }
    guard let last = found.last, !incident.pages.contains(where: \.isCalling), incident.state == .triggered,
      incident.round & (incident.round - 1) == 0
    else { return }
    post(
      "[\(incident.severity.words)] \(incident.opened.summary) (\(incident.id)): nobody could be paged: \(last.because)",
      to: ["#incidents"])
  }

  /// Where this decision found nobody.
  var emptyTiers: [UInt32] {
    facts.compactMap { if case .nobodyFound(let found) = $0.kind { found.tier } else { nil } }
  }

  /// Where no tier is left that has anybody, the team's lead has the duty to answer, or else its managers: being told of it by
  /// push at night wakes nobody (E9). They are paged anew in each round, as a tier is; whoever acknowledged and asks for help is
  /// spared.
  private mutating func pageWhoStandsBehind(because: String) {
    let team = incident.opened.team
    for person in timelines.lead(of: team).map({ [$0] }) ?? timelines.managers(of: team)
    where incident.state != .acknowledged || incident.owner != person {
      page(person, tier: max(incident.tier, rule.topTier), .duty, because: "\(because), and no tier is left")
    }
  }

  /// A tier that somebody asks for, whatever the severity's top is.
  mutating func engage(_ tier: UInt32, because: String) {
    add(.movedOn(MovedOn(incidentId: incident.id, fromTier: incident.tier, toTier: tier, because: because)))
    if page(tier: tier, because: because) { return engageTier3(with: tier) }
    moveOn(to: tier + 1, because: "nobody found on tier \(tier)")
  }

  /// The procedure's message for those who join, in #incidents (E6).
  mutating func postEscalation(to tier: UInt32, reason: String, currentStatus: String) {
    post(
      IncidentText.escalation(to: tier, of: incident, link: link, reason: reason, currentStatus: currentStatus),
      to: ["#incidents"])
  }

  /// A status update, wherever the severity's go. Whoever reads the public status page can't open the link.
  mutating func postUpdate(_ request: UpdateRequest) {
    let text = IncidentText.update(request, at: now)
    for channel in rule.updateChannels {
      let isLinked = !link.isEmpty && channel != Self.publicChannel
      post(isLinked ? "\(text)\nIncident: \(link)" : text, to: [channel])
    }
  }

  private static let publicChannel = "status-page"

  /// Where the incident can be seen; empty when its policy doesn't say.
  private var link: String { policies.link(to: incident) }

  /// What the policy's flags are, and the tier of each (E5).
  var flags: [FlagRule] { policies.flags(of: incident) }

  /// SEV-1 reaches tier 3 as soon as tier 2 is engaged (E4).
  mutating func engageTier3(with tier: UInt32) {
    guard tier == 2, incident.tier == 2, rule.tier3WithTier2, rule.topTier >= 3 else { return }
    let reason = "tier 2 is engaged"
    add(.movedOn(MovedOn(incidentId: incident.id, fromTier: 2, toTier: 3, because: reason)))
    page(tier: 3, because: reason)
  }

  /// Who has the incident: its owner, from the page with duty or the acknowledgement on. nil: whoever is primary.
  var responsible: String? {
    guard timelines.knows(incident.owner) else { return nil }
    let hasIt =
      incident.state == .acknowledged || incident.pages.contains { $0.isCalling && $0.person == incident.owner }
    return hasIt ? incident.owner : nil
  }

  /// Ask whoever has the incident for something.
  mutating func call(_ purpose: PagePurpose, channels: [String]? = nil, because: String) {
    if let responsible {
      page(responsible, tier: incident.tier, purpose, channels: channels, because: because)
    } else {
      page(tier: 1, purpose, channels: channels, because: because)
    }
  }

  /// The team lead hears that something about paging went wrong (E9), of each cause once and then less and less often.
  mutating func tellLead(_ what: String, cause: String, once: Bool = false) {
    guard let lead = timelines.lead(of: incident.opened.team) else { return }
    if let told = incident.told.first(where: { $0.cause == cause }), once || now < told.again { return }
    if let index = words.firstIndex(where: { $0.person == lead && $0.purpose == .tell && !$0.causes.isEmpty }) {
      guard !words[index].causes.contains(cause) else { return }
      words[index].because += "; " + what
      words[index].causes.append(cause)
    } else {
      words.append(
        Word(person: lead, tier: 3, purpose: .tell, channels: Self.tellChannels, because: what, causes: [cause]))
    }
  }

  /// Pages that need not be answered any more: everybody's, or those of a person who is paged anew, so that a phone
  /// doesn't ring twice for one thing. Says whose the notifier never took.
  mutating func withdraw(because: String, person: String = "") {
    let pages = incident.pages.filter { $0.wanted && (person.isEmpty || $0.person == person) }
    guard !pages.isEmpty else { return }
    let unheard = Set(pages.filter { $0.settled == 0 && $0.pagedAt < now }.map(\.person)).sorted()
    add(
      .pagesWithdrawn(
        PagesWithdrawn(incidentId: incident.id, because: because, person: person, unheard: unheard)))
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

  private func mayAddPage(of person: String, _ purpose: PagePurpose) -> Bool {
    incident.pages.count < RunningIncident.mostPages || !incident.owes(person, purpose)
  }

  private mutating func addPage(
    of person: String, tier: UInt32, _ purpose: PagePurpose, channels: [String], because: String, causes: [String]
  ) {
    add(
      .paged(
        Paged(
          incidentId: incident.id, pageId: "\(incident.id)/\(person)/\(incident.pagesMade + 1)", person: person,
          tier: tier, purpose: purpose, channels: channels, because: because, causes: causes)))
  }
}

extension SeverityRule {
  /// What whoever is paged on a tier is paged by; empty: by the person's own rules.
  func channels(of tier: UInt32) -> [String] {
    let own = tiers.first { $0.tier == tier }?.channels ?? []
    return own.isEmpty ? channels : own
  }
}

extension PagePurpose {
  /// How much it asks of a person: the least asks for most.
  fileprivate var rank: Int {
    switch self {
    case .duty, .unspecified: 0
    case .reminder: 1
    case .headsUp: 2
    case .tell, .test, .synthetic, .watch: 3
    }
  }
}
