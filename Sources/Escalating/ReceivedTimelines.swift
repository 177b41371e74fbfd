import CivilTime
import Messages

/// Who holds which tier, as the scheduler last told: paging goes on from it when the scheduler is down (E9).
struct ReceivedTimelines: Sendable {
  struct Team: Sendable {
    var timeline: Timeline
    /// Shifts of each tier in order of time.
    var shifts: [UInt32: [Shift]]
    var names: [String: String]
    /// nil when the calendar can't be read: then every hour is open.
    var business: BusinessTime?

    init(_ timeline: Timeline, zones: TimeZones) {
      self.timeline = timeline
      shifts = Dictionary(grouping: timeline.shifts, by: \.tier).mapValues { $0.sorted { $0.fromAt < $1.fromAt } }
      names = Dictionary(timeline.people.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
      business = timeline.calendar.flatMap { try? BusinessTime($0, zones: zones) }
    }
  }
  /// Whom to page on a tier, and why them.
  struct Holders: Hashable, Sendable {
    var people: [String]
    var because: String
    /// The schedule's last published instant, when it is over.
    var pastHorizon: Instant?
  }
  private var teams: [String: Team] = [:]
  /// Who stands behind each team, as configured: they are paged as long as no schedule of any team has come (E9).
  private var contacts: [String: Team] = [:]
  /// The default team, where there is one: answers for those that nobody knows.
  private var firstContacts = ""
  /// How many teams know a person.
  private var memberships: [String: Int] = [:]
  /// The first team in order of name: answers for those that nobody knows.
  private var first = ""

  var isEmpty: Bool { teams.isEmpty }
  var all: [Timeline] { teams.keys.sorted().compactMap { teams[$0]?.timeline } }

  /// Whether this says something newer than what is known.
  func isNews(_ timeline: Timeline) -> Bool {
    teams[timeline.team].map { timeline.generation > $0.timeline.generation } ?? true
  }

  func hasSchedule(of team: String) -> Bool { teams[team] != nil }

  func hasContacts(_ team: String) -> Bool { contacts[team] != nil }

  /// Whether a schedule goes on at an instant.
  func goesOn(_ team: String, at now: Instant) -> Bool { teams[team].map { $0.timeline.untilAt > now } ?? false }

  mutating func remember(_ timeline: Timeline, zones: TimeZones) {
    for person in (teams[timeline.team]?.names ?? [:]).keys {
      let others = memberships[person, default: 1] - 1
      memberships[person] = others == 0 ? nil : others
    }
    let team = Team(timeline, zones: zones)
    for person in team.names.keys { memberships[person, default: 0] += 1 }
    if teams.isEmpty || timeline.team < first { first = timeline.team }
    teams[timeline.team] = team
  }

  /// - Parameter first: the default team.
  mutating func remember(contacts all: [Timeline], first: String, zones: TimeZones) {
    contacts = Dictionary(all.map { ($0.team, Team($0, zones: zones)) }, uniquingKeysWith: { $1 })
    firstContacts = contacts[first] == nil ? contacts.keys.min() ?? "" : first
  }

  func lead(of team: String) -> String? {
    known(team).flatMap { $0.timeline.lead.isEmpty ? nil : $0.timeline.lead }
  }
  func managers(of team: String) -> [String] { known(team)?.timeline.managers ?? [] }
  func business(of team: String) -> BusinessTime? { known(team)?.business }
  func name(of person: String, in team: String) -> String { known(team)?.names[person] ?? person }

  /// Whether any team knows this person.
  func knows(_ person: String) -> Bool {
    memberships[person] != nil || teams.isEmpty && contacts.values.contains { $0.names[person] != nil }
  }

  /// Whether a team's schedule names a person; where there is none of the team, that of the one that is paged instead.
  func names(_ person: String, in team: String) -> Bool { known(team)?.names[person] != nil }

  /// Who gets copies of the pages of the tiers that a person holds at an instant (P4, S10).
  func shadows(of person: String, team: String, at instant: Instant) -> [Shadow] {
    guard let known = known(team), !known.timeline.shadows.isEmpty else { return [] }
    return known.timeline.shadows.filter { shadow in
      shadow.fromAt <= instant && instant < shadow.untilAt
        && holders(of: known, tier: shadow.tier, at: instant).people.contains(person)
    }
  }

  /// The holders of a tier at an instant; nobody for a gap, with the reason. An alert that was accepted for a team of which
  /// no schedule came reaches the first team there is: it must reach somebody.
  func holders(team: String, tier: UInt32, at instant: Instant) -> Holders {
    guard let known = known(team) else { return Holders(people: [], because: Self.noSchedule) }
    guard !teams.isEmpty else { return holders(withoutScheduleOf: known.timeline, tier: tier) }
    var holders = holders(of: known, tier: tier, at: instant)
    if known.timeline.team != team {
      holders.because += "; no schedule of team \(team.isEmpty ? "\"\"" : team), so \(known.timeline.team) is paged"
    }
    return holders
  }

  static let noSchedule = "no schedule was received yet"

  /// Tiers that rotate can't be known; who leads a team, and its tier 4, are no matter of a schedule.
  private func holders(withoutScheduleOf team: Timeline, tier: UInt32) -> Holders {
    switch tier {
    case 3 where !team.lead.isEmpty:
      Holders(people: [team.lead], because: "\(Self.noSchedule), so the lead of team \(team.team) is paged")
    case 4 where !team.executives.isEmpty:
      Holders(people: team.executives, because: "tier 4 contact list of team \(team.team); \(Self.noSchedule)")
    default: Holders(people: [], because: Self.noSchedule)
    }
  }

  private func known(_ team: String) -> Team? {
    teams.isEmpty ? contacts[team] ?? contacts[firstContacts] : teams[team] ?? teams[first]
  }

  private func holders(of team: Team, tier: UInt32, at instant: Instant) -> Holders {
    let id = team.timeline.team
    if tier == 4 {
      let executives = team.timeline.executives
      return Holders(
        people: executives, because: executives.isEmpty ? "team \(id) has no tier 4 contacts" : "tier 4 contact list")
    }
    guard let shifts = team.shifts[tier], let first = shifts.first, let last = shifts.last else {
      return Holders(people: [], because: "team \(id) has no tier \(tier)")
    }
    var asked = instant
    var remark = ""
    var pastHorizon: Instant?
    if instant >= last.untilAt, let cycle = team.timeline.cycles.first(where: { $0.tier == tier })?.every, cycle > .zero
    {
      let beyond = (instant - last.untilAt).milliseconds / cycle.milliseconds + 1
      asked = instant - cycle * beyond
      remark = ", extrapolated past the published schedule"
      pastHorizon = last.untilAt
    }
    if asked < first.fromAt {
      asked = first.fromAt
      remark = ", from the first shift that was published"
    }
    guard let shift = shift(at: asked, in: shifts), !shift.person.isEmpty else {
      return Holders(people: [], because: "tier \(tier) is not covered\(remark)", pastHorizon: pastHorizon)
    }
    return Holders(people: [shift.person], because: shift.explanation + remark, pastHorizon: pastHorizon)
  }

  private func shift(at instant: Instant, in shifts: [Shift]) -> Shift? {
    var low = 0
    var high = shifts.count
    while low < high {
      let middle = (low + high) / 2
      if shifts[middle].fromAt <= instant { low = middle + 1 } else { high = middle }
    }
    guard low > 0, instant < shifts[low - 1].untilAt else { return nil }
    return shifts[low - 1]
  }
}
