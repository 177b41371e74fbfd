import CivilTime
import Machinery
import Messages

/// What the scheduler knows: people, their training and absences, teams, rotations, what was published and what people
/// arranged, as they are and as they were, and who has been told.
///
/// Who is on call is never stored: it follows from these by `Lane.shift(at:absences:)`. Facts say what was configured, what
/// was promised and accepted, and which timelines and words have been handed over.
public struct Schedules: Machine {
  struct Place: Hashable, Sendable {
    var team: String
    var tier: UInt32
  }

  let zones: TimeZones
  /// All that were ever accepted, oldest first: the past is answered from them.
  var configurations: [ScheduleConfigured] = []
  /// Those of the last configuration.
  var people: [String: Person] = [:]
  /// Everybody ever named, for names in the past.
  var everyone: [String: Person] = [:]
  var training = TrainingBook()
  var absences = Absences()
  var boards: [String: Board] = [:]
  /// Teams in which a person ever had a part, so that news of a person needn't look at every team.
  var teamsByPerson: [String: Set<String>] = [:]
  var placeOfOverride: [String: Place] = [:]
  var swaps: [String: Swap] = [:]
  var teamOfShadow: [String: String] = [:]
  var announcements: [String: AnnouncementMade] = [:]
  var leadPages: [String: LeadPage] = [:]
  var pay = PayBook()
  var handoffs = HandoffBook()
  var readying = ReadinessBook()
  var numbering = ScheduleNumbering()
  /// When each team's timeline must be made again.
  var renewals = DueTimes()
  /// When the shifts of open swaps begin.
  var swapEnds = DueTimes()
  /// When shadow weeks are over.
  var shadowEnds = DueTimes()
  var owedTimelines = DebtQueue(urgencies: 1)
  /// Pages first, then words.
  var owedToNotifier = DebtQueue(urgencies: 2)

  public init(zones: TimeZones) {
    self.zones = zones
  }

  public var configuration: ScheduleConfiguration {
    configurations.last?.configuration ?? ScheduleConfiguration()
  }

  /// How many teams it schedules.
  public var openCount: Int { renewals.count }

  /// Teams in whose schedule a person has a part.
  func boards(involving person: String, after now: Instant) -> [String] {
    (teamsByPerson[person] ?? []).filter { boards[$0]?.involves(person, after: now) == true }.sorted()
  }

  // MARK: Deciding

