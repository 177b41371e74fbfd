import Machinery
import Messages

/// What is known of readiness: who ticked what of whose lists, and which reminders were given (requirement S10).
struct ReadinessBook: Sendable {
  /// What one person did, oldest first.
  struct Kept: Hashable, Sendable {
    var ticks: [ReadinessTicked] = []

    var oldest: Instant? { ticks.first?.tickedAt }
  }

  private(set) var kept: [String: Kept] = [:]
  /// Until when each team's reminders are given.
  private(set) var checked: [String: Instant] = [:]
  /// When each team's next reminder is due, which follows from its schedule.
  var due = DueTimes()
  /// When a person's oldest record is too old.
  private var outdating = DueTimes()

  /// What is done counts for a shift that begins within a week: who takes over twice in it needn't begin anew.
  static let counts = Span.days(7)
  /// About thirteen months.
  static let memory = Span.days(400)

  /// The latest tick of an item that counts for a shift.
  func tick(_ item: String, of takeover: Takeover, in team: String) -> ReadinessTicked? {
    kept[takeover.incoming]?.ticks.last {
      $0.team == team && $0.item == item && takeover.from - Self.counts <= $0.tickedAt && $0.tickedAt < takeover.until
    }
  }

  var nextDue: Instant? { [due.next?.due, outdating.next?.due].compactMap { $0 }.min() }

  /// A person with records that are too old.
  func outdated(at now: Instant) -> String? { outdating.next.flatMap { $0.due <= now ? $0.key : nil } }

  mutating func apply(_ fact: ScheduleFact) {
    switch fact.kind {
    case .readinessTicked(let ticked):
      change(ticked.person) { kept in
        guard ticked.undo else { return kept.ticks.append(ticked) }
        let index = kept.ticks.lastIndex { $0.team == ticked.team && $0.item == ticked.item }
        if let index { kept.ticks.remove(at: index) }
      }
    case .readinessChecked(let known): checked[known.team] = known.untilAt
    case .readinessForgotten(let forgotten):
      change(forgotten.person) { kept in kept.ticks.removeAll { $0.tickedAt < forgotten.beforeAt } }
    default: break
    }
  }

  /// Nothing is reminded of that was before a team's first schedule.
  mutating func begin(_ team: String, at instant: Instant) {
    if checked[team] == nil { checked[team] = instant }
  }

  /// The clock went back: what lies ahead again is reminded of again.
  mutating func clockStepped(by span: Span) {
    for team in checked.keys { checked[team] = checked[team].map { $0 + span } }
  }

  private mutating func change(_ person: String, _ edit: (inout Kept) -> Void) {
    edit(&kept[person, default: Kept()])
    let oldest = kept[person]?.oldest
    if oldest == nil { kept[person] = nil }
    outdating.set(person, to: oldest.map { $0 + Self.memory })
  }

  /// The facts that lead to the same knowledge again.
  var condensed: [ScheduleFact.Kind] {
    var kinds: [ScheduleFact.Kind] = checked.sorted { $0.key < $1.key }.map {
      .readinessChecked(ReadinessChecked(team: $0.key, untilAt: $0.value))
    }
    for (_, one) in kept.sorted(by: { $0.key < $1.key }) { kinds += one.ticks.map { .readinessTicked($0) } }
    return kinds
  }
}

/// When things are due follows from what they are.
extension ReadinessBook: Equatable {
  static func == (left: ReadinessBook, right: ReadinessBook) -> Bool {
    left.kept == right.kept && left.checked == right.checked && left.nextDue == right.nextDue
  }
}
