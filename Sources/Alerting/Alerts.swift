import DequeModule
import Machinery
import Messages
import OrderedCollections

/// What alert-intake knows: open alerts by id and by dedup key, and how to route them.
///
/// A resolved alert stays until the escalator has it on disk; then only its id and the instant of its end are kept for a day: a
/// late copy of that end doesn't close what has fired again since, and what fires again says what it was before.
public struct Alerts: Machine {
  /// Whose dedup key: the same key of another source is another alert.
  struct Key: Hashable, Sendable {
    var source: String
    var dedupKey: String
  }
  struct Held: Hashable, Sendable {
    /// Its source's word about what is open at another intake is held too, until the escalator has it: as nothing open.
    var alert: Alert
    /// The generation that the escalator has.
    var handedOver: UInt64 = 0
    /// When intake last took a trigger for it in.
    var triggeredAt: Instant
    /// The escalator refused it even when cut down: not handed over again before this; unset when nothing stands in the way.
    var retryAt = Instant.unset
    /// The incident that it is a part of, or of which it is a further occurrence, as the escalator says; empty: one of its own, or it
    /// hasn't taken it.
    var partOf = ""
    /// Over then unless its source triggers it before; unset where only a resolve ends it.
    var lapseAt = Instant.unset

    var isOpen: Bool { alert.state != .resolved && !alert.elsewhere }
  }
  /// The last end of what was open under a key.
  struct Ended: Hashable, Sendable {
    /// When its source says that it ended; unset when it never gave a time.
    var occurredAt: Instant
    var forgetAt: Instant
    /// The last alert under the key that the escalator knows; empty: it knows none.
    var alertID = ""
  }

  var routing = Routing(IntakeConfiguration())
  /// By the number in the id.
  var held = NumberedPages<Held>()
  var openKeys = OpenKeys()
  var ended: [Key: Ended] = [:]
  var endedInOrder: Deque<Key> = []
  var numbered: UInt64 = 0
  var openAlerts = 0
  /// Changes come after all alerts.
  var debts = DebtQueue(urgencies: 6)
  /// When alerts that the escalator refused even when cut down are handed over again.
  var retries = DueTimes()
  var lapses = Lapses()
  /// Open alerts that configuration gives to another team, in the order in which they became that.
  var strays: OrderedSet<String> = []
  var silences: Silences
  var muted = Muted()
  var heartbeats = Heartbeats()
  var changes = Changes()
  var synthetic = Synthetic()
  var lateComers = LateComers()
  var told: ToldIntakes

  static let remembersEnds = Span.hours(24)

  /// Which of several intakes this is, from 1 on; 0: it is the only one. Alerts and silences are numbered apart by it.
  let intake: UInt32

  /// - Parameter intakes: how many there are, as far as it was told where the others are.
  public init(intake: UInt32 = 0, of intakes: UInt32 = 1) {
    self.intake = intake
    silences = Silences(intake: intake)
    told = ToldIntakes(intake: intake, of: intakes)
  }

  public var configuration: IntakeConfiguration { routing.configuration }
  public var openCount: Int { openAlerts }
  public var number: UInt32 { intake }
  /// The other intakes behind the address list.
  public var others: [Peer] { told.debts.keys.sorted { $0.rawValue < $1.rawValue } }
  public func alert(_ id: String) -> Alert? { one(id)?.alert }

  func one(_ id: String) -> Held? {
    guard let one = held[Self.number(ofId: id)], one.alert.id == id else { return nil }
    return one
  }

  // MARK: Deciding

  public func decide(_ input: AlertInput, at now: Instant) throws(Refusal) -> Decision<AlertFact, AlertAnswer> {
    switch input {
    case .publish(let event, let traceparent): try publish(event, traceparent: traceparent, at: now)
    case .close(let closing): try close(closing, at: now)
    case .configure(let configuration): try configure(configuration)
    case .silence(let request): try addSilence(request, at: now)
    case .endSilence(let ending): try endSilence(ending, at: now)
    case .beat(let request, let source): try beat(request, source: source, at: now)
    case .share(let shared): try share(shared, at: now)
    }
  }

  private func configure(_ wanted: IntakeConfiguration) throws(Refusal) -> Decision<AlertFact, AlertAnswer> {
    try wanted.check()
    var new = wanted
    new.dryRun = false
    let changes = new.changes(from: configuration)
    let applies = !wanted.dryRun && !changes.isEmpty
    let kept = Set(wanted.heartbeats.map(\.name))
    let forgotten = configuration.heartbeats.filter { !kept.contains($0.name) }
      .compactMap { heartbeatOver($0.name, by: "configuration") }
    return Decision(
      applies ? forgotten + [AlertFact(kind: .configured(new))] : [],
      answer: .configured(ConfigureReply(changes: changes, applied: !wanted.dryRun)))
  }

