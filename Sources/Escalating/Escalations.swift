import CivilTime
import Machinery
import Messages

/// What the escalator knows: incidents and their clocks, policies, and who is on call.
///
/// An incident is carried by its clocks (`Clock`): each says what happens by itself at an instant unless something else
/// happens first. `lapse` handles all due clocks of the most overdue incident at once, so that after an outage overdue
/// steps collapse into one.
public struct Escalations: Machine {
  public let zones: TimeZones
  /// In the order in which they were opened.
  var incidents = OrderedStore<RunningIncident>()
  var texts = SharedTexts()
  var due = DueTimes()
  var policies = PolicyBook()
  var timelines = ReceivedTimelines()
  var ended = EndedIncidents()
  var stragglers = Stragglers()
  var members = Members()
  var keys: KnownKeys
  var storms = Storms()
  var reviews = HeldReviews()
  var changes = RecentChanges()
  var answers = PageAnswers()
  var notices = PublicNotices()
  /// The latest incident about each tier of the cluster that was lost.
  var lostTiers: [Peer: String] = [:]
  var latestSynthetic = SyntheticNoted()
  /// Below this, numbers of pages and posts may be in use that were lost here.
  var numbersSkipped: UInt64 = 0
  var open = OpenIncidents()
  /// Lanes: 0 what stops pages, 1 to 4 each incident's newest pages by severity, 5 to 8 older ones, 9 posts.
  var debtsToNotifier = DebtQueue(urgencies: 10)
  var debtsToIntake = DebtsToIntakes()
  var debtsToScheduler = DebtQueue(urgencies: 1)

  /// How long a closed incident that owes nothing answers for itself before only history does.
  static let keepsClosed = Span.hours(1)
  static let postUrgency = 9

  static func urgency(_ severity: Severity, isNewest: Bool) -> Int {
    min(max(Int(severity.rawValue), 1), 4) + (isNewest ? 0 : 4)
  }

  /// How many intakes there are; what is decided may follow from it, what facts mean never does.
  let intakes: UInt32

  public init(zones: TimeZones, intakes: UInt32 = 1) {
    self.zones = zones
    self.intakes = intakes
    keys = KnownKeys(hasSeveralIntakes: intakes > 1)
  }

  public var openCount: Int { open.count }

  public func decide(
    _ input: EscalationInput, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    switch input {
    case .inOwnName(let input, let name): try decide(input, inOwnNameOf: name, at: now)
    case .alert(let alert): taken(alert, making: try hear(alert, at: now))
    case .timeline(let timeline): try receive(timeline, at: now)
    case .receipt(let receipt): Decision(try note(receipt, at: now), answer: .done(Done()))
    case .configure(let configuration): try configure(configuration)
    case .acknowledge(let request): try acknowledge(request, at: now)
    case .resolve(let request): try resolve(request, at: now)
    case .escalate(let request): try escalate(request, at: now)
    case .reassign(let request): try reassign(request, at: now)
    case .update(let request): try update(request, at: now)
    case .flags(let request): try raise(request, at: now)
    case .responders(let request): try add(request, at: now)
    case .delegate(let request): try delegate(request, at: now)
    case .severity(let request): try change(request, at: now)
    case .snooze(let request): try snooze(request, at: now)
    case .merge(let request): try merge(request, at: now)
    case .reopen(let request): try reopen(request, at: now)
    case .tier(let news): Decision(try hear(news, at: now), answer: .done(Done()))
    case .synthetic(let alert): Decision(try hear(alert, at: now), answer: .done(Done()))
    case .review(let input): try review(input, at: now)
    case .change(let reported): Decision(try note(reported, at: now), answer: .done(Done()))
    case .answer(let page): try answer(page, at: now)
    }
  }

  public var nextDeadline: Instant? {
    guard let incident = due.next?.due, let review = reviews.next?.due else {
      return due.next?.due ?? reviews.next?.due
    }
    return min(incident, review)
  }

  public mutating func restarted(at instant: Instant) {}

