import Machinery
import Messages

/// How facts change what intake knows.
extension Alerts {
  public mutating func apply(_ fact: AlertFact, at instant: Instant) {
    switch fact.kind {
    case .opened(let alert):
      // Routed by this very configuration. What is opened anew was reported before.
      hold(
        Held(
          alert: alert, triggeredAt: min(alert.openedAt, instant), lapseAt: Lapses.due(alert.lapseAfter, from: instant))
      )
      if alert.elsewhere { noteEnd(alert, at: instant) }
    case .snapshot(let snapshot):
      guard let alert = snapshot.alert else { return }
      let one = Held(
        alert: alert, handedOver: snapshot.handedOver, triggeredAt: snapshot.triggeredAt, retryAt: snapshot.retryAt,
        partOf: snapshot.partOf, lapseAt: snapshot.lapseAt)
      hold(one)
      noteStray(one)
      if !alert.releasedFrom.isEmpty || alert.changedAt != alert.openedAt {
        lateComers.note(Self.number(ofId: alert.id), at: max(alert.openedAt, alert.changedAt))
      }
    case .repeatedOnce(let event): apply(event, at: instant)
    case .moved(let move): apply(move, at: instant)
    case .changeNoted(let noted):
      numbered = max(numbered + 1, Self.number(ofId: noted.id))
      let change = Self.change(noted, at: instant)
      changes.note(change, at: instant)
      oweEvidence(change)
    case .changeHandedOver(let handedOver):
      changes.handedOver(handedOver, at: instant)
      if handedOver.toEscalator { debts.settle(handedOver.id) }
    case .change(let kept):
      guard let change = kept.change else { return }
      changes.keep(.init(change: change, isTold: kept.told, isReviewed: kept.reviewed))
      if !kept.reviewed { oweEvidence(change) }
    case .configured(let configuration):
      routing = Routing(configuration)
      heartbeats.follow(configuration.heartbeats, at: instant)
      forgetToldOfWhatIsGone()
      synthetic.follow(configuration.syntheticEvery, at: instant)
      if !synthetic.latest.owed { debts.settle(Synthetic.id) }
      strays = []
      held.forEach { _, one in
        noteStray(one)
        return true
      }
    case .handedOver(let handedOver): apply(handedOver, at: instant)
    case .numbering(let numbering):
      numbered = max(numbered, numbering.last)
      silences.number(from: numbering.lastSilence)
    case .ended(let end):
      remember(
        Ended(occurredAt: end.occurredAt, forgetAt: end.forgetAt, alertID: end.alertId),
        under: Key(source: end.source, dedupKey: end.dedupKey),
        at: instant)
    case .rerouted(let rerouted): apply(rerouted)
    case .handOverDue(let due): apply(due)
    case .heartbeatSeen(let seen):
      heartbeats.seen(seen.name, at: seen.heardAt.isSet ? seen.heardAt : instant)
      tell(seen, at: instant)
    case .heartbeatMissed(let missed): heartbeats.missed(missed.name, at: instant)
    case .heartbeatSnapshot(let snapshot): heartbeats.restore(snapshot)
    case .silenceAdded(let silence):
      silences.add(silence)
      tell(silence, at: instant)
    case .passedOn(let passed): apply(passed)
    case .silenceEnded(let ending): apply(ending, at: instant)
    case .released(let released): apply(released, at: instant)
    case .syntheticSent(let sent): apply(sent)
    case nil: break
    }
  }

  private mutating func hold(_ one: Held) {
    let alert = one.alert
    let number = Self.number(ofId: alert.id)
    held[number] = one
    if one.isOpen {
      openAlerts += 1
      if !alert.dedupKey.isEmpty { openKeys.insert(number, alert.dedupKey) }
    }
    numbered = max(numbered, number)
    if one.retryAt.isSet { retries.set(alert.id, to: one.retryAt) }
    if one.isOpen { lapses.set(one) }
    if !alert.silencedBy.isEmpty { mute(alert) }
    if one.handedOver < alert.generation { owe(alert, since: alert.changedAt) }
  }

