import Machinery
import Messages

/// What an event makes of the alert under its key (requirements I1, I2).
extension Alerts {
  func publish(
    _ event: Event, traceparent: [UInt8], at now: Instant
  ) throws(Refusal) -> Decision<AlertFact, AlertAnswer> {
    try EventRules.check(event)
    let open = openAlert(under: event)
    if isStale(event, open: open, at: now) { return unchanged(open) }
    switch (event.action, open) {
    case (.change, _):
      let noted = noteChange(event)
      return decision([.changeNoted(noted)], noted.id, .noted, count: 1)
    case (.trigger, nil):
      let alert = newAlert(of: event, traceparent: traceparent, at: now)
      return decision([.opened(alert)], alert.id, .opened, count: 1, silencedBy: alert.silencedBy)
    case (.trigger, let held?): return again(event, held, at: now)
    case (.acknowledge, let held?) where held.alert.state == .open:
      let moved = AlertFact.Kind.moved(move(held, to: .acknowledged, event))
      return decision([moved] + wordOfSilenced(event, held, at: now), held.alert, .acknowledged)
    case (.resolve, let held?):
      let moved = AlertFact.Kind.moved(move(held, to: .resolved, event))
      return decision([moved] + wordOfSilenced(event, held, at: now), held.alert, .closed)
    case (.acknowledge, nil), (.resolve, nil):
      guard let word = word(of: event, at: now) else { return unchanged(nil) }
      return decision([.opened(word)], "", .passedOn, count: 0)
    default: return unchanged(open)
    }
  }

  /// The escalator closed the incident. If the source reported again after that, the report is a new alert: it was counted to
  /// the old one only because the news had not arrived.
  func close(_ closing: AlertClosing, at now: Instant) throws(Refusal) -> Decision<AlertFact, AlertAnswer> {
    guard !closing.alertId.isEmpty else { throw .invalid("alert_id", "must not be empty") }
    guard closing.closedAt.isSet else {
      throw .invalid("closed_at_ms", "must say when: what was reported since then is a new alert")
    }
    guard let old = one(closing.alertId), old.isOpen else {
      return Decision([], answer: .done(Done()))
    }
    let end = AlertMoved(
      id: old.alert.id, generation: old.alert.generation, state: .resolved, severity: old.alert.severity,
      occurredAt: old.alert.occurredAt, by: closing.by, toldByEscalator: true)
    var facts = [AlertFact(kind: .moved(end))]
    if old.triggeredAt > Self.closed(closing, by: now) {
      facts.append(AlertFact(kind: .opened(anew(old, at: now))))
    }
    return Decision(facts, answer: .done(Done()))
  }

  /// When the incident was closed, by intake's clock: how long ago that was is the escalator's word, and clocks differ.
  private static func closed(_ closing: AlertClosing, by now: Instant) -> Instant {
    guard closing.handedOverAt.isSet else { return closing.closedAt }
    return now - max(.zero, closing.handedOverAt - closing.closedAt)
  }

  private func anew(_ held: Held, at now: Instant) -> Alert {
    let old = held.alert
    let destination = routing.destination(service: old.service, labels: old.labels)
    var alert = old
    alert.id = Shard(number: alert.shard).id(number: numbered + 1, intake: intake)
    alert.generation = 1
    alert.state = .open
    // At another intake its source may have ended since what it reported here: then this is over when it is handed over.
    alert.openedAt = intake > 0 ? held.triggeredAt : now
    alert.changedAt = now
    alert.count = 1
    alert.refusal = ""
    alert.releasedFrom = ""
    alert.team = destination.team
    alert.policy = destination.policy
    alert.routedBy = destination.routedBy
    if !old.dedupKey.isEmpty { alert.formerId = old.id }
    alert.silencedBy = silence(for: alert, at: now)
    return alert
  }

  /// What was open under a key before and ended within a day, as the escalator knows it: it may go on with that incident (E6).
  private func former(under key: Key, at now: Instant) -> String {
    guard let end = ended[key], now < end.forgetAt else { return "" }
    return end.alertID
  }

  func openAlert(under event: Event) -> Held? {
    guard !event.dedupKey.isEmpty else { return nil }
    var open: Held?
    openKeys.first(event.dedupKey) { number in
      guard let one = held[number], one.alert.source == event.source, one.alert.dedupKey == event.dedupKey else {
        return false
      }
      open = one
      return true
    }
    return open
  }

  /// Whether a resolve or an acknowledgement is about something older than the newest trigger of its key. The source's
  /// times are compared with each other only, never with our clock; and a trigger is never too old: Alertmanager gives an
  /// alert that fires again the time at which it fired first, and clocks go slow.
  private func isStale(_ event: Event, open: Held?, at now: Instant) -> Bool {
    guard event.action == .resolve || event.action == .acknowledge, event.occurredAt.isSet, let open else {
      return false
    }
    if event.occurredAt < open.alert.occurredAt { return true }
    guard let end = ended[Key(source: event.source, dedupKey: event.dedupKey)], now < end.forgetAt else { return false }
    return event.occurredAt <= end.occurredAt
  }

