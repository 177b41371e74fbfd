import Alerting
import Machinery
import Messages

/// An alert-intake with a clock to turn and an escalator to answer for.
struct Intake {
  /// 2026-11-24 03:00:00 UTC
  static let start = Instant(milliseconds: 1_795_489_200_000)

  var rules: Alerts
  var now = Intake.start
  /// What the escalator says to an alert: nil is OK.
  var escalator: (Alert) -> (status: Status, words: String)? = { _ in nil }
  /// What the escalator was handed, in order.
  private(set) var handedOver: [Alert] = []
  private(set) var facts: [(fact: AlertFact, at: Instant)] = []

  /// - Parameters:
  ///   - number: which of several it is; 0: the only one.
  ///   - intakes: how many of them it knows.
  init(_ configuration: IntakeConfiguration? = .team, number: UInt32 = 0, of intakes: UInt32 = 1) {
    rules = Alerts(intake: number, of: intakes)
    if let configuration { _ = try? configure(configuration) }
  }

  @discardableResult
  mutating func configure(_ configuration: IntakeConfiguration) throws(Refusal) -> ConfigureReply {
    let decision = try rules.decide(.configure(configuration), at: now)
    remember(decision.facts)
    turn()
    guard case .configured(let reply) = decision.answer else { return ConfigureReply() }
    return reply
  }

  @discardableResult
  mutating func publish(_ event: Event) throws(Refusal) -> PublishReply {
    let decision = try rules.decide(.publish(event, traceparent: []), at: now)
    remember(decision.facts)
    turn()
    guard case .published(let reply) = decision.answer else { return PublishReply() }
    return reply
  }

  @discardableResult
  mutating func silence(_ request: SilenceRequest) throws(Refusal) -> String {
    let decision = try rules.decide(.silence(request), at: now)
    remember(decision.facts)
    turn()
    guard case .silence(let reply) = decision.answer else { return "" }
    return reply.silence?.id ?? ""
  }

  /// - Returns: how many alerts page now.
  @discardableResult
  mutating func endSilence(_ id: String, by person: String = "ana") throws(Refusal) -> UInt64 {
    let decision = try rules.decide(.endSilence(SilenceEnding(id: id, by: person, reason: "done")), at: now)
    remember(decision.facts)
    turn()
    guard case .silence(let reply) = decision.answer else { return 0 }
    return reply.alerts
  }

  /// - Returns: when its silence becomes an alert.
  @discardableResult
  mutating func beat(_ name: String, source: String = "") throws(Refusal) -> Instant {
    let decision = try rules.decide(.beat(BeatRequest(name: name), source: source), at: now)
    remember(decision.facts)
    turn()
    guard case .beat(let reply) = decision.answer else { return .unset }
    return reply.dueAt
  }

  mutating func close(_ closing: AlertClosing) throws(Refusal) {
    remember(try rules.decide(.close(closing), at: now).facts)
    turn()
  }

  mutating func wait(_ span: Span) {
    let end = now + span
    while let due = rules.nextDeadline, due <= end {
      now = max(now, due)
      turn()
    }
    now = end
  }

  /// The escalator takes what it is owed.
  mutating func handOver() {
    var rounds = 0
    while case let owed = rules.owed(to: .escalator, limit: .max), !owed.isEmpty {
      rounds += 1
      precondition(rounds < 100, "the same debts are handed over for ever")
      for debt in owed {
        guard case .alert(let alert) = debt else {
          remember(rules.settle(Settlement(peer: .escalator, key: debt.key, status: .ok), at: now))
          continue
        }
        handedOver.append(alert)
        let answer = escalator(alert)
        remember(
          rules.settle(
            Settlement(peer: .escalator, key: debt.key, status: answer?.status ?? .ok, words: answer?.words ?? ""),
            at: now))
      }
      turn()
    }
  }

  /// Another intake takes what it is owed.
  ///
  /// - Returns: how much that was.
  @discardableResult
  mutating func tell(_ other: inout Intake) -> Int {
    let peer = Peer.intake(number: other.rules.number)
    var told = 0
    while case let owed = rules.owed(to: peer, limit: .max), !owed.isEmpty {
      precondition(told < 1_000, "the same is told for ever")
      for debt in owed {
        told += 1
        let status = other.hear(debt, saidAt: now)
        remember(rules.settle(Settlement(peer: peer, key: debt.key, status: status), at: now))
      }
    }
    return told
  }

  private mutating func hear(_ debt: AlertDebt, saidAt: Instant) -> Status {
    guard let shared = Shared(debt, saidAt: saidAt) else { return .internal }
    do throws(Refusal) {
      remember(try rules.decide(.share(shared), at: now).facts)
      turn()
      return .ok
    } catch {
      return error.status
    }
  }

  /// What a checkpoint makes of it.
  var restored: Alerts {
    var restored = Alerts(intake: rules.number, of: UInt32(rules.others.count + 1))
    for fact in rules.condensed() { restored.apply(fact, at: now) }
    return restored
  }

  mutating func stepClock(by span: Span) {
    rules.clockStepped(by: span)
    now = now + span
  }

  func list(_ request: ListAlertsRequest = ListAlertsRequest()) throws(Refusal) -> ListAlertsReply {
    try rules.list(request)
  }

  mutating func remember(_ made: [AlertFact]) {
    for fact in made {
      rules.apply(fact, at: now)
      facts.append((fact, now))
    }
  }

  mutating func turn() {
    while let due = rules.nextDeadline, due <= now {
      let made = rules.lapse(at: now)
      precondition(!made.isEmpty, "something is due at \(due) and nothing came of it")
      remember(made)
    }
  }
}

extension Event {
  static func trigger(
    _ key: String = "down", _ severity: Severity = .sev1, source: String = "prometheus", at: Span? = nil,
    service: String = "", labels: [Label] = []
  ) -> Event {
    Event(
      action: .trigger, source: source, dedupKey: key, severity: severity, summary: "no ready pods", service: service,
      labels: labels, occurredAt: at.map { Intake.start + $0 } ?? .unset)
  }

  static func resolve(_ key: String = "down", source: String = "prometheus", at: Span? = nil) -> Event {
    Event(action: .resolve, source: source, dedupKey: key, occurredAt: at.map { Intake.start + $0 } ?? .unset)
  }

  static func acknowledge(_ key: String = "down", at: Span? = nil) -> Event {
    Event(action: .acknowledge, source: "prometheus", dedupKey: key, occurredAt: at.map { Intake.start + $0 } ?? .unset)
  }
}

extension IntakeConfiguration {
  static let team = IntakeConfiguration(
    services: [
      Service(name: "web", team: "platform", policy: "platform", runbook: "/web"),
      Service(name: "db", team: "data", policy: "data"),
    ],
    routes: [
      Route(name: "payments", labels: [Label(name: "area", value: "payments")], team: "money", policy: "strict"),
      Route(name: "db-backup", service: "db", labels: [Label(name: "job", value: "backup")], team: "platform"),
    ],
    classes: [
      AlertClass(name: "service_down", title: "Service Down", steps: ["Check pods", "Restart"], runbook: "/down")
    ],
    defaultTeam: "platform", defaultPolicy: "platform")
}
