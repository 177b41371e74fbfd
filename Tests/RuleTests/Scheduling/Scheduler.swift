import CivilTime
import Machinery
import Messages
import Scheduling

/// A scheduler with a clock to turn; the escalator and the notifier take what they are owed at once.
struct Scheduler {
  var rules = Schedules(zones: SystemZones.all)
  var now: Instant
  /// What the escalator was handed, in order.
  private(set) var timelines: [Timeline] = []
  /// "tara: ..." or "#platform-alerts: ...", in order.
  private(set) var said: [String] = []
  private(set) var facts: [(fact: ScheduleFact, at: Instant)] = []

  init(_ configuration: ScheduleConfiguration? = nil, at now: Instant) throws {
    self.now = now
    if let configuration { try configure(configuration) }
  }

  @discardableResult
  mutating func configure(_ configuration: ScheduleConfiguration) throws -> ConfigureReply {
    let decision = try rules.decide(.configure(configuration, by: "ops"), at: now)
    remember(decision.facts)
    guard case .configured(let reply) = decision.answer else { return ConfigureReply() }
    return reply
  }

  @discardableResult
  mutating func override(
    _ person: String, tier: UInt32 = 1, from: Instant = .unset, until: Instant
  ) throws -> OverrideReply {
    let request = OverrideRequest(
      team: "platform", tier: tier, person: person, fromAt: from, untilAt: until, reason: "dentist", by: "tara")
    let decision = try rules.decide(.addOverride(request), at: now)
    remember(decision.facts)
    guard case .overridden(let reply) = decision.answer else { return OverrideReply() }
    return reply
  }

  mutating func removeOverride(_ id: String) throws {
    remember(
      try rules.decide(.removeOverride(OverrideRemoval(overrideId: id, reason: "back", by: "tara")), at: now).facts)
  }

  /// Turn the clock, stopping wherever something is due.
  mutating func wait(until end: Instant, atEachStop: (Scheduler) -> Void = { _ in }) {
    while let due = rules.nextDeadline, due <= end {
      now = max(now, due)
      turn()
      atEachStop(self)
    }
    now = end
  }

  mutating func wait(_ span: Span) { wait(until: now + span) }

  /// Who holds a tier; "" for nobody.
  func holder(_ tier: UInt32 = 1, at instant: Instant, knownAt: Instant = .unset) throws -> String {
    let shifts = try shifts(tier, at: instant, knownAt: knownAt)
    guard shifts.count == 1 else { throw Refusal(.internal, "tier \(tier) has \(shifts.count) holders") }
    return shifts[0].person
  }

  func shifts(_ tier: UInt32, at instant: Instant, knownAt: Instant = .unset) throws -> [Shift] {
    try rules.onCall(OnCallRequest(team: "platform", tier: tier, at: instant, knownAt: knownAt), now: now).shifts
  }

  func show(from: Instant, until: Instant, tier: UInt32) throws -> [Shift] {
    try rules.show(ShowRequest(team: "platform", fromAt: from, untilAt: until), now: now).shifts.filter {
      $0.tier == tier
    }
  }

  private mutating func remember(_ made: [ScheduleFact]) {
    for fact in made {
      rules.apply(fact, at: now)
      facts.append((fact, now))
    }
    turn()
  }

  private mutating func turn() {
    while let due = rules.nextDeadline, due <= now {
      let made = rules.lapse(at: now)
      precondition(!made.isEmpty, "something is due at \(due) and nothing came of it")
      for fact in made {
        rules.apply(fact, at: now)
        facts.append((fact, now))
      }
    }
    for peer in [Peer.escalator, .notifier] {
      for debt in rules.owed(to: peer, limit: 1_000) {
        switch debt {
        case .timeline(let timeline): timelines.append(timeline)
        case .announcement(let post): said.append("\(post.person.isEmpty ? post.channel : post.person): \(post.text)")
        }
        for fact in rules.settle(Settlement(peer: peer, key: debt.key, status: .ok), at: now) {
          rules.apply(fact, at: now)
          facts.append((fact, now))
        }
      }
    }
  }
}

extension Instant {
  /// "2026-11-24" or "2026-11-24T03:00:00", in UTC.
  static func utc(_ text: String) -> Instant {
    Instant(rfc3339: text.count == 10 ? text + "T00:00:00Z" : text + "Z") ?? .unset
  }
}

extension ScheduleConfiguration {
  static let engineers = ["ana", "ben", "cai", "dee", "eli", "fay", "gus", "hal"]

  /// The procedure's team as it is shipped: this week's secondary is next week's primary, the lead changes every
  /// second week.
  static func platform(starts: String = "2025-10-06") -> ScheduleConfiguration {
    ScheduleConfiguration(
      people: (engineers + ["tara", "theo", "vera"]).map { Person(id: $0, team: "platform", timeZone: "UTC") },
      teams: [Team(id: "platform", calendar: .office, lead: "tara", executives: ["vera"])],
      rotations: [
        weekly("primary", 1, engineers, starts), weekly("secondary", 2, engineers, starts, offset: 1),
        weekly("tertiary", 3, ["tara", "theo"], starts, shiftsPerTurn: 2),
      ])
  }

  private static func weekly(
    _ id: String, _ tier: UInt32, _ members: [String], _ starts: String, shiftsPerTurn: UInt32 = 1, offset: UInt32 = 0
  ) -> Rotation {
    Rotation(
      id: id, team: "platform", tier: tier, members: members, unit: .weeks, length: 1, shiftsPerTurn: shiftsPerTurn,
      timeZone: "UTC", handoffWeekday: 1, startDate: starts, offset: offset)
  }

  /// One rotation on every tier, in some zone.
  static func everywhere(
    _ zone: String, _ unit: ShiftUnit, _ length: UInt32, starts: String, minute: UInt32, members: [String] = engineers
  ) -> ScheduleConfiguration {
    var configuration = platform(starts: starts)
    for index in configuration.rotations.indices {
      configuration.rotations[index].members = members
      configuration.rotations[index].offset = UInt32(index % members.count)
      configuration.rotations[index].unit = unit
      configuration.rotations[index].length = length
      configuration.rotations[index].shiftsPerTurn = 1
      configuration.rotations[index].timeZone = zone
      configuration.rotations[index].handoffMinute = minute
      configuration.rotations[index].handoffWeekday = 0
    }
    return configuration
  }
}

extension Calendar {
  static let office = Calendar(
    timeZone: "UTC", workFromMinute: 540, workUntilMinute: 1_020, workWeekdays: [1, 2, 3, 4, 5])
}
