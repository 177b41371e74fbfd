import CivilTime
import Machinery
import Messages

/// What is known of readiness and daily tasks: who ticked what, who confirmed which test page, and which reminders were given
/// (requirements S10, S11).
struct ReadinessBook: Sendable {
  /// What one person did, oldest first.
  struct Kept: Hashable, Sendable {
    var ticks: [ReadinessTicked] = []
    var confirmed: [ReadinessConfirmed] = []
    /// By channel: the test page whose code is waited for.
    var tests: [String: TestPage] = [:]

    var oldest: Instant? {
      ([ticks.first?.tickedAt, confirmed.first?.confirmedAt] + tests.values.map(\.made.askedAt)).compactMap { $0 }.min()
    }
  }

  private(set) var kept: [String: Kept] = [:]
  /// Whose each test page is that waits for its code.
  private var personOfTest: [String: String] = [:]
  var testsNumbered: UInt64 = 0
  /// Until when each team's reminders are given.
  private(set) var checked: [String: Instant] = [:]
  /// By team, then date, then task.
  private(set) var daily: [String: [String: [String: DailyTaskTicked]]] = [:]
  /// Until when each team's reminders of daily tasks are given.
  private(set) var reminded: [String: Instant] = [:]
  /// When each team's daily tasks are next reminded of.
  var dailyDue = DueTimes()
  /// When each team's next reminder is due, which follows from its schedule.
  var due = DueTimes()
  /// When the oldest record of a person ("person/ana") or team is too old.
  private var outdating = DueTimes()

  /// What is done counts for a shift that begins within a week: who takes over twice in it needn't begin anew.
  static let counts = Span.days(7)
  /// About thirteen months.
  static let memory = Span.days(400)

  /// The first page of a channel that a person confirmed in a span.
  func confirmation(_ channel: String, of person: String, from: Instant, until: Instant) -> ReadinessConfirmed? {
    kept[person]?.confirmed.first { $0.channel == channel && from <= $0.confirmedAt && $0.confirmedAt < until }
  }

  func tests(of person: String) -> [String: TestPage] { kept[person]?.tests ?? [:] }

  /// A test page that waits for its code.
  func test(_ id: String) -> TestPage? {
    personOfTest[id].flatMap { kept[$0]?.tests.values.first { $0.made.id == id } }
  }

  /// The test pages that wait to be sent no more once a fact has happened.
  func settled(by fact: ScheduleFact) -> [String] {
    switch fact.kind {
    case .readinessTested(let tested): [tests(of: tested.person)[tested.channel]?.made.id].compactMap { $0 }
    case .readinessTestSent(let sent): [sent.id]
    case .readinessConfirmed(let confirmed): [confirmed.id]
    case .readinessForgotten(let forgotten):
      tests(of: forgotten.person).values.filter { $0.made.askedAt < forgotten.beforeAt }.map(\.made.id).sorted()
    default: []
    }
  }

  /// The latest tick of an item that counts for a shift.
  func tick(_ item: String, of takeover: Takeover, in team: String) -> ReadinessTicked? {
    kept[takeover.incoming]?.ticks.last {
      $0.team == team && $0.item == item && takeover.from - Self.counts <= $0.tickedAt && $0.tickedAt < takeover.until
    }
  }

  var nextDue: Instant? { [due.next?.due, dailyDue.next?.due, outdating.next?.due].compactMap { $0 }.min() }

  func dailyTick(_ task: String, on date: String, of team: String) -> DailyTaskTicked? { daily[team]?[date]?[task] }

