import CivilTime
import Machinery
import Messages

/// What the scheduler knows: people, teams, rotations and overrides, as they are and as they were, and who has been told.
///
/// Who is on call is never stored: it follows from these by `Lane.shift(at:)`. Facts say what was configured, what was
/// accepted, and which timelines and words have been handed over.
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
  var boards: [String: Board] = [:]
  var placeOfOverride: [String: Place] = [:]
  var announcements: [String: AnnouncementMade] = [:]
  var numbering = ScheduleNumbering()
  /// When each team's timeline must be made again.
  var renewals = DueTimes()
  var owedTimelines = DebtQueue(urgencies: 1)
  var owedAnnouncements = DebtQueue(urgencies: 1)

  public init(zones: TimeZones) {
    self.zones = zones
  }

  public var configuration: ScheduleConfiguration {
    configurations.last?.configuration ?? ScheduleConfiguration()
  }

  /// How many teams it schedules.
  public var openCount: Int { renewals.count }

  // MARK: Deciding

  public func decide(_ input: ScheduleInput, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer>
  {
    switch input {
    case .configure(let configuration, let by): try configure(configuration, by: by, at: now)
    case .addOverride(let request): try addOverride(request, at: now)
    case .removeOverride(let removal): try removeOverride(removal, at: now)
    }
  }

  /// A handoff, or a week without one: the timeline moves on, so that four weeks are always published.
  public func lapse(at now: Instant) -> [ScheduleFact] {
    guard let next = renewals.next, next.due <= now, let board = boards[next.key] else { return [] }
    var writer = PublicationWriter(schedules: self, at: now)
    writer.publish(next.key, board, because: writer.hasHandoff(board) ? .handoff : .renewal)
    return writer.facts
  }

  public var nextDeadline: Instant? { renewals.next?.due }

  // MARK: Debts

  public func debts(to peer: Peer) -> DebtQueue? {
    switch peer {
    case .escalator: owedTimelines
    case .notifier: owedAnnouncements
    default: nil
    }
  }

  public func debt(_ id: String, to peer: Peer) -> ScheduleDebt? {
    switch peer {
    case .escalator where owedTimelines.contains(id):
      boards[id]?.timeline(people: everyone).map(ScheduleDebt.timeline)
    case .notifier:
      announcements[id].map { made in
        .announcement(Post(id: made.id, channel: made.channel, text: made.text, team: made.team, person: made.person))
      }
    default: nil
    }
  }

  public func settle(_ settlement: Settlement, at now: Instant) -> [ScheduleFact] {
    guard !settlement.status.isWorthRetrying else { return [] }
    var writer = PublicationWriter(schedules: self, at: now)
    switch settlement.peer {
    case .escalator: writer.settleTimeline(settlement)
    case .notifier: writer.settleAnnouncement(settlement)
    default: break
    }
    return writer.facts
  }

  public mutating func restarted(at instant: Instant) {}

  public mutating func peerLost(_ peer: Peer, at instant: Instant) {
    guard peer == .escalator else { return }
    for id in boards.keys.sorted() {
      guard boards[id]?.team != nil, let generation = boards[id]?.publication?.published.generation else { continue }
      boards[id]?.publication?.handedOver = 0
      owedTimelines.owe(DebtKey(id: id, generation: generation), urgency: 0, since: instant)
    }
  }

  public mutating func skipNumbers() {
    numbering.announcements += 1_000
    numbering.overrides += 1_000
    numbering.generations += 1_000
    for id in boards.keys { boards[id]?.publication?.published.generation += 1_000 }
    peerLost(.escalator, at: .unset)
  }

  /// Shifts are civil time and stay. But timelines made in a future that turned out not to be now begin too late: make
  /// them all again.
  public mutating func clockStepped(by span: Span) {
    guard span < .zero else { return }
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
      && left.nextDeadline == right.nextDeadline
      && left.owedTimelines.first(.max) == right.owedTimelines.first(.max)
      && left.owedAnnouncements.first(.max) == right.owedAnnouncements.first(.max)
  }
}
