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
  /// The notifier can't send by it.
  var brokenChannel = ""
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

  /// Any edit; its answer.
  @discardableResult
  mutating func decide(_ input: ScheduleInput) throws(Refusal) -> ScheduleAnswer {
    let decision = try rules.decide(input, at: now)
    remember(decision.facts)
    return decision.answer
  }

  @discardableResult
  mutating func away(
    _ person: String, _ kind: AbsenceKind = .timeOff, from: Instant = .unset, until: Instant = .unset, by: String? = nil
  ) throws(Refusal) -> AbsenceReply {
    let request = AbsenceRequest(
      person: person, kind: kind, fromAt: from, untilAt: until, reason: "family", by: by ?? person)
    guard case .absent(let reply) = try decide(.requestAbsence(request)) else { return AbsenceReply() }
    return reply
  }

  @discardableResult
  mutating func train(
    _ person: String, _ item: TrainingItem, lost: Bool = false
  ) throws(Refusal) -> PersonEligibility {
    let record = TrainingRecord(person: person, item: item, lost: lost, by: "tara")
    guard case .trained(let reply) = try decide(.recordTraining(record)) else { return PersonEligibility() }
    return reply.eligibility ?? PersonEligibility()
  }

  /// The swap as it stands after somebody asked for it.
  mutating func swap(_ request: SwapRequest) throws(Refusal) -> Swap {
    var request = request
    if request.team.isEmpty { request.team = "platform" }
    if request.tier == 0 { request.tier = 1 }
    guard case .swapped(let reply) = try decide(.requestSwap(request)) else { return Swap() }
    return reply.swap ?? Swap()
  }

  @discardableResult
  mutating func answer(_ swap: Swap, _ person: String, agrees: Bool = true) throws(Refusal) -> SwapReply {
    let answer = SwapAnswer(swapId: swap.id, by: person, agrees: agrees)
    guard case .swapped(let reply) = try decide(.answerSwap(answer)) else { return SwapReply() }
    return reply
  }

  /// The latest code that each test page of a person said, by channel.
  func testCodes(of person: String) -> [String: String] {
    var codes: [String: String] = [:]
    for line in said where line.hasPrefix("page -> \(person): Tocsin's test of ") {
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "of"), let code = line.split(separator: "is ").last else { continue }
      codes[words[place + 1].filter { $0 != ":" }] = code.filter { $0 != " " }
    }
    return codes
  }

  mutating func confirmTestPages(of person: String) throws(Refusal) {
    try decide(.readiness(.test(ReadinessTestRequest(person: person, by: person))))
    for code in testCodes(of: person).values {
      try decide(.readiness(.confirm(ReadinessConfirmation(code: code, by: person))))
    }
  }

  /// Why an edit would not be made; nil when it would.
  func refusal(_ input: ScheduleInput) -> Refusal? {
    do throws(Refusal) {
      _ = try rules.decide(input, at: now)
      return nil
    } catch {
      return error
    }
  }

  /// Holders of a tier, a week each, from a Monday on.
  func weeks(_ count: Int, from monday: String, tier: UInt32 = 1) throws -> [String] {
    try (0..<count).map { try holder(tier, at: .utc(monday) + .days(7 * Int64($0)) + .hours(12)) }
  }

  /// What the fewest facts that say all of this make.
  var restored: Schedules {
    var restored = Schedules(zones: SystemZones.all)
    for fact in rules.condensed() { restored.apply(fact, at: now) }
    return restored
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

  /// The machine's clock is set, and nothing lapses on the way.
  mutating func stepClock(by span: Span) {
    now = now + span
    rules.clockStepped(by: span)
  }

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
        case .page(let page):
          said.append("\(page.wanted ? "page" : "page is over") -> \(page.person): \(page.summary)")
        }
        var settlement = Settlement(peer: peer, key: debt.key, status: .ok)
        if case .page(let page) = debt, page.channels == [brokenChannel] {
          (settlement.status, settlement.words) = (.failedPrecondition, "no \(brokenChannel)")
        }
        for fact in rules.settle(settlement, at: now) {
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
      people: engineers.map { person($0) } + [
        person("tara", .teamLead), person("theo", .teamLead), person("vera", .vp),
      ],
      teams: [Team(id: "platform", calendar: .office, lead: "tara", executives: ["vera"])],
      rotations: [
        weekly("primary", 1, engineers, starts),
        Rotation(id: "secondary", team: "platform", tier: 2, follows: "primary"),
        weekly("tertiary", 3, ["tara", "theo"], starts, shiftsPerTurn: 2),
      ],
      training: (engineers + ["tara", "theo"]).flatMap { trained($0) })
  }

  /// Everything that a person must have done, long ago.
  static func trained(_ person: String, but missing: [TrainingItem] = []) -> [TrainingRecord] {
    TrainingItem.allCases.filter { 1...8 ~= $0.rawValue && !missing.contains($0) }.map {
      TrainingRecord(person: person, item: $0, completedOn: "2025-09-01")
    }
  }

  static func person(_ id: String, _ role: Role = .engineer, team: String = "platform") -> Person {
    Person(id: id, team: team, role: role, timeZone: "UTC")
  }

  static func weekly(
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
      configuration.rotations[index].follows = ""
      configuration.rotations[index].startDate = starts
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
