import CivilTime
import Messages

/// The facts of one decision as they are being put together, and the schedule as it will be with them: what follows from an
/// edit is read off the same function that will answer afterwards.
struct ScheduleDraft {
  private(set) var schedules: Schedules
  let now: Instant
  private(set) var facts: [ScheduleFact] = []

  init(_ schedules: Schedules, at now: Instant) {
    self.schedules = schedules
    self.now = now
  }

  mutating func add(_ kind: ScheduleFact.Kind) {
    let fact = ScheduleFact(kind: kind)
    facts.append(fact)
    schedules.apply(fact, at: now)
  }

  /// A fact that changes nothing that this draft still reads: its schedule stays without it, and needn't become a copy.
  mutating func note(_ kind: ScheduleFact.Kind) { facts.append(ScheduleFact(kind: kind)) }

  // MARK: Words

  func name(_ person: String) -> String { schedules.name(of: person) }

  static func name(ofTier tier: UInt32) -> String {
    switch tier {
    case 1: "primary"
    case 2: "secondary"
    case 3: "tertiary"
    default: "tier \(tier)"
    }
  }

  func zone(of team: Team) -> TimeZoneRules { schedules.zones[team.calendar?.timeZone ?? ""] ?? .utc }

  /// "from Mon 30 Nov 00:00 UTC until Mon 7 Dec 00:00 UTC"
  func words(from: Instant, until: Instant, in team: Team) -> String {
    let zone = zone(of: team)
    let end = until < .distantFuture ? "until \(until.short(in: zone))" : "on"
    return "from \(max(from, now).short(in: zone)) \(end)"
  }

  /// "nobody is tertiary from Mon 24 Nov 09:00 UTC on (tier 3 has no rotation)"
  func words(for gap: Shift, of team: Team) -> String {
    "nobody is \(Self.name(ofTier: gap.tier)) \(words(from: gap.fromAt, until: gap.untilAt, in: team)) "
      + "(\(gap.explanation))"
  }

  // MARK: Telling

  mutating func tell(_ team: Team, _ text: String, channel: String = "#platform-alerts") {
    announce(AnnouncementMade(team: team.id, channel: channel, text: "\(team.title): \(text)"))
  }

  mutating func tell(_ person: String, of team: Team, _ text: String) {
    announce(AnnouncementMade(team: team.id, person: person, text: "\(team.title): \(text)"))
  }

  /// To the lead, or to the channel when the team names none.
  mutating func tellLead(_ team: Team, _ text: String) {
    team.lead.isEmpty ? tell(team, text) : tell(team.lead, of: team, text)
  }

  private mutating func announce(_ announcement: AnnouncementMade) {
    var announcement = announcement
    announcement.id = "schedule/\(schedules.numbering.announcements + 1)"
    add(.announced(announcement))
  }
}

extension Team {
  /// What people call it.
  var title: String { name.isEmpty ? id : name }
}