  public func decide(_ input: ScheduleInput, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer>
  {
    switch input {
    case .inOwnName(let input, let name): try decide(input, inOwnNameOf: name, at: now)
    case .configure(let configuration, let by): try configure(configuration, by: by, at: now)
    case .addOverride(let request): try addOverride(request, at: now)
    case .removeOverride(let removal): try removeOverride(removal, at: now)
    case .assignCover(let request): try assignCover(request, at: now)
    case .recordTraining(let record): try recordTraining(record, at: now)
    case .assignShadow(let request): try assignShadow(request, at: now)
    case .removeShadow(let removal): try removeShadow(removal, at: now)
    case .requestAbsence(let request): try requestAbsence(request, at: now)
    case .endAbsence(let end): try endAbsence(end, at: now)
    case .requestSwap(let request): try requestSwap(request, at: now)
    case .answerSwap(let answer): try answerSwap(answer, at: now)
    case .pay(let input): try decidePay(input, at: now)
    case .handoff(let input): try decideHandoff(input, at: now)
    case .readiness(let input): try decideReadiness(input, at: now)
    }
  }

  /// The most overdue of: a handoff, or a week without one (so that four weeks are always published); a swap whose shift
  /// begins; a shadow week that is over; what time does to a comp day; a reminder of what somebody isn't ready with.
  public func lapse(at now: Instant) -> [ScheduleFact] {
    guard let due = nextDeadline, due <= now else { return [] }
    var draft = ScheduleDraft(self, at: now)
    if let end = shadowEnds.next, end.due == due {
      draft.completeShadow(end.key)
    } else if let end = swapEnds.next, end.due == due {
      draft.lapseSwap(end.key)
    } else if let next = pay.due.next, next.due == due {
      draft.passCompDay(next.key)
    } else if let next = renewals.next, next.due == due {
      draft.completeSoloWeeks(of: next.key)
      let isHandoff = boards[next.key].map(draft.hasHandoff) ?? false
      draft.publish(next.key, because: isHandoff ? .handoff : .renewal)
      draft.forgetHandoffMatter()
    } else if let key = readying.outdated(at: due) {
      draft.forgetReadiness(key)
    } else if let next = readying.dailyDue.next, next.due == due {
      draft.remindOfDailyTasks(next.key, due: due)
    } else if let next = readying.due.next {
      draft.remindOfReadiness(next.key)
    }
    return draft.facts
  }

  public var nextDeadline: Instant? {
    [renewals.next?.due, swapEnds.next?.due, shadowEnds.next?.due, pay.due.next?.due, readying.nextDue]
      .compactMap { $0 }.min()
  }

  // MARK: Debts

  public func debts(to peer: Peer) -> DebtQueue? {
    switch peer {
    case .escalator: owedTimelines
    case .notifier: owedToNotifier
    default: nil
    }
  }

  public func debt(_ id: String, to peer: Peer) -> ScheduleDebt? {
    switch peer {
    case .escalator:
      return boards[id].flatMap { $0.timeline(people: everyone, copies: copies($0, of: id)) }.map(ScheduleDebt.timeline)
    case .notifier:
      if let page = leadPages[id] { return .page(page.page) }
      if let test = readying.test(id) { return .page(test.page) }
      return announcements[id].map { made in
        .announcement(Post(id: made.id, channel: made.channel, text: made.text, team: made.team, person: made.person))
      }
    default: return nil
    }
  }

  public func settle(_ settlement: Settlement, at now: Instant) -> [ScheduleFact] {
    guard !settlement.status.isWorthRetrying else { return [] }
    var draft = ScheduleDraft(self, at: now)
    switch settlement.peer {
    case .escalator: draft.settleTimeline(settlement)
    case .notifier: draft.settleAnnouncement(settlement)
    default: break
    }
    return draft.facts
  }

  public mutating func restarted(at instant: Instant) {}

  public mutating func peerLost(_ peer: Peer, at instant: Instant) {
    switch peer {
    case .escalator:
      for id in boards.keys.sorted() {
        guard boards[id]?.team != nil, let generation = boards[id]?.publication?.published.generation else { continue }
        boards[id]?.publication?.handedOver = 0
        owedTimelines.owe(DebtKey(id: id, generation: generation), urgency: 0, since: instant)
      }
    case .notifier:
      for id in leadPages.keys.sorted() {
        owedToNotifier.owe(
          DebtKey(id: id, generation: leadPages[id]?.generation ?? 1), urgency: 0, since: instant)
      }
    default: break
    }
  }

  public mutating func skipNumbers(over missing: Span) {
    let lost = missing.numbersLost(margin: 1_000, perSecond: 1)
    numbering.announcements += lost
    numbering.overrides += lost
    numbering.generations += lost
    numbering.absences += lost
    numbering.swaps += lost
    numbering.shadows += lost
    handoffs.changesNumbered += lost
    readying.testsNumbered += lost
    for id in boards.keys { boards[id]?.publication?.published.generation += lost }
    peerLost(.escalator, at: .unset)
  }

  /// Shifts are civil time and stay. But timelines made in a future that turned out not to be now begin too late: make
  /// them all again.
  public mutating func clockStepped(by span: Span) {
    guard span < .zero else { return }
    if span <= Span.zero - .hours(1) { readying.clockStepped(by: span) }
    for (id, board) in boards where board.publication != nil && board.team != nil {
      renewals.set(id, to: Instant(milliseconds: 1))
    }
  }
}

/// Two machines are equal when nobody outside could tell them apart.
extension Schedules: Equatable {
  public static func == (left: Schedules, right: Schedules) -> Bool {
    left.configurations == right.configurations && left.boards == right.boards
      && left.everyone == right.everyone && left.announcements == right.announcements
      && left.numbering == right.numbering && left.placeOfOverride == right.placeOfOverride
      && left.swaps == right.swaps && left.leadPages == right.leadPages && left.teamOfShadow == right.teamOfShadow
      && left.absences == right.absences && left.training == right.training && left.pay == right.pay
      && left.handoffs == right.handoffs && left.readying == right.readying && left.nextDeadline == right.nextDeadline
      && left.owedTimelines.first(.max) == right.owedTimelines.first(.max)
      && left.owedToNotifier.first(.max) == right.owedToNotifier.first(.max)
  }
}
