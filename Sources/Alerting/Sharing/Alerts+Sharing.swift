import Machinery
import Messages

/// What is said at one of several intakes counts at all of them: each tells the others what it hears, for as long as it takes. Readings:
/// - A silence keeps quiet at every intake what it is about, from when that has heard of it; its end by hand likewise. Where an intake
///   hasn't heard of it, what opens there pages: rather a page too many than one too few.
/// - A heartbeat that one intake has heard is no silence of its source at another, and ends the alarm that an intake had made which
///   was out of the source's reach.
/// - What is known of a silence from another intake is told on as well, so that one that can be reached from some only hears all the
///   same. Who hears something twice has heard it once.
/// - Alerts are each intake's own: of those the escalator makes one incident.
extension Alerts {
  func share(_ shared: Shared, at now: Instant) throws(Refusal) -> Decision<AlertFact, AlertAnswer> {
    let facts: [AlertFact]
    switch shared.kind {
    case .silence(let silence): facts = try heardOf(silence, at: now)
    case .silenceOver(let ending): facts = heardOf(ending)
    case .beat(let heard): facts = heardOf(heard, at: now)
    case nil: throw .invalid("kind", "must be a silence, its end, or a heartbeat")
    }
    return Decision(facts, answer: .done(Done()))
  }

  private func heardOf(_ silence: Silence, at now: Instant) throws(Refusal) -> [AlertFact] {
    guard silences[silence.id] == nil, silence.untilAt > now else { return [] }
    let added = try SilenceRules.silence(SilenceRequest(silence), id: silence.id, at: now)
    guard silences.running.count < Silences.runningAtMost else {
      throw Refusal(.resourceExhausted, "there are \(Silences.runningAtMost) silences: end some first")
    }
    return [AlertFact(kind: .silenceAdded(added))]
  }

  private func heardOf(_ ending: SilenceEnding) -> [AlertFact] {
    guard let silence = silences[ending.id], !silence.endedAt.isSet else { return [] }
    return [AlertFact(kind: .silenceEnded(SilenceEnded(id: ending.id, by: ending.by, reason: ending.reason)))]
  }

  /// One that is too long ago to matter still is none.
  private func heardOf(_ heard: BeatHeard, at now: Instant) -> [AlertFact] {
    let at = now - max(.zero, heard.heardAgo)
    guard let beat = heartbeats[heard.name], at > beat.lastAt, at + beat.heartbeat.every + beat.heartbeat.grace > now
    else { return [] }
    let seen = AlertFact(kind: .heartbeatSeen(HeartbeatSeen(name: heard.name, passedOn: true, heardAt: at)))
    return [seen] + [heartbeatOver(heard.name, by: Self.heartbeatSource)].compactMap { $0 }
  }

  // MARK: Telling

  func debt(_ id: String, toIntake peer: Peer) -> AlertDebt? {
    if let name = ToldIntakes.beat(ofDebt: id) {
      return heartbeats[name].map { .beat(name: name, at: $0.lastAt) }
    }
    guard let silence = silences[id] else { return nil }
    return silence.endedAt.isSet ? .silenceOver(silence) : .silence(silence)
  }

  /// One that refuses for good is not asked again: it says so in its log.
  func settleTold(_ settlement: Settlement) -> [AlertFact] {
    let (key, peer) = (settlement.key, settlement.peer)
    guard told.owes(key.id, to: peer), debt(key.id, toIntake: peer).map({ $0.key == key }) ?? true else { return [] }
    return [
      AlertFact(kind: .passedOn(PassedOn(peer: peer.rawValue, id: key.id, generation: key.generation)))
    ]
  }

  mutating func apply(_ passed: PassedOn) {
    guard let peer = Peer(rawValue: passed.peer) else { return }
    if passed.owed {
      told.owe(passed.id, passed.generation, to: peer, since: passed.sinceAt)
    } else {
      told.settle(passed.id, to: peer)
    }
  }

  mutating func tell(_ silence: Silence, at instant: Instant) {
    guard !silence.endedAt.isSet else { return }
    told.owe(silence.id, ToldIntakes.added, since: instant)
  }

  /// The end that time brings about each intake knows itself.
  mutating func tell(_ ending: SilenceEnded, at instant: Instant) {
    if ending.by.isEmpty {
      told.forget(ending.id)
    } else {
      told.owe(ending.id, ToldIntakes.ended, since: instant)
    }
    // Who was away for as long as ended silences are listed has nothing to learn of them.
    forgetToldOfWhatIsGone()
  }

  mutating func tell(_ seen: HeartbeatSeen, at instant: Instant) {
    guard !seen.passedOn else { return }
    told.owe(ToldIntakes.id(ofBeat: seen.name), UInt64(max(0, instant.milliseconds)), since: instant)
  }

  /// Silences that are listed no more, and heartbeats that configuration doesn't name any more.
  mutating func forgetToldOfWhatIsGone() {
    for id in Set(told.debts.values.flatMap { $0.first(.max) }) {
      let isGone = ToldIntakes.beat(ofDebt: id).map { heartbeats[$0] == nil } ?? (silences[id] == nil)
      if isGone { told.forget(id) }
    }
  }

  /// An intake has lost what it was told.
  mutating func tellAgain(_ peer: Peer, at instant: Instant) {
    for id in silences.running.keys { told.owe(id, ToldIntakes.added, to: peer, since: instant) }
  }

  /// In a checkpoint a silence stands as it was added: of which it is told, and what is still to be told besides.
  var toldFacts: [AlertFact] {
    told.debts.keys.sorted { $0.rawValue < $1.rawValue }.flatMap { peer in
      let running = silences.running.keys.filter { !told.owes($0, to: peer) }.map { (id: $0, owed: false) }
      let owed = told.debts[peer]!.first(.max).filter { silences.running[$0] == nil }.map { (id: $0, owed: true) }
      return (running + owed).map { id, owed in
        AlertFact(
          kind: .passedOn(
            PassedOn(
              peer: peer.rawValue, id: id, generation: debt(id, toIntake: peer)?.key.generation ?? 0, owed: owed)))
      }
    }
  }
}

extension Shared {
  /// What another intake is told; nil where a debt is not to intakes.
  ///
  /// - Parameter saidAt: now, by the clock of the one that tells it.
  public init?(_ debt: AlertDebt, saidAt: Instant) {
    switch debt {
    case .silence(let silence): self.init(kind: .silence(silence))
    case .silenceOver(let silence):
      self.init(
        kind: .silenceOver(SilenceEnding(id: silence.id, by: silence.endedBy, reason: silence.endedBecause)))
    case .beat(let name, let at):
      self.init(kind: .beat(BeatHeard(name: name, heardAgo: max(.zero, saidAt - at))))
    default: return nil
    }
  }
}

extension SilenceRequest {
  fileprivate init(_ silence: Silence) {
    self.init(
      matchers: silence.matchers, severities: silence.severities, by: silence.by, reason: silence.reason,
      fromAt: silence.fromAt, untilAt: silence.untilAt, id: silence.id)
  }
}
