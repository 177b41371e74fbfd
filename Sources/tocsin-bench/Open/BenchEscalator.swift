import Bus
import Configuration
import Escalating
import Machinery
import Messages
import Tiers

/// The escalator's rules in their engine, without a disk or peers: entries are encoded and dropped, payments succeed at
/// once.
final class BenchEscalator: @unchecked Sendable {
  // Sendable because it is used by one task or thread after the other, never by two at once.
  let tier = Tier.escalator(zones: .init())
  let engine: Engine<Escalations, Int>
  private(set) var now: Instant
  private var count = 0
  private var settlements: [Settlement] = []
  private var generation: UInt64 = 1

  /// Time between two openings: as many acknowledgement targets a second fall due later.
  private let apart: Span

  init(
    config: String, at start: Instant = Instant(milliseconds: 1_800_000_000_000), apart: Span = .milliseconds(1)
  ) throws {
    now = start
    self.apart = apart
    engine = tier.makeEngine(ticket: Int.self)
    let files = try SourceFile.gather([config])
    var configuration = try ClusterConfiguration(reading: files).escalation
    // Each alert is an incident of its own here: incidents are what is measured.
    for index in configuration.policies.indices { configuration.policies[index].grouping = nil }
    hear(.configure(configuration))
    hear(.timeline(Self.timeline(at: now)))
  }

  /// Opens so many incidents, a millisecond apart; the page, the post and the record of each are handed over.
  func open(_ wanted: Int) {
    while count < wanted {
      count += 1
      now = now + apart
      hear(.alert(alert(count)))
      if count % 32 == 0 { turn() }
    }
    while [Peer.notifier, .scheduler].contains(where: { engine.rules.debtSummary(to: $0).count > 0 }) { turn() }
  }

  /// Microseconds an event: news of alerts, receipts and status updates of incidents all over the set.
  func costOfEvents(_ events: Int) -> Double {
    let step = max(1, count / events) | 1
    var place = 0
    let began = PollThread.now()
    for number in 0..<events {
      place = (place + step * 7) % count
      if place == 0 { generation += 1 }
      hear(event(number, about: place + 1))
      if number % 64 == 63 { turn() }
    }
    turn()
    turn()
    return Double(PollThread.now() - began) / 1_000 / Double(events)
  }

  /// The same news, as so many rows that they make; some news change nothing. Fewer only when nearly none does.
  func rows(_ wanted: Int) -> [Row] {
    var rows: [Row] = []
    var number = 0
    generation += 1
    while rows.count < wanted, number < 100 * wanted {
      hear(event(number, about: (number * 7) % count + 1))
      number += 1
      if number % 64 == 0 { rows += turn() }
    }
    return Array(rows.prefix(wanted))
  }

  /// How late each timer was, in nanoseconds: on a poll thread, by the real clock, from the instant on at which the first
  /// acknowledgement target is due.
  func lateness(seconds: Int) async -> [UInt64] {
    guard let first = engine.rules.nextDeadline else { return [] }
    let thread = PollThread(name: "timers")
    return await withUnsafeContinuation { done in
      thread.post {
        TimerWatch(self, on: thread, from: first, seconds: seconds) { done.resume(returning: $0) }.step()
      }
    }
  }

  /// One overdue incident, and what follows from it.
  func lapseOne(at instant: Instant) {
    now = max(now, instant)
    _ = engine.lapse(at: instant, limit: 1)
    turn()
  }

  /// Everything that is due by then.
  func goOn(to instant: Instant) {
    while let due = engine.rules.nextDeadline, due <= instant { lapseOne(at: due) }
    now = max(now, instant)
    while engine.rules.debtSummary(to: .notifier).count > 0 { turn() }
  }

  @discardableResult
  func turn() -> [Row] {
    let arrived = settlements
    settlements.removeAll(keepingCapacity: true)
    engine.settle(arrived, at: now)
    engine.stagePayments(at: now)
    let rows = engine.takeBatch()
    engine.durable(through: engine.decidedThrough)
    engine.takeReplies { _ in }
    engine.takePayments { settlements.append(Settlement(peer: $0.peer, key: $0.debt.key, status: .ok)) }
    return rows
  }

  private func hear(_ input: EscalationInput) {
    engine.receive(input, as: nil, ticket: 0, at: now) { _ in [] }
  }

  private func alert(_ number: Int, seen: UInt64 = 1) -> Alert {
    Alert(
      id: Self.id(number), generation: seen, state: .open, source: "prometheus", dedupKey: "bench/\(number)",
      severity: .sev2, summary: "5xx of aion-web-api above 2 % for five minutes", alertClass: "high_error_rate",
      service: "aion-web-api", team: "platform", policy: "platform",
      steps: [
        "Check recent deployments", "Review logs for error patterns", "Check database health", "Consider rollback",
      ],
      runbook: "/docs/runbooks/high_error_rate.md", openedAt: now, occurredAt: now, changedAt: now, count: seen,
      handedOverAt: now)
  }

  private static func id(_ number: Int) -> String { "2f-\(String(number, radix: 36))" }

  private func event(_ number: Int, about incident: Int) -> EscalationInput {
    let id = Self.id(incident)
    switch number % 3 {
    case 0: return .alert(alert(incident, seen: generation + UInt64(number)))
    case 1:
      return .receipt(
        PageReceipt(
          pageId: "\(id)/dee/1", incidentId: id, generation: UInt64(number), channel: "push", outcome: "handed over",
          words: "200", happenedAt: now, person: "dee"))
    default:
      return .update(
        UpdateRequest(
          incidentId: id, by: "dee", status: .investigating, impact: "5xx for some", actions: "rolling back",
          next: "watching", eta: "10 min"))
    }
  }

  private static func timeline(at now: Instant) -> Timeline {
    let people = ["dee", "eli", "theo"]
    return Timeline(
      team: "platform", generation: 1, publishedAt: now, fromAt: now - .days(1), untilAt: now + .days(60),
      shifts: people.enumerated().map { tier, person in
        Shift(
          tier: UInt32(tier + 1), person: person, fromAt: now - .days(1), untilAt: now + .days(60), because: .rotation,
          explanation: "rotation")
      }, lead: "theo", people: people.map { Person(id: $0, name: $0) })
  }
}