  /// The number in an alert's id: later alerts have greater ones.
  static func number(ofId id: String) -> UInt64 {
    guard let dash = id.utf8.lastIndex(of: UInt8(ascii: "-")) else { return 0 }
    return UInt64(id[id.index(after: dash)...], radix: 36) ?? 0
  }

  /// One more, and the newest word of the source for when it happened: an older resolve is not about this.
  private mutating func apply(_ event: AlertRepeated, at instant: Instant) {
    var told: Held?
    held.update(Self.number(ofId: event.id)) { one in
      one.alert.count += 1
      one.alert.occurredAt = max(one.alert.occurredAt, event.occurredAt)
      one.triggeredAt = instant
      guard one.lapseAt.isSet || event.lapseAfter > .zero else { return }
      one.alert.lapseAfter = event.lapseAfter
      one.lapseAt = Lapses.due(event.lapseAfter, from: instant)
      told = one
    }
    if let told { lapses.set(told) }
  }

  private mutating func apply(_ move: AlertMoved, at instant: Instant) {
    guard var one = one(move.id) else { return }
    let wasOpen = one.isOpen
    if move.severity.rawValue < one.alert.severity.rawValue { lateComers.note(Self.number(ofId: move.id), at: instant) }
    one.alert.generation = move.generation
    one.alert.state = move.state
    one.alert.severity = move.severity
    one.alert.changedAt = instant
    one.alert.lapsed = move.lapsed
    held[Self.number(ofId: move.id)] = one
    takeUpAgain(move.id)
    if wasOpen, move.state == .resolved { close(one.alert, by: move, at: instant) }
    let nobodyKnows = move.state == .resolved && !one.alert.silencedBy.isEmpty
    if move.toldByEscalator || nobodyKnows {
      debts.settle(move.id)
      drop(move.id)
    } else {
      owe(one.alert, since: instant)
    }
  }

  private mutating func close(_ alert: Alert, by move: AlertMoved, at instant: Instant) {
    openAlerts -= 1
    strays.remove(alert.id)
    lapses.forget(alert.id)
    openKeys.remove(Self.number(ofId: alert.id), alert.dedupKey)
    if !alert.silencedBy.isEmpty { muted.remove(Self.number(ofId: alert.id), under: alert.silencedBy) }
    guard !alert.dedupKey.isEmpty else { return }
    let key = Key(source: alert.source, dedupKey: alert.dedupKey)
    var end = ended[key] ?? Ended(occurredAt: .unset, forgetAt: .unset)
    end.forgetAt = instant + Self.remembersEnds
    if !move.toldByEscalator, move.occurredAt.isSet { end.occurredAt = move.occurredAt }
    // Of what was silenced the escalator never heard.
    if alert.silencedBy.isEmpty { end.alertID = alert.id }
    remember(end, under: key, at: instant)
  }

  /// The same word is not passed on again.
  private mutating func noteEnd(_ word: Alert, at instant: Instant) {
    guard word.state == .resolved, word.occurredAt.isSet else { return }
    let key = Key(source: word.source, dedupKey: word.dedupKey)
    var end = ended[key] ?? Ended(occurredAt: .unset, forgetAt: .unset)
    end.occurredAt = max(end.occurredAt, word.occurredAt)
    end.forgetAt = instant + Self.remembersEnds
    remember(end, under: key, at: instant)
  }

  mutating func drop(_ id: String) {
    held[Self.number(ofId: id)] = nil
    retries.set(id, to: nil)
  }

  private mutating func remember(_ end: Ended, under key: Key, at instant: Instant) {
    if ended.updateValue(end, forKey: key) == nil { endedInOrder.append(key) }
    while let oldest = endedInOrder.first, ended[oldest].map({ $0.forgetAt < instant }) ?? true {
      ended[oldest] = nil
      endedInOrder.removeFirst()
    }
  }
}