  // MARK: Time

  /// Strays are routed anew as soon as there are any, and what a silence kept quiet is looked at as soon as that is over, some
  /// at a time; silences end, and heartbeats are missed, in their time; refused alerts are handed over again after a pause.
  public func lapse(at now: Instant) -> [AlertFact] {
    guard strays.isEmpty else { return strays.prefix(Self.reroutedAtOnce).compactMap(reroute) }
    guard muted.due.count == 0 else { return releaseSome(at: now) }
    if let next = silences.next, next.untilAt <= now {
      return [AlertFact(kind: .silenceEnded(SilenceEnded(id: next.id)))]
    }
    if let next = heartbeats.next, next.due <= now { return missedHeartbeat(at: now) }
    if let next = synthetic.next, next <= now { return [AlertFact(kind: .syntheticSent(synthetic.following(at: now)))] }
    if let next = lapses.next, next.due <= now { return lapsed(at: now) }
    guard let next = retries.next, next.due <= now, let alert = alert(next.key) else { return [] }
    return [AlertFact(kind: .handOverDue(HandOverDue(id: alert.id, generation: alert.generation + 1)))]
  }

  public var nextDeadline: Instant? {
    guard strays.isEmpty, muted.due.count == 0 else { return Instant(milliseconds: 1) }
    let repeated = Self.earliest(retries.next?.due, lapses.next?.due)
    let soonest = Self.earliest(heartbeats.next?.due, Self.earliest(synthetic.next, repeated))
    return Self.earliest(silences.next?.untilAt, soonest)
  }

  /// Asked for each turn of the loop.
  private static func earliest(_ one: Instant?, _ other: Instant?) -> Instant? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
  }

  public mutating func restarted(at instant: Instant) {
    heartbeats.restarted(at: instant)
    giveTimeToTellAgain(at: instant)
  }

  public mutating func peerLost(_ peer: Peer, at instant: Instant) {
    if peer == .scheduler { changes.oweAgain() }
    if peer.intakeNumber != nil { tellAgain(peer, at: instant) }
    guard peer == .escalator else { return }
    for change in changes.forgottenByReviews() { oweEvidence(change) }
    updateAll { alerts, one in
      one.handedOver = 0
      one.partOf = ""
      alerts.owe(one.alert, since: instant)
    }
  }

  /// The escalator may know newer states of alerts than those that are left here: it gets them all again, as newer still,
  /// and says which of them are over. It may know silenced ones too, which only now are found silenced: they are not any more.
  /// More a second than any disk makes durable are skipped.
  public mutating func skipNumbers(over lost: Span) {
    numbered += lost.numbersLost(margin: 10_000, perSecond: 100_000)
    silences.number(from: silences.numbered + lost.numbersLost(margin: 1_000, perSecond: 1))
    let generations = lost.numbersLost(margin: 1_000, perSecond: 100_000)
    muted = Muted()
    updateAll { alerts, one in
      one.alert.generation += generations
      one.alert.silencedBy = ""
      one.handedOver = 0
      one.partOf = ""
      alerts.owe(one.alert, since: one.alert.changedAt)
    }
  }

  /// The age of what the escalator doesn't have yet is elapsed time, and so are pauses and how long ago a trigger came.
  public mutating func clockStepped(by span: Span) {
    heartbeats.clockStepped(by: span)
    changes.clockStepped(by: span)
    synthetic.clockStepped(by: span)
    lateComers.clockStepped(by: span)
    updateAll { alerts, one in
      one.triggeredAt = one.triggeredAt + span
      if alerts.debts.contains(one.alert.id) { one.alert.openedAt = one.alert.openedAt + span }
      if one.lapseAt.isSet {
        one.lapseAt = one.lapseAt + span
        alerts.lapses.set(one)
      }
      guard one.retryAt.isSet else { return }
      one.retryAt = one.retryAt + span
      alerts.retries.set(one.alert.id, to: one.retryAt)
    }
  }

  /// In place: while it goes on, `held` is empty.
  mutating func updateAll(_ change: (_ alerts: inout Alerts, _ one: inout Held) -> Void) {
    var all = held
    held = NumberedPages()
    all.updateAll { _, one in change(&self, &one) }
    held = all
  }
}