  /// "person/ana" or "team/platform", whose records are too old.
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
    case .dailyTaskTicked(let ticked):
      guard let tick = ticked.tick else { return }
      daily[tick.team, default: [:]][tick.date, default: [:]][tick.task] = tick.undo ? nil : ticked
      timeDaily(tick.team)
    case .dailyTasksReminded(let known): reminded[known.team] = known.untilAt
    case .readinessForgotten(let forgotten) where !forgotten.team.isEmpty:
      daily[forgotten.team] = daily[forgotten.team]?.filter { date, _ in
        Self.begin(of: date) >= forgotten.beforeAt
      }
      timeDaily(forgotten.team)
    case .readinessTested(let tested):
      testsNumbered += 1
      change(tested.person) { kept in kept.tests[tested.channel] = TestPage(made: tested) }
    case .readinessTestSent(let sent):
      guard let test = test(sent.id) else { return }
      change(test.made.person) { kept in kept.tests[test.made.channel]?.words = sent.words }
    case .readinessConfirmed(let confirmed):
      change(confirmed.person) { kept in
        if kept.tests[confirmed.channel]?.made.id == confirmed.id { kept.tests[confirmed.channel] = nil }
        kept.confirmed.append(confirmed)
      }
    case .readinessForgotten(let forgotten):
      change(forgotten.person) { kept in
        kept.ticks.removeAll { $0.tickedAt < forgotten.beforeAt }
        kept.confirmed.removeAll { $0.confirmedAt < forgotten.beforeAt }
        kept.tests = kept.tests.filter { $0.value.made.askedAt >= forgotten.beforeAt }
      }
    case .readinessNumbering(let known): testsNumbered = known.tests
    default: break
    }
  }

  /// Nothing is reminded of that was before a team's first schedule.
  mutating func begin(_ team: String, at instant: Instant) {
    if checked[team] == nil { checked[team] = instant }
    if reminded[team] == nil { reminded[team] = instant }
  }

  /// The clock went back: what lies ahead again is reminded of again.
  mutating func clockStepped(by span: Span) {
    checked = checked.mapValues { $0 + span }
    reminded = reminded.mapValues { $0 + span }
  }

  private mutating func change(_ person: String, _ edit: (inout Kept) -> Void) {
    for test in tests(of: person).values { personOfTest[test.made.id] = nil }
    edit(&kept[person, default: Kept()])
    for test in tests(of: person).values { personOfTest[test.made.id] = person }
    let oldest = kept[person]?.oldest
    if oldest == nil { kept[person] = nil }
    outdating.set("person/\(person)", to: oldest.map { $0 + Self.memory })
  }

  private mutating func timeDaily(_ team: String) {
    daily[team] = daily[team]?.filter { !$0.value.isEmpty }
    if daily[team]?.isEmpty == true { daily[team] = nil }
    let oldest = daily[team]?.keys.min()
    outdating.set("team/\(team)", to: oldest.map { Self.begin(of: $0) + Self.memory })
  }

  /// Of a date in UTC, which is near enough for forgetting.
  private static func begin(of date: String) -> Instant {
    CivilDate(date).map { TimeZoneRules.utc.instant(of: LocalTime($0, minute: 0)) } ?? .unset
  }

  /// The facts that lead to the same knowledge again; test pages that are still owed stand among what is owed.
  func condensed(but owed: (String) -> Bool) -> [ScheduleFact.Kind] {
    var kinds: [ScheduleFact.Kind] = checked.sorted { $0.key < $1.key }.map {
      .readinessChecked(ReadinessChecked(team: $0.key, untilAt: $0.value))
    }
    kinds += reminded.sorted { $0.key < $1.key }.map {
      .dailyTasksReminded(DailyTasksReminded(team: $0.key, untilAt: $0.value))
    }
    for (_, days) in daily.sorted(by: { $0.key < $1.key }) {
      for (_, tasks) in days.sorted(by: { $0.key < $1.key }) {
        kinds += tasks.sorted { $0.key < $1.key }.map { .dailyTaskTicked($0.value) }
      }
    }
    for (_, one) in kept.sorted(by: { $0.key < $1.key }) {
      kinds += one.ticks.map { .readinessTicked($0) }
      kinds += one.confirmed.map { .readinessConfirmed($0) }
      for (_, test) in one.tests.sorted(by: { $0.key < $1.key }) where !owed(test.made.id) {
        kinds.append(.readinessTested(test.made))
        kinds.append(.readinessTestSent(ReadinessTestSent(id: test.made.id, words: test.words)))
      }
    }
    return kinds
  }

  /// After everything that counts.
  var numbering: [ScheduleFact.Kind] {
    testsNumbered > 0 ? [.readinessNumbering(ReadinessNumbering(tests: testsNumbered))] : []
  }
}

/// When things are due follows from what they are.
extension ReadinessBook: Equatable {
  static func == (left: ReadinessBook, right: ReadinessBook) -> Bool {
    left.kept == right.kept && left.checked == right.checked && left.daily == right.daily
      && left.reminded == right.reminded && left.testsNumbered == right.testsNumbered && left.nextDue == right.nextDue
  }
}
