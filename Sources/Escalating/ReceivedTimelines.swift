import Messages

/// Who holds which tier, as the scheduler last told: paging goes on from it when the scheduler is down (E9).
struct ReceivedTimelines: Hashable, Sendable {
  struct Team: Hashable, Sendable {
    var timeline: Timeline
    /// Shifts of each tier in order of time.
    var shifts: [UInt32: [Shift]] = [:]
    var names: [String: String] = [:]
  }
  /// Whom to page on a tier, and why them.
  struct Holders: Hashable, Sendable {
    var people: [String]
    var because: String
  }
  private(set) var teams: [String: Team] = [:]

  var all: [Timeline] { teams.keys.sorted().compactMap { teams[$0]?.timeline } }

  /// Whether this says something newer than what is known.
  func isNews(_ timeline: Timeline) -> Bool {
    teams[timeline.team].map { timeline.generation > $0.timeline.generation } ?? true
  }

  mutating func remember(_ timeline: Timeline) {
    var team = Team(timeline: timeline)
    team.shifts = Dictionary(grouping: timeline.shifts, by: \.tier).mapValues { $0.sorted { $0.fromAt < $1.fromAt } }
    team.names = Dictionary(timeline.people.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    teams[timeline.team] = team
  }

  func lead(of team: String) -> String? { nonEmpty(teams[team]?.timeline.lead) }
  func managers(of team: String) -> [String] { teams[team]?.timeline.managers ?? [] }
  func calendar(of team: String) -> Calendar? { teams[team]?.timeline.calendar }
  func name(of person: String, in team: String) -> String { teams[team]?.names[person] ?? person }

  /// Whether any team knows this person.
  func knows(_ person: String) -> Bool { teams.values.contains { $0.names[person] != nil } }

  /// The holders of a tier at an instant; nobody for a gap or an unknown team, with the reason.
  func holders(team: String, tier: UInt32, at instant: Instant) -> Holders {
    guard let known = teams[team] else {
      return Holders(people: [], because: "no schedule of team \(team) was received")
    }
    if tier == 4 {
      return Holders(
        people: known.timeline.executives,
        because: known.timeline.executives.isEmpty ? "team \(team) has no tier 4 contacts" : "tier 4 contact list")
    }
    guard let shifts = known.shifts[tier], let last = shifts.last else {
      return Holders(people: [], because: "team \(team) has no tier \(tier)")
    }
    var asked = instant
    var remark = ""
    if instant >= last.untilAt, let cycle = known.timeline.cycles.first(where: { $0.tier == tier })?.every,
      cycle > .zero
    {
      let beyond = (instant - last.untilAt).milliseconds / cycle.milliseconds + 1
      asked = instant - cycle * beyond
      remark = ", extrapolated past the published schedule"
    }
    if let first = shifts.first, asked < first.fromAt {
      asked = first.fromAt
      remark = ", from the first shift that was published"
    }
    guard let shift = shift(at: asked, in: shifts), !shift.person.isEmpty else {
      return Holders(people: [], because: "tier \(tier) is not covered\(remark)")
    }
    return Holders(people: [shift.person], because: shift.explanation + remark)
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

  private func nonEmpty(_ text: String?) -> String? {
    guard let text, !text.isEmpty else { return nil }
    return text
  }
}
