import CivilTime
import Machinery
import Messages

/// Writes the facts by which others get to know a team's schedule: a new timeline for the escalator, words for the
/// channel, and each gap for the lead when it arises.
struct PublicationWriter {
  enum Cause {
    case configured, handoff, renewal
    case overridden(String)
  }
  static let channel = "#platform-alerts"

  private let schedules: Schedules
  private let now: Instant
  private(set) var facts: [ScheduleFact] = []
  private var announced: UInt64

  /// - Parameter schedules: with everything already applied that the publication should show.
  init(schedules: Schedules, at now: Instant) {
    self.schedules = schedules
    self.now = now
    announced = schedules.numbering.announcements
  }

  /// Whether somebody took over from somebody since the last timeline. Hourly rotations hand over too often to tell.
  func hasHandoff(_ board: Board) -> Bool {
    guard let published = board.publication?.published else { return false }
    return board.lanes.contains { lane in
      let shift = lane.shift(at: now)
      return shift.because == .rotation && shift.fromAt > published.publishedAt && lane.lastTurns?.isHourly == false
    }
  }

  mutating func publish(_ id: String, _ board: Board, because cause: Cause) {
    guard let team = board.team else { return }
    let until = board.horizon(at: now)
    let published = TimelinePublished(
      team: id, generation: (board.publication?.published.generation ?? schedules.numbering.generations) + 1,
      fromAt: now, untilAt: until,
      publishedAt: now)
    facts.append(ScheduleFact(kind: .published(published)))
    switch cause {
    case .configured:
      let zone = zone(of: team)
      tell(team, "\(team.title): schedule published until \(until.short(in: zone)). \(holders(of: board, team))")
    case .handoff: tell(team, "\(team.title): \(holders(of: board, team))")
    case .overridden(let words): tell(team, "\(team.title): \(words)")
    case .renewal: break
    }
    tellGaps(of: board, team, until: until)
  }

  mutating func settleTimeline(_ settlement: Settlement) {
    let id = settlement.key.id
    guard let board = schedules.boards[id], let publication = board.publication,
      settlement.key.generation > publication.handedOver,
      settlement.key.generation <= publication.published.generation
    else { return }
    facts.append(
      ScheduleFact(kind: .handedOver(TimelineHandedOver(team: id, generation: settlement.key.generation))))
    guard settlement.status != .ok, let team = board.team else { return }
    tellLead(
      team,
      "\(team.title): the escalator refused the schedule (\(settlement.status.name): \(settlement.words)); "
        + "it pages by the one before")
  }

  mutating func settleAnnouncement(_ settlement: Settlement) {
    guard let made = schedules.announcements[settlement.key.id] else { return }
    facts.append(ScheduleFact(kind: .announcementHandedOver(AnnouncementHandedOver(id: made.id))))
    guard settlement.status != .ok, !made.channel.isEmpty, let team = schedules.boards[made.team]?.team,
      !team.lead.isEmpty
    else { return }
    tellLead(
      team, "\(made.channel) could not be told (\(settlement.status.name): \(settlement.words)): \(made.text)")
  }

  // MARK: Words

  /// "On call until Mon 30 Nov 00:00 UTC: primary Ana, secondary Bea. Next: primary Bea, secondary Cem."
  private func holders(of board: Board, _ team: Team) -> String {
    let handoff = board.nextHandoff(after: now)
    guard handoff < .distantFuture else { return "On call: \(list(board, at: now))." }
    return
      "On call until \(handoff.short(in: zone(of: team))): \(list(board, at: now)). Next: \(list(board, at: handoff))."
  }

  private func list(_ board: Board, at instant: Instant) -> String {
    board.lanes.map { lane in
      "\(Self.name(ofTier: lane.tier)) \(name(lane.shift(at: instant).person))"
    }.joined(separator: ", ")
  }

  func name(_ person: String) -> String {
    guard !person.isEmpty else { return "nobody" }
    return schedules.everyone[person].flatMap { $0.name.isEmpty ? nil : $0.name } ?? person
  }

  static func name(ofTier tier: UInt32) -> String {
    switch tier {
    case 1: "primary"
    case 2: "secondary"
    case 3: "tertiary"
    default: "tier \(tier)"
    }
  }

  func zone(of team: Team) -> TimeZoneRules { schedules.zones[team.calendar?.timeZone ?? ""] ?? .utc }

  /// "nobody is tertiary from Mon 24 Nov 09:00 UTC on (tier 3 has no rotation)"
  func words(for gap: Shift, of team: Team) -> String {
    let zone = zone(of: team)
    let end = gap.untilAt == .distantFuture ? "on" : "until \(gap.untilAt.short(in: zone))"
    let from = max(gap.fromAt, now).short(in: zone)
    return "nobody is \(Self.name(ofTier: gap.tier)) from \(from) \(end) (\(gap.explanation))"
  }

  // MARK: Facts

  /// A gap is news unless it lies within one that the lead knows.
  func newGaps(of board: Board, until: Instant) -> [Shift] {
    board.gaps(from: now, until: until).filter { gap in
      !board.toldGaps.contains { $0.tier == gap.tier && $0.fromAt <= gap.fromAt && gap.untilAt <= $0.untilAt }
    }
  }

  private mutating func tellGaps(of board: Board, _ team: Team, until: Instant) {
    let gaps = board.gaps(from: now, until: until)
    guard gaps != board.toldGaps else { return }
    for gap in newGaps(of: board, until: until) { tellLead(team, "\(team.title): \(words(for: gap, of: team))") }
    facts.append(ScheduleFact(kind: .gapsKnown(GapsKnown(team: team.id, gaps: gaps))))
  }

  private mutating func tell(_ team: Team, _ text: String) {
    announce(AnnouncementMade(team: team.id, channel: Self.channel, text: text))
  }

  /// To the lead, or to the channel when the team names none.
  private mutating func tellLead(_ team: Team, _ text: String) {
    guard !team.lead.isEmpty else { return tell(team, text) }
    announce(AnnouncementMade(team: team.id, person: team.lead, text: text))
  }

  private mutating func announce(_ announcement: AnnouncementMade) {
    var announcement = announcement
    announced += 1
    announcement.id = "schedule/\(announced)"
    facts.append(ScheduleFact(kind: .announced(announcement)))
  }
}

extension Team {
  /// What people call it.
  var title: String { name.isEmpty ? id : name }
}
