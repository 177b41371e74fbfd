import CivilTime
import Machinery
import Messages

/// By which others get to know a team's schedule: new promises, a new timeline for the escalator, words for whom they
/// concern, and each gap for the lead when it arises (requirements S3, S5).
extension ScheduleDraft {
  enum Cause {
    case configured, handoff, renewal
    case arranged(String)
  }

  /// Whether somebody took over from somebody since the last timeline. Hourly rotations hand over too often to tell.
  func hasHandoff(_ board: Board) -> Bool {
    guard let published = board.publication?.published else { return false }
    return board.lanes.contains { lane in
      let shift = lane.shift(at: now, absences: board.absences)
      return shift.because == .rotation && shift.fromAt > published.publishedAt && !lane.isHourly
    }
  }

  mutating func publish(_ id: String, because cause: Cause) {
    guard let team = schedules.boards[id]?.team else { return }
    promise(team)
    guard let board = schedules.boards[id] else { return }
    let until = board.horizon(at: now)
    add(
      .published(
        TimelinePublished(
          team: id, generation: (board.publication?.published.generation ?? schedules.numbering.generations) + 1,
          fromAt: now, untilAt: until, publishedAt: now)))
    switch cause {
    case .configured:
      let promised = board.publishedUntil.map { "schedule published until \($0.short(in: zone(of: team))). " } ?? ""
      tell(team, promised + holders(of: board, team))
    case .handoff: tell(team, holders(of: board, team))
    case .arranged(let words): tell(team, words)
    case .renewal: break
    }
    tellGaps(of: board, team)
    answerPages(of: team)
  }

  /// So many gaps at once are told one by one; of further ones their number.
  private static let gapsTold = 6

  private mutating func tellGaps(of board: Board, _ team: Team) {
    let gaps = board.gaps(from: now)
    guard gaps != board.toldGaps else { return }
    let news = board.news(among: gaps)
    for gap in news.prefix(Self.gapsTold) { tellLead(team, words(for: gap, of: team)) }
    if news.count > Self.gapsTold {
      tellLead(
        team, "and \(news.count - Self.gapsTold) more gaps until \(board.outlook(at: now).short(in: zone(of: team)))")
    }
    add(.gapsKnown(GapsKnown(team: team.id, gaps: gaps)))
  }

  /// Shifts up to four weeks ahead become promises, and whoever holds one hears of it.
  private mutating func promise(_ team: Team) {
    guard let board = schedules.boards[team.id],
      let promises = board.promises(until: board.promiseEnd(at: now), at: now)
    else { return }
    add(.schedulePublished(promises))
    let quick = Set(board.lanes.filter(\.isHourly).map(\.tier))
    var shifts: [String: [PublishedShift]] = [:]
    for shift in promises.shifts where !shift.person.isEmpty && !quick.contains(shift.tier) {
      shifts[shift.person, default: []].append(shift)
    }
    for (person, held) in shifts.sorted(by: { $0.key < $1.key }) {
      let lines = held.sorted { $0.fromAt < $1.fromAt }.prefix(12).map {
        "\(Self.name(ofTier: $0.tier)) \(words(from: $0.fromAt, until: $0.untilAt, in: team))"
      }
      tell(person, of: team, "published for you: \(lines.joined(separator: "; "))")
    }
  }

  /// "On call until Mon 30 Nov 00:00 UTC: primary Ana, secondary Bea. Next: primary Bea, secondary Cem."
  private func holders(of board: Board, _ team: Team) -> String {
    let handoff = board.nextHandoff(after: now)
    guard handoff < .distantFuture else { return "On call: \(list(board, at: now))." }
    return
      "On call until \(handoff.short(in: zone(of: team))): \(list(board, at: now)). Next: \(list(board, at: handoff))."
  }

  private func list(_ board: Board, at instant: Instant) -> String {
    board.lanes.map { lane in
      "\(Self.name(ofTier: lane.tier)) \(name(lane.shift(at: instant, absences: board.absences).person))"
    }.joined(separator: ", ")
  }

  // MARK: How telling went

  mutating func settleTimeline(_ settlement: Settlement) {
    let id = settlement.key.id
    guard let board = schedules.boards[id], let publication = board.publication,
      settlement.key.generation > publication.handedOver,
      settlement.key.generation <= publication.published.generation
    else { return }
    note(.handedOver(TimelineHandedOver(team: id, generation: settlement.key.generation)))
    guard settlement.status != .ok, let team = board.team else { return }
    tellLead(
      team,
      "the escalator refused the schedule (\(settlement.status.name): \(settlement.words)); it pages by the one before")
  }

  mutating func settleAnnouncement(_ settlement: Settlement) {
    guard let made = schedules.announcements[settlement.key.id] else { return settlePage(settlement) }
    note(.announcementHandedOver(AnnouncementHandedOver(id: made.id)))
    guard settlement.status != .ok, !made.channel.isEmpty, let team = schedules.boards[made.team]?.team,
      !team.lead.isEmpty
    else { return }
    tellLead(
      team, "\(made.channel) could not be told (\(settlement.status.name): \(settlement.words)): \(made.text)")
  }

  private mutating func settlePage(_ settlement: Settlement) {
    guard let page = schedules.leadPages[settlement.key.id] else { return settleTest(settlement) }
    note(.leadPageHandedOver(LeadPageHandedOver(id: page.made.id, generation: settlement.key.generation)))
    guard settlement.status != .ok, let team = schedules.boards[page.made.team]?.team else { return }
    tell(team, "\(name(page.made.person)) could not be paged (\(settlement.words)): \(page.made.text)")
  }
}