  /// One of several intakes doesn't know whether its sources' ends and acknowledgements are about what another one holds: the
  /// escalator does. Not what was heard here before, nor what has no key to be known by.
  private func word(of event: Event, at now: Instant) -> Alert? {
    guard intake > 0 else { return nil }
    if event.occurredAt.isSet, let end = ended[Key(source: event.source, dedupKey: event.dedupKey)],
      now < end.forgetAt, event.occurredAt <= end.occurredAt
    {
      return nil
    }
    let shard = Shard(team: "", dedupKey: event.dedupKey)
    return Alert(
      id: shard.id(number: numbered + 1, intake: intake), generation: 1,
      state: event.action == .resolve ? .resolved : .acknowledged, source: event.source, dedupKey: event.dedupKey,
      openedAt: now, occurredAt: event.occurredAt, changedAt: now, shard: shard.number, elsewhere: true)
  }

  /// Of what is silenced here the escalator hears nothing; another intake may have handed its own over before the silence began.
  private func wordOfSilenced(_ event: Event, _ held: Held, at now: Instant) -> [AlertFact.Kind] {
    guard !held.alert.silencedBy.isEmpty, let word = word(of: event, at: now) else { return [] }
    return [.opened(word)]
  }

  func newAlert(of event: Event, traceparent: [UInt8], at now: Instant) -> Alert {
    let destination = routing.destination(service: event.service, labels: event.labels)
    let (steps, runbook) = routing.steps(alertClass: event.alertClass, service: event.service)
    let number = numbered + 1
    let key = event.dedupKey.isEmpty ? String(number) : event.dedupKey
    let shard = Shard(team: destination.team, dedupKey: key)
    var alert = Alert(
      id: shard.id(number: number, intake: intake), generation: 1, state: .open, source: event.source,
      dedupKey: event.dedupKey,
      severity: event.severity, summary: event.summary, alertClass: event.alertClass, service: event.service,
      team: destination.team, policy: destination.policy, labels: event.labels, links: event.links,
      details: event.details, steps: steps, runbook: runbook, openedAt: now,
      occurredAt: event.occurredAt, changedAt: now, count: 1, shard: shard.number, traceparent: traceparent,
      routedBy: destination.routedBy, lapseAfter: event.lapseAfter)
    if !event.dedupKey.isEmpty {
      alert.formerId = former(under: Key(source: event.source, dedupKey: event.dedupKey), at: now)
    }
    alert.silencedBy = silence(for: alert, at: now)
    return alert
  }

  /// One more of an open alert; a worse severity is news for the escalator, and may be more than a silence covers.
  private func again(_ event: Event, _ held: Held, at now: Instant) -> Decision<AlertFact, AlertAnswer> {
    var alert = held.alert
    alert.count += 1
    var facts: [AlertFact.Kind] = [
      .repeatedOnce(
        AlertRepeated(id: held.alert.id, occurredAt: event.occurredAt, lapseAfter: event.lapseAfter))
    ]
    if event.severity.rawValue < held.alert.severity.rawValue {
      var moved = move(held, to: held.alert.state, event)
      moved.severity = event.severity
      facts.append(.moved(moved))
      alert.severity = event.severity
      if !alert.silencedBy.isEmpty, let released = release(alert, at: now) {
        facts.append(.released(released))
        alert.silencedBy = released.silencedBy
      }
    }
    return decision(facts, alert, .counted)
  }

  func move(_ held: Held, to state: AlertState, _ event: Event) -> AlertMoved {
    AlertMoved(
      id: held.alert.id, generation: held.alert.generation + 1, state: state, severity: held.alert.severity,
      occurredAt: event.occurredAt, by: event.source)
  }

  private func decision(
    _ facts: [AlertFact.Kind], _ id: String, _ disposition: Disposition, count: UInt64, silencedBy: String = ""
  ) -> Decision<AlertFact, AlertAnswer> {
    Decision(
      facts.map { AlertFact(kind: $0) },
      answer: .published(
        PublishReply(alertId: id, disposition: disposition, count: count, silencedBy: silencedBy)))
  }

  private func decision(
    _ facts: [AlertFact.Kind], _ alert: Alert, _ disposition: Disposition
  ) -> Decision<AlertFact, AlertAnswer> {
    decision(facts, alert.id, disposition, count: alert.count, silencedBy: alert.silencedBy)
  }

  private func unchanged(_ open: Held?) -> Decision<AlertFact, AlertAnswer> {
    guard let alert = open?.alert else { return decision([], "", .unchanged, count: 0) }
    return decision([], alert, .unchanged)
  }
}