  /// The notifier gets all pages again that are still in memory, wanted or not: it may have lost that one is not. What it
  /// goes on with besides shows in its receipts, and what intake has open that is over here when it hands that over. The
  /// scheduler gets the record of all that is still in memory.
  public mutating func peerLost(_ peer: Peer, at instant: Instant) {
    guard peer == .notifier || peer.intakeNumber != nil || peer == .scheduler else { return }
    for id in incidentIDs {
      guard var incident = incidents.take(id) else { continue }
      switch peer {
      case .scheduler: incident.oweRecordAgain()
      case .notifier:
        let rule = self.rule(of: incident)
        for index in incident.pages.indices {
          let (purpose, tier) = (incident.pages[index].purpose, incident.pages[index].tier)
          incident.pages[index].oweAgain(by: purpose == .tell ? Draft.tellChannels : rule.channels(of: tier))
        }
      default:
        guard !incident.isOpen else { break }
        if Shard.intake(ofAlert: id) == peer { incident.owesClosing = !incident.isMerged }
        oweClosingsAgain(of: incident, to: peer)
      }
      if !isSettled(incident) { incident.stop(.forget) }
      oweAgain(incident)
      put(incident)
    }
  }

  private var incidentIDs: [String] {
    var ids: [String] = []
    incidents.forEach { id, _ in
      ids.append(id)
      return true
    }
    return ids
  }

  public mutating func skipNumbers(over missing: Span) {
    let lost = missing.numbersLost(margin: 1_000, perSecond: 1)
    numbersSkipped += lost
    for id in incidentIDs {
      guard var incident = incidents.take(id) else { continue }
      incident.skipNumbers(lost)
      if !isSettled(incident) { incident.stop(.forget) }
      oweRecord(of: incident, at: incident.changedAt)
      put(incident)
    }
    reviews.updateAll { $0.postsMade += lost }
  }

  /// Elapsed clocks keep their distance to now; those in business time are civil and stay. In place: no incident is copied.
  public mutating func clockStepped(by span: Span) {
    ended.shift(by: span)
    stragglers.shift(by: span)
    storms.shift(by: span)
    members.shift(by: span)
    keys.shift(by: span)
    reviews.updateAll { $0.shift(by: span) }
    changes.shift(by: span)
    answers.shift(by: span)
    notices.shift(by: span)
    let policies = policies
    var due = DueTimes()
    var debts = debtsToScheduler
    incidents.updateAll { id, incident in
      incident.shift(by: span, isCivil: policies.rule(of: incident).businessTime)
      due.set(id, to: incident.nextClock?.due)
      if incident.owesNews { debts.owe(incident.newsDebt, urgency: 0, since: incident.changedAt) }
    }
    self.due = due
    debtsToScheduler = debts
    shiftSynthetic(by: span)
  }

  func time(of incident: RunningIncident) -> Timekeeping {
    Timekeeping(
      rule: rule(of: incident), among: policies.rules(of: incident),
      business: timelines.business(of: incident.opened.team))
  }

  func time(of opened: IncidentOpened) -> Timekeeping {
    Timekeeping(
      rule: policies.rule(opened.policy, opened.policyVersion, opened.severity), among: [],
      business: timelines.business(of: opened.team))
  }

  func rule(of incident: RunningIncident) -> SeverityRule {
    policies.rule(of: incident)
  }

  /// Nothing is owed to anybody on its behalf.
  func isSettled(_ incident: RunningIncident) -> Bool {
    incident.isSettled && !members.owesClosings(of: incident.id)
  }

  /// Store an incident and move its place among the due.
  mutating func put(_ incident: RunningIncident) {
    due.set(incident.id, to: incident.nextClock?.due)
    incidents[incident.id] = incident
  }

  private func receive(
    _ timeline: Timeline, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    guard !timeline.team.isEmpty else { throw .invalid("team", "must not be empty") }
    let isNews = timelines.isNews(timeline)
    // The scheduler's clock is wrong, and once it is right it publishes anew.
    if isNews, timeline.untilAt <= now, timelines.goesOn(timeline.team, at: now) {
      throw Refusal(
        .failedPrecondition, "it ended \(TimeText.date(timeline.untilAt)), and a schedule is known that goes on",
        field: "until_at_ms")
    }
    return Decision(
      isNews ? [EscalationFact(kind: .timelineReceived(TimelineReceived(timeline: timeline)))] : [],
      answer: .done(Done()))
  }
}
